package seal

import (
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
)

func unhex32(t testing.TB, s string) [32]byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != 32 {
		t.Fatalf("not 32 bytes: %v", err)
	}
	return [32]byte(b)
}

func identityOf(t testing.TB, seed string) Identity {
	t.Helper()
	id, err := IdentityFromSeed(unhex32(t, seed))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestIdentityVectors(t *testing.T) {
	v := loadInboxVectors(t)
	for _, c := range v.Identities {
		id, err := ParseIdentity(c.Line)
		if err != nil {
			t.Fatal(err)
		}
		if hex32(id.Seed()) != c.Seed || id.Recipient() != c.Recipient || identityLine(id.Seed()) != c.Line {
			t.Error("parsed to something else")
		}
		of, err := age.ParseHybridIdentity(c.Line)
		if err != nil || of.String() != c.Line || of.Recipient().String() != c.Recipient {
			t.Errorf("age reads another identity: %v", err)
		}
	}
	for _, c := range v.BadIdentities {
		if _, err := ParseIdentity(c.Text); err != ErrNotIdentity {
			t.Errorf("%s: got %v", c.Name, err)
		}
	}
	if foreign, err := age.ParseX25519Identity(foreignIdentity); err != nil || foreign.Recipient().String() != foreignRecipient {
		t.Errorf("the foreign key is none: %v", err)
	}
}

func TestKeyFileVectors(t *testing.T) {
	v := loadInboxVectors(t)
	for _, c := range v.KeyFiles {
		file := unb64(t, c.File)
		if protected, err := KeyFileProtected(file); err != nil || protected != c.Protected {
			t.Errorf("%s: protected %v, %v", c.Name, protected, err)
		}
		id, err := ReadKeyFile(file, c.Passphrase)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
		} else if hex32(id.Seed()) != c.Seed {
			t.Errorf("%s: another identity", c.Name)
		}
	}
	want := map[string]error{
		"wrong-passphrase": ErrWrongPassphrase, "passphrase-empty": ErrPassphraseEmpty,
		"work": ErrKeyFileWork, "content": ErrKeyFileContent, "key-file": ErrKeyFile,
	}
	for _, c := range v.BadKeyFiles {
		if _, err := ReadKeyFile(unb64(t, c.File), c.Passphrase); err == nil || err != want[c.Error] {
			t.Errorf("%s: got %v, want %q", c.Name, err, c.Error)
		}
	}
}

func TestRecipientsVectors(t *testing.T) {
	v := loadInboxVectors(t)
	for _, c := range v.Recipients {
		r, err := NewRecipients(c.Given...)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		parsed, err := ParseRecipients([]byte(c.File))
		if err != nil || !slices.Equal(parsed, r) || string(r.File()) != c.File {
			t.Errorf("%s: another file: %v", c.Name, err)
		}
		id, err := ParseInboxID(c.Inbox)
		if err != nil || id != r.ID() || hex32(id) != c.ID || id.String() != c.Inbox || id.Words() != c.Words {
			t.Errorf("%s: another inbox: %v", c.Name, err)
		}
	}
	if n := strings.Count(v.Recipients[len(v.Recipients)-1].File, "\n"); n != maxRecipients {
		t.Errorf("the largest inbox of the vectors has %d keys", n)
	}
	for _, c := range v.BadRecipients {
		if _, err := ParseRecipients([]byte(c.Text)); !errors.Is(err, ErrRecipients) {
			t.Errorf("%s: got %v", c.Name, err)
		}
	}
	for _, c := range v.BadInboxIDs {
		if _, err := ParseInboxID(c.Text); err != ErrInboxID {
			t.Errorf("%s: got %v", c.Name, err)
		}
	}
	for _, c := range v.Fingerprints {
		data, err := hex.DecodeString(c.Data)
		if err != nil || Fingerprint(c.Label, data) != c.Words {
			t.Errorf("other words for %s", c.Data)
		}
	}
}

func TestAddressVectors(t *testing.T) {
	v := loadInboxVectors(t)
	for _, c := range v.Addresses {
		a, err := ParseInboxAddress(c.Text)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		if id := hex32(a.ID); a.Service != c.Service || a.Alias != c.Alias || (id != c.ID) != (c.Alias != "") || a.String() != c.Canonical {
			t.Errorf("%s: parsed to something else", c.Name)
		}
	}
	for _, c := range v.BadAddresses {
		a, err := ParseInboxAddress(c.Text)
		checkLinkError(t, badLinkVector{c.Name, c.Text, c.Error}, err)
		if a != (InboxAddress{}) {
			t.Errorf("%s: there is an address", c.Name)
		}
	}
}

func TestRequestVectors(t *testing.T) {
	v := loadInboxVectors(t)
	for _, c := range v.RequestLinks {
		l, err := ParseRequestLink(c.Text)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		if l.Service != c.Service || hex32(l.ID) != c.ID || hex32(l.Seed) != c.Seed || l.String() != c.Canonical || l.Address().String() != c.Address {
			t.Errorf("%s: parsed to something else", c.Name)
		}
		if id, err := l.Identity(); err != nil || id.Seed() != l.Seed {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
	for _, c := range v.BadRequestLinks {
		_, err := ParseRequestLink(c.Text)
		checkLinkError(t, badLinkVector{c.Name, c.Text, c.Error}, err)
	}
	for _, c := range v.BadRequests {
		l, err := ParseRequestLink(c.Text)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
		_, err = l.Identity()
		checkLinkError(t, badLinkVector{c.Name, c.Text, "token"}, err)
	}
	if l, id := NewRequest(testOnion); l.Seed != id.Seed() {
		t.Error("a request of another identity")
	} else if same, err := ParseRequestLink(l.String()); err != nil || same != l {
		t.Errorf("a new request: %v", err)
	}
}

func TestCodenameVectors(t *testing.T) {
	v := loadInboxVectors(t)
	for _, c := range v.Codenames {
		got, err := ParseCodename(c.Typed)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
		} else if hex.EncodeToString(got[:]) != c.Entropy || got.Words() != c.Words {
			t.Errorf("%s: another codename", c.Name)
		}
	}
	for _, c := range v.BadCodenames {
		_, err := ParseCodename(c.Typed)
		e, ok := errors.AsType[*CodenameError](err)
		if !ok || e.Code != c.Error || e.Word != c.Word || e.Error() == "" {
			t.Errorf("%s: got %#v, want %q of %d", c.Name, err, c.Error, c.Word)
		}
	}
	for _, c := range v.CodenameKeys {
		entropy, _ := hex.DecodeString(c.Entropy)
		id, err := Codename(entropy).Identity(c.Host)
		if err != nil || hex32(id.Seed()) != c.Seed || id.Recipient() != c.Recipient {
			t.Errorf("%s: another identity: %v", c.Host, err)
		}
	}
	for _, host := range []string{"", "localhost", "127.0.0.1:8080", "example.com", "a.onion"} {
		if _, err := NewCodename().Identity(host); err != ErrNoOnion {
			t.Errorf("%q: got %v", host, err)
		}
	}
	for _, c := range v.ReplyKeys {
		if hex32(ReplyKey(identityOf(t, c.Seed), unhex32(t, c.Inbox))) != c.Key {
			t.Error("another reply key")
		}
	}
}
