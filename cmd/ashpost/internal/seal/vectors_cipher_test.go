package seal

import (
	"bytes"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/armor"
)

const testExtra = "گاو correct  horse\u00a0cafe\u0301 "

func mustLink(t *testing.T, text string) Link {
	t.Helper()
	l, err := ParseLink(text)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func goodCiphertexts(t *testing.T) (out []cipherVector) {
	add := func(name, link, extra, text string, files ...fileVector) {
		c := containerVector{Text: text, Files: files}
		k := mustLink(t, link).Keys()
		var b bytes.Buffer
		if err := Seal(&b, k, extra, c.message(t)); err != nil {
			t.Fatal(err)
		}
		pass, err := k.AgePassphrase(extra)
		if err != nil {
			t.Fatal(err)
		}
		if files == nil {
			files = []fileVector{}
		}
		out = append(out, cipherVector{name, link, extra, pass, text, files, b64(b.Bytes())})
	}
	file := fileVector{"گزارش.pdf", "گزارش.pdf", b64([]byte("%PDF"))}
	add("text", testLink, "", "Meet me at five.")
	add("text and file", testLink, "", persian, file)
	add("extra passphrase", testLink+".p", testExtra, persian, file)
	add("two chunks", testLink, "", "", fileVector{"big", "big", b64(bytes.Repeat([]byte("0123456789abcdef"), 4100))})
	return out
}

// evil writes stanzas no honest sender writes, under a valid MAC.
type evil func(fileKey []byte) ([]*age.Stanza, error)

func (e evil) Wrap(fileKey []byte) ([]*age.Stanza, error) { return e(fileKey) }

func scryptRecipient(t *testing.T, passphrase string, logN int) *age.ScryptRecipient {
	r, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		t.Fatal(err)
	}
	r.SetWorkFactor(logN)
	return r
}

func encryptTo(t *testing.T, container []byte, recipients ...age.Recipient) []byte {
	var b bytes.Buffer
	w, err := age.Encrypt(&b, recipients...)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(container)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func badCiphertexts(t *testing.T) (out []badCipher) {
	link, keys := testLink, mustLink(t, testLink).Keys()
	passKeys := mustLink(t, testLink+".p").Keys()
	withExtra, err := passKeys.AgePassphrase("right words")
	if err != nil {
		t.Fatal(err)
	}
	container := pad(entry("", "message.txt", "some text"))
	at := func(logN int) age.Recipient { return scryptRecipient(t, keys.derived, logN) }
	good := encryptTo(t, container, at(10))
	add := func(code, name, link, extra string, b []byte) {
		out = append(out, badCipher{name, link, extra, code, b64(b)})
	}
	damaged := func(name string, b []byte) { add("damaged", name, link, "", b) }
	with := func(more ...*age.Stanza) []byte {
		return encryptTo(t, container, evil(func(key []byte) ([]*age.Stanza, error) {
			s, err := at(10).Wrap(key)
			return append(s, more...), err
		}))
	}
	swap := func(old, new string) []byte { return bytes.Replace(good, []byte(old), []byte(new), 1) }

	damaged("work factor 15", encryptTo(t, container, at(15)))
	damaged("work factor 9", encryptTo(t, container, at(9)))
	damaged("work factor 18", swap(" 10\n", " 18\n"))
	damaged("work factor 010", swap(" 10\n", " 010\n"))
	damaged("two stanzas for the same passphrase", twice(t, container, at(10)))
	damaged("a second stanza of another kind", with(&age.Stanza{Type: "grease"}))
	damaged("X25519 stanza", encryptTo(t, container, x25519(t)))
	damaged("header over the limit", with(&age.Stanza{Type: "grease", Body: make([]byte, 12200)}))
	damaged("21 stanzas", with(manyStanzas(20)...))
	damaged("salt of 15 bytes", shortSalt(good))
	damaged("third argument", swap(" 10\n", " 10 x\n"))
	damaged("armor", armored(t, good))
	damaged("CR before LF", swap(" 10\n", " 10\r\n"))
	damaged("empty", nil)
	damaged("not age", container)
	damaged("header cut off", good[:100])
	damaged("no payload", good[:150])
	damaged("nonce only", good[:166])
	damaged("payload cut off", good[:5000])
	damaged("last byte missing", good[:len(good)-1])
	damaged("a byte behind the end", append(bytes.Clone(good), 0))
	damaged("flipped bit in the salt", flip(good, 33))
	damaged("flipped bit in the wrapped key", flip(good, 60))
	damaged("flipped bit in the MAC", flip(good, 120))
	damaged("flipped bit in the nonce", flip(good, 160))
	damaged("flipped bit in the payload", flip(good, 4000))
	damaged("container with a link in it", encryptTo(t, pad(edit(entry("", "message.txt", "some text"), 156, "2")), at(10)))
	damaged("container with a byte in its padding", encryptTo(t, set(container, 8000, "x"), at(10)))
	add("damaged", "made with another token", strings.Replace(link, "#1gI", "#1hI", 1), "", good)
	add("damaged", "made for another reference", strings.Replace(link, "/m/AA", "/m/BA", 1), "", good)
	protected := encryptTo(t, container, scryptRecipient(t, withExtra, 14))
	add("wrong-passphrase", "wrong extra passphrase", link+".p", "wrong words", protected)
	add("wrong-passphrase", "another letter case", link+".p", "Right words", protected)
	add("wrong-passphrase", "damaged wrapped key under an extra passphrase", link+".p", "right words", flip(protected, 60))
	add("passphrase-missing", "link has lost its suffix", link, "", protected)
	add("damaged", "weak work factor under an extra passphrase", link+".p", "right words",
		encryptTo(t, container, scryptRecipient(t, withExtra, 10)))
	return out
}

func flip(b []byte, off int) []byte {
	b = bytes.Clone(b)
	b[off] ^= 1
	return b
}

func twice(t *testing.T, container []byte, r age.Recipient) []byte {
	return encryptTo(t, container, evil(func(key []byte) ([]*age.Stanza, error) {
		a, err := r.Wrap(key)
		if err != nil {
			return nil, err
		}
		b, err := r.Wrap(key)
		return append(a, b...), err
	}))
}

func x25519(t *testing.T) age.Recipient {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id.Recipient()
}

func manyStanzas(n int) (s []*age.Stanza) {
	for range n {
		s = append(s, &age.Stanza{Type: "grease"})
	}
	return s
}

// shortSalt keeps the salt's base64 canonical: 20 characters are 15 bytes.
func shortSalt(b []byte) []byte {
	return append(bytes.Clone(b[:52]), b[54:]...)
}

func armored(t *testing.T, b []byte) []byte {
	var out bytes.Buffer
	w := armor.NewWriter(&out)
	w.Write(b)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
