package seal

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

// What is accepted has one spelling, and that is accepted too. An error never
// repeats what was typed.
func FuzzParseInboxAddress(f *testing.F) {
	v := loadInboxVectors(f)
	for _, c := range v.Addresses {
		f.Add(c.Text)
	}
	for _, c := range v.BadAddresses {
		f.Add(c.Text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ParseInboxAddress(text)
		if e, ok := errors.AsType[*LinkError](err); ok {
			if addressErrors[e.Code].Problem == "" || len(text) > 30 && strings.Contains(e.Problem+e.Hint, text) {
				t.Fatalf("error %q", e.Code)
			}
			return
		}
		if again, err := ParseInboxAddress(a.String()); err != nil || again != a || again.String() != a.String() {
			t.Fatal("the canonical address differs")
		}
		if (a.Alias == "") == (a.ID == InboxID{}) || a.Alias != "" && !ValidAlias(a.Alias) {
			t.Fatal("neither ID nor alias, or both")
		}
	})
}

func FuzzParseRequestLink(f *testing.F) {
	v := loadInboxVectors(f)
	for _, c := range v.RequestLinks {
		f.Add(c.Text)
	}
	for _, c := range v.BadRequestLinks {
		f.Add(c.Text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := ParseRequestLink(text)
		if e, ok := errors.AsType[*LinkError](err); ok {
			if e.Problem == "" || e.Hint == "" || len(text) > 30 && strings.Contains(e.Problem+e.Hint, text) {
				t.Fatalf("error %q", e.Code)
			}
			return
		}
		if again, err := ParseRequestLink(l.String()); err != nil || again != l {
			t.Fatal("the canonical link differs")
		}
		if _, err := ParseInboxAddress(text); err == nil {
			t.Fatal("a private link is taken for an address")
		}
	})
}

func FuzzParseCodename(f *testing.F) {
	v := loadInboxVectors(f)
	for _, c := range v.Codenames {
		f.Add(c.Typed)
	}
	for _, c := range v.BadCodenames {
		f.Add(c.Typed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		c, err := ParseCodename(typed)
		if err != nil {
			if e, ok := errors.AsType[*CodenameError](err); !ok || e.Error() == "" || c != (Codename{}) {
				t.Fatalf("got %v", err)
			}
			return
		}
		if again, err := ParseCodename(c.Words()); err != nil || again != c {
			t.Fatalf("its own words give another one: %v", err)
		}
	})
}

func FuzzParseRecipients(f *testing.F) {
	v := loadInboxVectors(f)
	for _, c := range v.Recipients {
		f.Add([]byte(c.File))
	}
	for _, c := range v.BadRecipients {
		f.Add([]byte(c.Text))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := ParseRecipients(file)
		if err == nil && (!bytes.Equal(r.File(), file) || len(r) == 0 || len(r) > maxRecipients) {
			t.Fatal("accepted, but not canonical")
		}
		if err != nil && !errors.Is(err, ErrRecipients) {
			t.Fatalf("got %v", err)
		}
	})
}

// A key file is what a person hands over, or what somebody handed to them.
func FuzzReadKeyFile(f *testing.F) {
	v := loadInboxVectors(f)
	for _, c := range v.KeyFiles {
		f.Add(unb64(f, c.File))
	}
	for _, c := range v.BadKeyFiles {
		f.Add(unb64(f, c.File))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if bytes.Contains(file, []byte(" 18\n")) || bytes.Contains(file, []byte(" 17\n")) {
			t.Skip("honest work that takes long")
		}
		protected, err := KeyFileProtected(file)
		if _, opened := ReadKeyFile(file, "some words"); err != nil && (opened == nil || protected) {
			t.Fatalf("it opens, but %v", err)
		}
	})
}

// Whatever head is accepted is, byte for byte, the one a writer makes of what
// was read.
func FuzzParseHead(f *testing.F) {
	for _, c := range loadInboxVectors(f).Letters {
		f.Add([]byte(c.HeadText))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		h, err := parseHead(text)
		if err != nil {
			return
		}
		if again, err := h.encode(); err != nil || !bytes.Equal(again, text) {
			t.Fatal("accepted, but no writer makes it")
		}
	})
}

// Whatever letter is accepted is the one that a writer makes of what was read,
// with a proof or without.
func FuzzLetterContainer(f *testing.F) {
	v := loadInboxVectors(f)
	for _, c := range v.Letters {
		f.Add(filled(f, c.Begin, c.Length, 0))
	}
	for _, c := range v.BadLetters {
		if c.Length < 64<<10 {
			f.Add(filled(f, c.Begin, c.Length, 0))
		}
	}
	inbox := keysOf(0).ID()
	f.Fuzz(func(t *testing.T, container []byte) {
		var m Message
		r, err := letterOf(container, inbox)
		for err == nil {
			var a *Attachment
			if a, err = r.Next(); err == nil {
				content, _ := io.ReadAll(a)
				m.Files = append(m.Files, fileOf(a.Name, content))
			}
		}
		if err != io.EOF {
			if !errors.Is(err, ErrDamaged) {
				t.Fatalf("got %v", err)
			}
			return
		}
		m.Text, _ = r.Text()
		l := Letter{Head: r.Head(), Message: m}
		if r.proof.mac != nil && l.Head.Reply == nil {
			l.Key = new([32]byte) // another proof, of the same length
		}
		var again bytes.Buffer
		if err := writeLetter(&again, l); err != nil || again.Len() != len(container) {
			t.Fatalf("accepted, but no writer makes it: %v", err)
		}
		if l.Key == nil && !bytes.Equal(again.Bytes(), container) {
			t.Fatal("accepted, but no writer makes it")
		}
	})
}

// Bytes of a stranger never open, never panic, and never count as a broken
// connection.
func FuzzOpenLetter(f *testing.F) {
	v := loadInboxVectors(f)
	good := unb64(f, v.LetterFiles[0].Ciphertext)
	f.Add(good)
	for _, c := range v.BadLetterFiles {
		f.Add(unb64(f, c.Ciphertext))
	}
	id, inbox := person(0), keysOf(0).ID()
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := OpenLetter(bytes.NewReader(b), id, inbox)
		if err == nil {
			err = r.Verify()
		}
		if err != nil && !errors.Is(err, ErrDamaged) {
			t.Fatalf("got %v", err)
		}
		if err == nil && !bytes.Equal(b, good) {
			t.Fatal("a forgery opened") // but for the recipient, anybody can write: not by chance
		}
		if _, err := OpenNotebook(id, inbox, b); err != ErrNotebook {
			t.Fatalf("a notebook: %v", err)
		}
	})
}

// What carries the right tag was written by the owner, by a program of any kind.
func FuzzDecodeNotebook(f *testing.F) {
	for _, c := range loadInboxVectors(f).Notebooks {
		f.Add([]byte(c.JSON))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		n, err := decodeNotebook(text)
		if err != nil {
			if err != ErrNotebook {
				t.Fatalf("got %v", err)
			}
			return
		}
		if _, err := n.encode(); err != nil {
			t.Fatalf("read, but not written: %v", err)
		}
	})
}
