package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestBinary(t *testing.T) {
	zero := strings.Repeat("A", 22)
	for _, c := range []struct {
		name, text string
		ok         bool
	}{
		{"canonical", zero, true},
		{"both special characters", "-_" + zero[2:], true},
		{"short", zero[1:], false},
		{"long", zero + "A", false},
		{"padded", zero + "==", false},
		{"trailing bits", zero[:21] + "B", false},
		{"standard alphabet", "+/" + zero[2:], false},
		{"line break inside", zero[:10] + "\n" + zero[:11], false},
		{"carriage return at the end", zero[:21] + "\r", false},
		{"NUL", zero[:21] + "\x00", false},
		{"empty", "", false},
	} {
		if _, err := ParseReference(c.text); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestEdition(t *testing.T) {
	none, some := Edition{}, EditionOf([]byte("notes"))
	for _, e := range []Edition{none, some, EditionOf(nil)} {
		if got, err := ParseEdition(e.Encode()); err != nil || got != e {
			t.Errorf("round trip of %s: %v", e.Encode(), err)
		}
	}
	if none.Encode() != "none" || some.Encode() == "none" {
		t.Error("which is none")
	}
	for _, s := range []string{"", "None", "none ", "*", strings.Repeat("A", 43), some.Encode()[1:], some.Encode() + "=", `"` + some.Encode() + `"`} {
		if _, err := ParseEdition(s); err == nil {
			t.Errorf("accepted %q", s)
		}
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	key := NewKey()
	for _, format := range []string{"%v", "%+v", "%s", "%q", "%x", "%X"} {
		got := fmt.Sprintf(format, struct{ A, B any }{key, key.Verifier()})
		if strings.Contains(got, key.Encode()) || strings.Contains(got, fmt.Sprintf("%x", key[:])) {
			t.Errorf("%s prints the key", format)
		}
	}
}

func TestBearer(t *testing.T) {
	key := NewKey()
	if got, err := ParseBearer(Bearer(key)); err != nil || got != key {
		t.Errorf("round trip: %v", err)
	}
	for _, value := range []string{"", "Bearer", "bearer " + key.Encode(), "Bearer  " + key.Encode(), "Basic " + key.Encode(), key.Encode()} {
		if _, err := ParseBearer(value); err == nil {
			t.Errorf("accepted %q", strings.ReplaceAll(value, key.Encode(), "KEY"))
		}
	}
}

func TestCommitOnTheWire(t *testing.T) {
	v, id := Verifier{1}, InboxID{2}
	for want, terms := range map[string]Terms{
		`"reading":"once","claim":"` + v.Encode() + `","manage":"` + v.Encode() + `"}`: {Reading: Once, Claim: v, Manage: v},
		`"inbox":"` + id.Encode() + `"}`:                                               {Inbox: id, Invite: Invite{3}},
	} {
		terms.ExpiresIn = 60
		got, err := json.Marshal(Commit{Parts: 2, Size: 5 << 20, Terms: terms})
		if err != nil || string(got) != `{"parts":2,"size":5242880,"expires_in":60,`+want {
			t.Errorf("got %s, %v", got, err)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	f.Add(NewKey().Encode())
	f.Fuzz(func(t *testing.T, s string) {
		if k, err := ParseKey(s); err == nil && k.Encode() != s {
			t.Errorf("%q is a second spelling", s)
		} else if err != nil && k != (Key{}) {
			t.Error("a refused key leaves bytes behind")
		}
	})
}

func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"0", "007", "+1", "-1", "9223372036854775808", "١", "1_0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := ParseNumber(s); err == nil && (n < 0 || fmt.Sprint(n) != s) {
			t.Errorf("%q read as %d", s, n)
		}
	})
}
