package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the vectors in testdata anew")

const vectorsFile = "testdata/vectors.json"

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

func unb64(t testing.TB, s string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func loadVectors(t testing.TB) (v vectors) {
	t.Helper()
	b, err := os.ReadFile(vectorsFile)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// The checked-in vectors are what the code makes today. Ciphertexts count by
// name only: their bytes change with the versions of Go and age.
func TestVectorsAreCurrent(t *testing.T) {
	made := makeVectors(t)
	if *update {
		if err := os.WriteFile(vectorsFile, encodeJSON(t, made), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have := loadVectors(t)
	if !bytes.Equal(encodeJSON(t, withoutCiphertexts(have)), encodeJSON(t, withoutCiphertexts(made))) {
		t.Error("vectors.json is not what the code makes: a change of format, or run with -update")
	}
}

func encodeJSON(t *testing.T, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func withoutCiphertexts(v vectors) vectors {
	v.Ciphertexts, v.BadCiphertexts = slices.Clone(v.Ciphertexts), slices.Clone(v.BadCiphertexts)
	for i := range v.Ciphertexts {
		v.Ciphertexts[i].Ciphertext = ""
	}
	for i := range v.BadCiphertexts {
		v.BadCiphertexts[i].Ciphertext = ""
	}
	return v
}

func TestLinkVectors(t *testing.T) {
	v := loadVectors(t)
	for _, c := range v.Links {
		l, err := ParseLink(c.Link)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		if l.Service != c.Service || hex.EncodeToString(l.Reference[:]) != c.Reference ||
			hex.EncodeToString(l.Token[:]) != c.Secret || l.Passphrase != c.Passphrase || l.String() != c.Canonical {
			t.Errorf("%s: parsed to something else", c.Name)
		}
	}
	for _, c := range v.ControlLinks {
		l, err := ParseControlLink(c.Link)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		if l.Service != c.Service || hex.EncodeToString(l.Reference[:]) != c.Reference ||
			hex.EncodeToString(l.ManageKey[:]) != c.Secret || l.String() != c.Canonical {
			t.Errorf("%s: parsed to something else", c.Name)
		}
	}
	for _, c := range v.BadLinks {
		_, err := ParseLink(c.Link)
		checkLinkError(t, c, err)
	}
	for _, c := range v.BadControlLinks {
		_, err := ParseControlLink(c.Link)
		checkLinkError(t, c, err)
	}
}

func checkLinkError(t *testing.T, c badLinkVector, err error) {
	t.Helper()
	var e *LinkError
	if !errors.As(err, &e) || e.Code != c.Error {
		t.Errorf("%s: got %v, want code %q", c.Name, err, c.Error)
		return
	}
	if e.Error() == "" || e.Hint == "" {
		t.Errorf("%s: no words for code %q", c.Name, c.Error)
	}
}

func TestKeyVectors(t *testing.T) {
	v := loadVectors(t)
	for i, c := range v.Keys {
		var l Link
		hex.Decode(l.Reference[:], []byte(c.Reference))
		hex.Decode(l.Token[:], []byte(c.Token))
		k := l.Keys()
		verifier := Verifier(k.Claim)
		if k.derived != c.Derived || hex.EncodeToString(k.Claim[:]) != c.ClaimKey || hex.EncodeToString(verifier[:]) != c.ClaimVerifier {
			t.Errorf("keys %d differ", i)
		}
	}
	for _, c := range v.Passphrases {
		got, err := Keys{derived: c.Derived, passphrase: true}.AgePassphrase(c.Typed)
		if err != nil || got != c.AgePassphrase || got != c.Derived+"."+c.Normalized {
			t.Errorf("%s: got %q, %v", c.Name, got, err)
		}
	}
	want := map[string]error{"empty": ErrPassphraseEmpty, "characters": ErrPassphraseInvalid, "too-long": ErrPassphraseTooLong}
	for _, c := range v.BadPassphrases {
		if _, err := normalize(c.Typed); err == nil || err != want[c.Error] {
			t.Errorf("%s: got %v, want %q", c.Name, err, c.Error)
		}
	}
}

func TestPaddingAndNameVectors(t *testing.T) {
	v := loadVectors(t)
	for _, c := range v.Padding {
		if got := padded(c.Length); got != c.Padded {
			t.Errorf("padded(%d) = %d, want %d", c.Length, got, c.Padded)
		}
	}
	for _, c := range v.Names {
		var files []File
		for _, n := range c.Given {
			files = append(files, File{Name: n})
		}
		if got := storedNames(files); fmt.Sprint(got) != fmt.Sprint(c.Stored) {
			t.Errorf("%s: got %q, want %q", c.Name, got, c.Stored)
		}
	}
}

func TestContainerVectors(t *testing.T) {
	v := loadVectors(t)
	for _, c := range v.Containers {
		want := make([]byte, c.Length)
		copy(want, unb64(t, c.Head))
		if fmt.Sprintf("%x", sha256.Sum256(want)) != c.SHA256 {
			t.Errorf("%s: the vector's own digest is wrong", c.Name)
		}
		var got bytes.Buffer
		if err := writeContainer(&got, c.message(t)); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%s: the container differs", c.Name)
		}
		checkContent(t, c.Name, readerOf(want), c.Text, c.Files)
	}
	for _, c := range v.BadContainers {
		b := make([]byte, c.Length)
		copy(b, unb64(t, c.Head))
		r := readerOf(b)
		if err := r.Verify(); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: got %v, want damaged", c.Name, err)
		}
		if text, ok := r.Text(); ok || text != "" {
			t.Errorf("%s: text handed out of a damaged message", c.Name)
		}
	}
}

// readerOf reads a bare container.
func readerOf(container []byte) *Reader {
	s := &source{r: bytes.NewReader(container)}
	return &Reader{src: s, plain: s, names: make(map[string]bool)}
}

func (c containerVector) message(t *testing.T) Message {
	m := Message{Text: c.Text}
	for _, f := range c.Files {
		m.Files = append(m.Files, fileOf(f.Name, unb64(t, f.Content)))
	}
	return m
}

func fileOf(name string, content []byte) File {
	return File{Name: name, Size: int64(len(content)), Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(content)), nil
	}}
}

func checkContent(t *testing.T, name string, r *Reader, text string, files []fileVector) {
	t.Helper()
	for _, f := range files {
		a, err := r.Next()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		got, err := io.ReadAll(a)
		if err != nil || a.Name != f.Stored || !bytes.Equal(got, unb64(t, f.Content)) {
			t.Errorf("%s: attachment %q differs (%v)", name, f.Stored, err)
		}
	}
	if _, err := r.Next(); err != io.EOF {
		t.Errorf("%s: got %v at the end, want EOF", name, err)
	}
	if got, ok := r.Text(); !ok || got != text {
		t.Errorf("%s: the text differs", name)
	}
}

func TestCiphertextVectors(t *testing.T) {
	v := loadVectors(t)
	for _, c := range v.Ciphertexts {
		l, err := ParseLink(c.Link)
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		if got, err := l.Keys().AgePassphrase(c.Passphrase); err != nil || got != c.AgePassphrase {
			t.Errorf("%s: the age passphrase differs (%v)", c.Name, err)
		}
		r, err := Open(bytes.NewReader(unb64(t, c.Ciphertext)), l.Keys(), c.Passphrase)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		checkContent(t, c.Name, r, c.Text, c.Files)
	}
	want := map[string]error{"damaged": ErrDamaged, "wrong-passphrase": ErrWrongPassphrase, "passphrase-missing": ErrPassphraseMissing}
	for _, c := range v.BadCiphertexts {
		l, err := ParseLink(c.Link)
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		r, err := Open(bytes.NewReader(unb64(t, c.Ciphertext)), l.Keys(), c.Passphrase)
		if err == nil {
			err = r.Verify()
		}
		if err == nil || !errors.Is(err, want[c.Error]) {
			t.Errorf("%s: got %v, want %q", c.Name, err, c.Error)
		}
		if err != nil && strings.Contains(err.Error(), l.Keys().derived) {
			t.Errorf("%s: the error repeats a secret", c.Name)
		}
	}
}
