package vaulttest

import (
	"crypto/rand"
	"testing"
	"time"

	"ashpost/vault"
)

// Vault is an open vault with its clock and its layer.
type Vault struct {
	*vault.Vault
	Clock *Clock
	Layer *Layer
	Dir   string
}

// Options are small ones for tests, with a clock and a layer.
func Options(c *Clock, l *Layer) vault.Options {
	return vault.Options{
		Slots: 1024, Quota: 256 << 20, MaxMessage: 32 << 20, Ballast: 4 << 20,
		Clock: c.Clock(), FileSystem: InPlace, Medium: l.Wrap,
		Stored: func() { _ = l.Note(Stored) },
	}
}

// InPlace is for [vault.Options.FileSystem]: tests run wherever the temporary
// folder lies.
func InPlace(string) (vault.FileSystem, error) { return vault.FileSystem{Name: "ext4"}, nil }

// Locked opens a vault that has not yet been maintained; it closes with the
// test.
func Locked(t testing.TB) *Vault {
	t.Helper()
	v := &Vault{Clock: NewClock(), Layer: new(Layer), Dir: t.TempDir() + "/data"}
	v.open(t)
	t.Cleanup(func() { v.Close() })
	return v
}

// New opens a vault and maintains it once, so that it serves.
func New(t testing.TB) *Vault {
	t.Helper()
	v := Locked(t)
	if err := v.Maintain(); err != nil {
		t.Fatal(err)
	}
	return v
}

func (v *Vault) open(t testing.TB) {
	t.Helper()
	opened, err := vault.Open(v.Dir, Options(v.Clock, v.Layer))
	if err != nil {
		t.Fatal(err)
	}
	v.Vault = opened
}

// Reopen closes the vault and opens it again, maintained.
func (v *Vault) Reopen(t testing.TB) {
	t.Helper()
	v.Close()
	v.open(t)
	if err := v.Maintain(); err != nil {
		t.Fatal(err)
	}
}

// Message is a stored message with every key to it.
type Message struct {
	Ref                           vault.Reference
	Upload, Claim, Manage, Reader vault.Key
	Data                          []byte
	Terms                         vault.Terms
}

// Draw makes a message of n random bytes that lives an hour; it stores
// nothing.
func Draw(n int) *Message {
	m := &Message{Data: make([]byte, n)}
	for _, b := range [][]byte{m.Claim[:], m.Manage[:], m.Reader[:], m.Data} {
		rand.Read(b)
	}
	m.Terms = vault.Terms{Lifetime: time.Hour, Claim: m.Claim.Verifier(), Manage: m.Manage.Verifier()}
	return m
}

// Put reserves and stores m in parts of the size the vault wants.
func (m *Message) Put(v *vault.Vault) (err error) {
	if m.Ref, m.Upload, err = v.Reserve(); err != nil {
		return err
	}
	if len(m.Data) <= vault.SmallSize {
		_, err = v.Put(m.Ref, m.Upload, m.Data, m.Terms)
		return err
	}
	n := 0
	for left := m.Data; len(left) > 0; n++ {
		part := left[:min(len(left), vault.PartSize)]
		left = left[len(part):]
		if err := v.PutPart(m.Ref, m.Upload, n, part); err != nil {
			return err
		}
	}
	_, err = v.Commit(m.Ref, m.Upload, n, int64(len(m.Data)), m.Terms)
	return err
}

// Stored draws and stores a message.
func (v *Vault) Stored(t testing.TB, n int, change ...func(*Message)) *Message {
	t.Helper()
	m := Draw(n)
	for _, c := range change {
		c(m)
	}
	if err := m.Put(v.Vault); err != nil {
		t.Fatal(err)
	}
	return m
}

// Keep makes a message readable until expiry.
func Keep(m *Message) { m.Terms.Keep = true }
