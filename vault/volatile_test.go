package vault_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
)

func volatile(t *testing.T, dir string) *vaulttest.Vault {
	t.Helper()
	v := &vaulttest.Vault{Clock: vaulttest.NewClock(), Layer: new(vaulttest.Layer), Dir: dir}
	o := vaulttest.Options(v.Clock, v.Layer)
	o.Volatile = true
	opened, err := vault.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	v.Vault = opened
	t.Cleanup(func() { v.Close() })
	if err := v.Maintain(); err != nil {
		t.Fatal(err)
	}
	return v
}

// Locked memory is a medium like the file: messages live, are claimed once,
// and end in each of the four ways.
func TestVolatileServes(t *testing.T) {
	v := volatile(t, t.TempDir()+"/data")
	if s := v.Status(); !s.Open || !s.Volatile || s.Slots != 1024 || s.Storage != vault.StorageSecret && s.Storage != vault.StorageLocked {
		t.Fatalf("%+v", s)
	}
	read, revoked := v.Stored(t, 3000), v.Stored(t, 1<<20)
	left, expired := v.Stored(t, 10), v.Stored(t, 10)
	for _, m := range []*vaulttest.Message{read, left} {
		if c, err := v.Claim(m.Ref, m.Claim, m.Reader.Verifier()); err != nil || !bytes.Equal(c.Content, m.Data) {
			t.Fatal(err)
		}
	}
	_, err := v.Claim(read.Ref, read.Claim, key().Verifier())
	want(t, "a second reader", err, vault.ErrGone)
	if err := v.Acknowledge(read.Ref, read.Reader); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Revoke(revoked.Ref, revoked.Manage); err != nil {
		t.Fatal(err)
	}
	v.Clock.Advance(11 * time.Minute)
	if err := v.Maintain(); err != nil || v.Status().Destroyed != 1 {
		t.Fatalf("the lease: %v, %+v", err, v.Status())
	}
	v.Clock.Advance(50 * time.Minute)
	if err := v.Maintain(); err != nil || v.Status().Destroyed != 1 {
		t.Fatalf("the expiry: %v, %+v", err, v.Status())
	}
	for _, m := range []*vaulttest.Message{read, revoked, left, expired} {
		gone(t, v, m)
	}
}

// The lock and the proof are those of every vault: an erasure that does not
// read back as zero locks.
func TestVolatileLocks(t *testing.T) {
	v := volatile(t, t.TempDir()+"/data")
	m := v.Stored(t, 10)
	v.Layer.SetHook(failing(vaulttest.Write, 1, vaulttest.Silent))
	_, err := v.Revoke(m.Ref, m.Manage)
	want(t, "revoke", err, vault.ErrNotProven)
	lockedFor(t, v, vault.CauseVerification)
	v.Layer.SetHook(nil)
	if err := v.Maintain(); err != nil || !v.Status().Open {
		t.Fatalf("locked after the fault was gone: %v", err)
	}
}

// A fault of the disk does not touch the memory: after the operator's word on it
// every message is there, and what was destroyed is not.
func TestVolatileUnlock(t *testing.T) {
	v := volatile(t, t.TempDir()+"/data")
	read, stays := v.Stored(t, 1000), v.Stored(t, 300<<10)
	if _, err := v.Revoke(read.Ref, read.Manage); err != nil {
		t.Fatal(err)
	}
	v.Layer.SetHook(failing(vaulttest.Sync, 1, errInjected))
	want(t, "put", vaulttest.Draw(10).Put(v.Vault), vault.ErrLocked)
	lockedFor(t, v, vault.CauseFsync)
	v.Layer.SetHook(nil)
	if err := v.Unlock(vault.CauseFsync); err != nil {
		t.Fatal(err)
	}
	gone(t, v, read)
	if _, err := v.Claim(stays.Ref, stays.Claim, stays.Reader.Verifier()); err != nil {
		t.Fatal(err)
	}
	c, err := v.Content(stays.Ref, stays.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, len(stays.Data))
	if _, err := c.ReadAt(b, 0); err != nil || !bytes.Equal(b, stays.Data) {
		t.Fatalf("the message came back changed: %v", err)
	}
}

// Nothing survives a stop: no message, no chunk, and at no time a slot in the
// folder. Only the mark stays: time never goes back.
func TestVolatileKeepsNothing(t *testing.T) {
	dir := t.TempDir() + "/data"
	v := volatile(t, dir)
	m := v.Stored(t, 1000, func(m *vaulttest.Message) { m.Terms.Lifetime = 24 * time.Hour })
	if _, err := os.Stat(filepath.Join(dir, "slots")); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("a slot file: %v", err)
	}
	v.Close()
	if _, err := os.Stat(filepath.Join(dir, "badger")); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("chunks after a stop: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "mark")); err != nil {
		t.Fatal(err)
	}
	// What a killed process leaves goes at the next start.
	stray := filepath.Join(dir, "badger", "000001.vlog")
	if err := errors.Join(os.Mkdir(filepath.Dir(stray), 0o700), os.WriteFile(stray, m.Data, 0o600)); err != nil {
		t.Fatal(err)
	}
	v = volatile(t, dir)
	if b, err := os.ReadFile(stray); err == nil && bytes.Contains(b, m.Data) {
		t.Fatal("chunks of a killed process are still there")
	}
	gone(t, v, m)
	if v.Status().Live != 0 {
		t.Fatal("something survived")
	}
}

// A folder that keeps messages on the disk is not taken for a volatile vault:
// it would make them unreadable and leave their keys.
func TestVolatileRefusesKeptMessages(t *testing.T) {
	v := vaulttest.New(t)
	m := v.Stored(t, 10)
	v.Close()
	o := vaulttest.Options(v.Clock, v.Layer)
	o.Volatile = true
	var refusal *vault.UnsuitableError
	if _, err := vault.Open(v.Dir, o); !errors.As(err, &refusal) || refusal.Do == "" || refusal.InMemory {
		t.Fatalf("%v", err)
	}
	v.Reopen(t) // nothing was touched
	if _, err := v.Revoke(m.Ref, m.Manage); err != nil {
		t.Fatal(err)
	}
	v.Close()
	w := volatile(t, v.Dir) // an empty slot file holds nothing
	w.Close()
	if err := os.WriteFile(filepath.Join(v.Dir, "slots"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.Open(v.Dir, o); !errors.As(err, &refusal) {
		t.Fatalf("a damaged slot file: %v", err)
	}
}

// As many messages fit as memory may be locked. The limit is the process's own,
// so this test changes it for a moment and runs alone.
func TestVolatileCapacity(t *testing.T) {
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_MEMLOCK, &before); err != nil {
		t.Fatal(err)
	}
	if before.Max < 1<<20 {
		t.Skip("too little memory may be locked here")
	}
	o := vaulttest.Options(vaulttest.NewClock(), new(vaulttest.Layer))
	o.Volatile, o.Slots = true, 1<<20
	v, err := vault.Open(t.TempDir()+"/data", o)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	var now unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_MEMLOCK, &now); err != nil {
		t.Fatal(err)
	}
	if now.Cur != now.Max {
		t.Errorf("the soft limit %d was not raised to the hard one, %d", now.Cur, now.Max)
	}
	if got, want := v.Status().Slots, int(min(1<<20, now.Cur/4096*4096/256)); got != want {
		t.Errorf("%d messages fit, want %d", got, want)
	}
}
