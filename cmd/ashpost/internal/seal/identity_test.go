package seal

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestAnswer(t *testing.T) {
	id, own := person(0), person(0).key().age.Recipient()
	other := person(1).key().age.Recipient()
	challenge := []byte("a label and two times thirty-two bytes")
	good := encryptTo(t, challenge, own)
	if got, err := id.Answer(good, len(challenge)); err != nil || !bytes.Equal(got, challenge) {
		t.Errorf("%v", err)
	}
	for name, file := range map[string][]byte{
		"empty":          nil,
		"for another":    encryptTo(t, challenge, other),
		"for two":        encryptTo(t, challenge, own, other),
		"longer":         encryptTo(t, append(challenge, 0), own),
		"scrypt":         encryptTo(t, challenge, scryptRecipient(t, "words", 10)),
		"X25519":         encryptTo(t, challenge, x25519(t)),
		"cut off":        good[:len(good)-1],
		"armored":        armored(t, good),
		"a bit of it":    flip(good, len(good)-1),
		"more behind it": append(bytes.Clone(good), 0),
	} {
		if got, err := id.Answer(file, len(challenge)); !errors.Is(err, ErrDamaged) || got != nil {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestNewIdentity(t *testing.T) {
	a, b := NewIdentity(), NewIdentity()
	if a.Seed() == b.Seed() || a.Recipient() == b.Recipient() {
		t.Error("twice the same identity")
	}
	if same, err := ParseIdentity(identityLine(a.Seed())); err != nil || same.Recipient() != a.Recipient() {
		t.Errorf("%v", err)
	}
}

// A key file or a letter that asks for much work is refused before any of it.
func TestNoWorkOnInboxesBeforeTheLimits(t *testing.T) {
	good := encryptTo(t, []byte("x"), scryptRecipient(t, "words", 10))
	bomb := bytes.Replace(good, []byte(" 10\n"), []byte(" 22\n"), 1)
	if n := allocated(func() { ReadKeyFile(bomb, "words") }); n > 256<<10 {
		t.Errorf("a key file took %d bytes", n)
	}
	id, inbox := person(0), keysOf(0).ID()
	stanzas := strings.Repeat("-> mlkem768x25519 "+strings.Repeat("A", 1494)+"\n"+strings.Repeat("A", 43)+"\n", 1000)
	many := []byte("age-encryption.org/v1\n" + stanzas)
	if n := allocated(func() { OpenLetter(bytes.NewReader(many), id, inbox) }); n > 512<<10 {
		t.Errorf("a letter took %d bytes", n)
	}
}

func TestWriteKeyFileRefuses(t *testing.T) {
	if _, err := WriteKeyFile(person(0), "", ""); err != ErrPassphraseEmpty {
		t.Errorf("no passphrase: %v", err)
	}
	if _, err := WriteKeyFile(person(0), "http://example.com/\nAGE-SECRET-KEY-PQ-1", "words"); err == nil {
		t.Error("a line of its own in the address")
	}
}

// Recipients of other kinds are refused in words that do not repeat them.
func TestRecipientsErrors(t *testing.T) {
	for _, line := range []string{foreignRecipient, identityLine(seedOf(0)), "age1pq1" + strings.Repeat("q", 1952)} {
		_, err := NewRecipients(line)
		if !errors.Is(err, ErrRecipients) || strings.Contains(err.Error(), line[:20]) {
			t.Errorf("got %v", err)
		}
	}
}
