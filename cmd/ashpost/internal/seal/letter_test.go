package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func letterOf(container []byte, inbox InboxID) (*LetterReader, error) {
	s := &source{r: bytes.NewReader(container)}
	return newLetterReader(s, s, inbox)
}

// filled is head and then the same byte up to a length.
func filled(t testing.TB, head string, length int, with byte) []byte {
	b := bytes.Repeat([]byte{with}, length)
	copy(b, unb64(t, head))
	return b
}

func TestLetterVectors(t *testing.T) {
	v := loadInboxVectors(t)
	for _, c := range v.Letters {
		b := filled(t, c.Begin, c.Length, 0)
		if fmt.Sprintf("%x", sha256.Sum256(b)) != c.SHA256 {
			t.Errorf("%s: the vector's own digest is wrong", c.Name)
		}
		r, err := letterOf(b, unhex32(t, c.Inbox))
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		if fmt.Sprint(vectorOf(r.Head())) != fmt.Sprint(c.Head) {
			t.Errorf("%s: another head", c.Name)
		}
		if c.Proves != "" && r.Proves(unhex32(t, c.Proves)) {
			t.Errorf("%s: proven before its end", c.Name)
		}
		checkContent(t, c.Name, r.Reader, c.Text, c.Files)
		if c.Proves != "" && !r.Proves(unhex32(t, c.Proves)) {
			t.Errorf("%s: not proven", c.Name)
		}
		for _, k := range c.Not {
			if r.Proves(unhex32(t, k)) {
				t.Errorf("%s: proven by a wrong key", c.Name)
			}
		}
		checkLetterWriter(t, c, r.Head(), b)
	}
	for _, c := range v.BadLetters {
		r, err := letterOf(filled(t, c.Begin, c.Length, 0), unhex32(t, c.Inbox))
		if err == nil {
			err = r.Verify()
		}
		if !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: got %v, want damaged", c.Name, err)
		}
	}
}

// checkLetterWriter makes the same container of what was read.
func checkLetterWriter(t *testing.T, c letterVector, h Head, want []byte) {
	t.Helper()
	l := Letter{Head: h, Message: containerVector{Text: c.Text, Files: c.Files}.message(t)}
	if c.Key != "" {
		key := unhex32(t, c.Key)
		l.Key = &key
	}
	if head, err := h.encode(); err != nil || string(head) != c.HeadText {
		t.Errorf("%s: the head differs: %v", c.Name, err)
	}
	if !bytes.Equal(letterBytes(t, l), want) {
		t.Errorf("%s: the container differs", c.Name)
	}
}

func TestLetterFileVectors(t *testing.T) {
	v := loadInboxVectors(t)
	for _, c := range v.LetterFiles {
		file := unb64(t, c.Ciphertext)
		if n, err := inboxHeader(file); err != nil || n != c.Recipients {
			t.Errorf("%s: %d recipients, %v", c.Name, n, err)
		}
		r, err := OpenLetter(bytes.NewReader(file), identityOf(t, c.Seed), unhex32(t, c.Inbox))
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		checkContent(t, c.Name, r.Reader, c.Text, c.Files)
	}
	for _, c := range v.BadLetterFiles {
		r, err := OpenLetter(bytes.NewReader(unb64(t, c.Ciphertext)), identityOf(t, c.Seed), unhex32(t, c.Inbox))
		if err == nil {
			err = r.Verify()
		}
		if !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: got %v, want damaged", c.Name, err)
		}
	}
}

func TestNotebookVectors(t *testing.T) {
	v := loadInboxVectors(t)
	for _, c := range v.Notebooks {
		plain := mustHex(t, c.Tag)
		plain = append(plain, c.JSON...)
		plain = append(plain, strings.Repeat(" ", c.Length-len(plain))...)
		n, err := readNotebook(identityOf(t, c.Seed), unhex32(t, c.Inbox), plain)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		if n.Seen != c.Seen || n.Before != c.Before || len(n.Conversations) != len(c.Speaking) {
			t.Errorf("%s: another notebook", c.Name)
			continue
		}
		for i, want := range c.Speaking {
			got := n.Conversations[i]
			if hex32(got.Inbox) != want.Inbox || got.Name != want.Name || got.Since != want.Since || !slices.Equal(got.Recipients, want.Recipients) {
				t.Errorf("%s: another conversation %d", c.Name, i)
			}
			if want.Key == "" && got.Key != nil || want.Key != "" && (got.Key == nil || hex32(*got.Key) != want.Key) {
				t.Errorf("%s: another key %d", c.Name, i)
			}
		}
	}
	for _, c := range v.BadNotebooks {
		if _, err := readNotebook(identityOf(t, c.Seed), unhex32(t, c.Inbox), filled(t, c.Begin, c.Length, ' ')); err != ErrNotebook {
			t.Errorf("%s: got %v", c.Name, err)
		}
	}
	for _, c := range v.NotebookFiles {
		if _, err := OpenNotebook(identityOf(t, c.Seed), unhex32(t, c.Inbox), unb64(t, c.Ciphertext)); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
	for _, c := range v.BadNotebookFiles {
		if _, err := OpenNotebook(identityOf(t, c.Seed), unhex32(t, c.Inbox), unb64(t, c.Ciphertext)); err != ErrNotebook {
			t.Errorf("%s: got %v", c.Name, err)
		}
	}
}

func mustHex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
