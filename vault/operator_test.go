package vault_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
)

func TestOperatorDestroysOne(t *testing.T) {
	v := vaulttest.New(t)
	m, other := v.Stored(t, 100), v.Stored(t, 100)
	if err := v.Destroy(m.Ref); err != nil {
		t.Fatal(err)
	}
	gone(t, v, m)
	if _, err := v.State(other.Ref, other.Manage); err != nil {
		t.Fatal(err)
	}
	want(t, "destroy of nothing", v.Destroy(vault.Reference{}), vault.ErrGone)
}

func TestOperatorDestroysAll(t *testing.T) {
	v := vaulttest.New(t)
	var all []*vaulttest.Message
	for range 50 {
		all = append(all, v.Stored(t, 300<<10))
	}
	ref, upload, err := v.Reserve()
	if err != nil {
		t.Fatal(err)
	}
	if n, err := v.DestroyAll(); n != 50 || err != nil {
		t.Fatalf("%d %v", n, err)
	}
	for _, m := range all {
		gone(t, v, m)
	}
	want(t, "an upload under way", v.PutPart(ref, upload, 0, []byte("x")), vault.ErrGone)
	if s := v.Status(); !s.Open || s.Live != 0 || s.Bytes != 0 {
		t.Fatalf("%+v", s)
	}
	size := int64(0)
	err = filepath.Walk(filepath.Join(v.Dir, "badger"), func(_ string, i os.FileInfo, err error) error {
		if err == nil && filepath.Ext(i.Name()) == ".sst" {
			size += i.Size()
		}
		return err
	})
	if err != nil || size != 0 {
		t.Fatalf("Badger still has %d bytes in tables, %v", size, err)
	}
	v.Stored(t, 100)
}

func TestUnlock(t *testing.T) {
	long := func(m *vaulttest.Message) { m.Terms.Lifetime = 24 * time.Hour }
	t.Run("clock", func(t *testing.T) {
		v := vaulttest.New(t)
		stays, due := v.Stored(t, 10, long), v.Stored(t, 10)
		v.Clock.Set(2 * time.Hour)
		lockedFor(t, v, vault.CauseClock)
		if v.Maintain() == nil {
			t.Fatal("opened by itself")
		}
		want(t, "another cause", v.Unlock(vault.CauseFsync), vault.ErrConflict)
		if err := v.Unlock(vault.CauseClock); err != nil {
			t.Fatal(err)
		}
		gone(t, v, due)
		if _, err := v.State(stays.Ref, stays.Manage); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("fsync", func(t *testing.T) {
		v := vaulttest.New(t)
		m := v.Stored(t, 10)
		v.Layer.SetHook(failing(vaulttest.Sync, 1, errInjected))
		want(t, "put", vaulttest.Draw(10).Put(v.Vault), vault.ErrLocked)
		v.Layer.SetHook(nil)
		if v.Maintain() == nil {
			t.Fatal("opened by itself")
		}
		if err := v.Unlock(vault.CauseFsync); err != nil {
			t.Fatal(err)
		}
		if _, err := v.State(m.Ref, m.Manage); err != nil {
			t.Fatal(err)
		}
		v.Stored(t, 10)
	})
	for name, damage := range map[string]string{"slots": "slots", "badger": "badger/MANIFEST", "mark": "mark"} {
		t.Run("corruption of "+name, func(t *testing.T) {
			v := vaulttest.New(t)
			m := v.Stored(t, 10)
			v.Close()
			if err := os.WriteFile(filepath.Join(v.Dir, damage), []byte("xxxxxxxxxxxxxxxx"), 0o600); err != nil {
				t.Fatal(err)
			}
			opened, err := vault.Open(v.Dir, vaulttest.Options(v.Clock, v.Layer))
			if err != nil {
				t.Fatal(err)
			}
			v.Vault = opened
			_ = v.Maintain()
			lockedFor(t, v, vault.CauseCorruption)
			if err := v.Unlock(vault.CauseCorruption); err != nil {
				t.Fatal(err)
			}
			if name != "mark" {
				gone(t, v, m)
			} else if _, err := v.State(m.Ref, m.Manage); err != nil {
				t.Fatal(err)
			}
			v.Stored(t, 10)
			v.Reopen(t)
		})
	}
}

// After a failed sync the reaper closes the slot file: nothing reads what the
// kernel still holds of it. Unlock opens it anew.
func TestFailedSyncClosesTheSlots(t *testing.T) {
	v := vaulttest.New(t)
	m := v.Stored(t, 10)
	if _, err := v.Claim(m.Ref, m.Claim, m.Reader.Verifier()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { v.Run(ctx); close(ended) }()
	v.Layer.SetHook(failing(vaulttest.Sync, 1, errInjected))
	want(t, "put", vaulttest.Draw(10).Put(v.Vault), vault.ErrLocked)
	v.Layer.SetHook(nil)
	for v.Status().Slots > 0 {
		runtime.Gosched()
	}
	stop()
	<-ended
	if held := openFiles(t, filepath.Join(v.Dir, "slots")); held != 0 {
		t.Errorf("the slot file is open %d times", held)
	}
	lockedFor(t, v, vault.CauseFsync)
	refuses(t, v, m)
	want(t, "acknowledge", v.Acknowledge(m.Ref, m.Reader), vault.ErrLocked)
	if err := v.Unlock(vault.CauseFsync); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(readAll(t, v, m, m.Reader), m.Data) {
		t.Fatal("read back differs")
	}
}

// openFiles says how often this process has a file open.
func openFiles(t *testing.T, path string) (n int) {
	t.Helper()
	fds, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		if to, err := os.Readlink(fd); err == nil && to == path {
			n++
		}
	}
	return n
}
