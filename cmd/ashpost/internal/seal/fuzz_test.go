package seal

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

// A link that is accepted has one spelling, and it is accepted too. An error
// never repeats the link.
func FuzzParseLink(f *testing.F) {
	for _, l := range goodLinks() {
		f.Add(l.Link)
	}
	for _, l := range badLinks() {
		f.Add(l.Link)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := ParseLink(text)
		var e *LinkError
		if errors.As(err, &e) {
			if linkErrors[e.Code].Problem == "" || len(text) > 30 && strings.Contains(e.Problem+e.Hint, text) {
				t.Fatalf("error %q", e.Code)
			}
			return
		}
		again, err := ParseLink(l.String())
		if err != nil || again != l || again.String() != l.String() {
			t.Fatal("the canonical link differs")
		}
		if !strings.EqualFold(strings.Trim(text, " \t\r\n"), l.String()) && !strings.Contains(text, ":80/") {
			t.Fatal("two spellings beyond letter case")
		}
		if _, err := ParseControlLink(text); err == nil {
			t.Fatal("one link of both kinds")
		}
	})
}

// Whatever container is accepted is, byte for byte, the one a writer makes of
// what was read.
func FuzzContainer(f *testing.F) {
	file := entry("files", "a.txt", "some content")
	f.Add(pad(entry("", "message.txt", persian), file))
	f.Add(pad(file, entry("files", "b", "")))
	for _, c := range loadVectors(f).BadContainers {
		if b := make([]byte, c.Length); c.Length < 16<<10 {
			copy(b, unb64(f, c.Head))
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, container []byte) {
		var m Message
		r := readerOf(container)
		for {
			a, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				if text, ok := r.Text(); !errors.Is(err, ErrDamaged) || ok || text != "" {
					t.Fatalf("got %v", err)
				}
				return
			}
			content, _ := io.ReadAll(a)
			m.Files = append(m.Files, fileOf(a.Name, content))
		}
		m.Text, _ = r.Text()
		var again bytes.Buffer
		if err := writeContainer(&again, m); err != nil || m.Check() != nil || !bytes.Equal(again.Bytes(), container) {
			t.Fatalf("accepted, but no writer makes it: %v", err)
		}
	})
}

// Bytes of a stranger never open, never panic, and never count as a broken
// connection.
func FuzzOpen(f *testing.F) {
	v := loadVectors(f)
	l, err := ParseLink(v.Ciphertexts[0].Link)
	if err != nil {
		f.Fatal(err)
	}
	k, good := l.Keys(), unb64(f, v.Ciphertexts[0].Ciphertext)
	f.Add(good)
	for _, c := range v.BadCiphertexts {
		if c.Link == v.Ciphertexts[0].Link {
			f.Add(unb64(f, c.Ciphertext))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Open(bytes.NewReader(b), k, "")
		if err == nil {
			err = r.Verify()
		}
		if err != nil && !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrPassphraseMissing) {
			t.Fatalf("got %v", err)
		}
		if err == nil && !bytes.Equal(b, good) {
			t.Fatal("a forgery opened")
		}
	})
}
