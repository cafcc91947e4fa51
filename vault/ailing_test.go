package vault_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
)

// ownDisk mounts an ext4 file system of its own and returns where, and a data
// folder on it. Only root may mount.
func ownDisk(t *testing.T) (mount, dir string) {
	t.Helper()
	image, dir, _ := mountImage(t)
	if filepath.Dir(image) == dir {
		t.Skip("needs a file system of its own, which only root can mount")
	}
	return filepath.Dir(dir), dir
}

// remount makes a mounted file system read-only ("ro") or writable ("rw").
func remount(t *testing.T, mount, how string) {
	t.Helper()
	if out, err := exec.Command("mount", "-o", "remount,"+how, mount).CombinedOutput(); err != nil {
		t.Fatalf("remount,%s: %v %s", how, err, out)
	}
}

// fillWhole leaves no byte free, not even of what is reserved for root.
func fillWhole(t *testing.T, mount string) (empty func()) {
	t.Helper()
	path := filepath.Join(mount, "filler")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	t.Cleanup(func() { os.Remove(path) })            // before the vault closes, which without space leaves Badger alone
	if err := unix.Syncfs(int(f.Fd())); err != nil { // what was removed is free only now
		t.Fatal(err)
	}
	for b := make([]byte, 1<<20); len(b) > 0; {
		if n, err := f.Write(b); err != nil {
			b = b[:(len(b)-n)/2] // down to the last block
		}
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

// openedOn opens the vault in dir with a clock and a layer of its own.
func openedOn(t *testing.T, dir string) *vaulttest.Vault {
	t.Helper()
	v := &vaulttest.Vault{Clock: vaulttest.NewClock(), Layer: new(vaulttest.Layer), Dir: dir}
	opened, err := vault.Open(dir, vaulttest.Options(v.Clock, v.Layer))
	if err != nil {
		t.Fatal(err)
	}
	v.Vault = opened
	t.Cleanup(func() { v.Close() })
	return v
}

// A disk that is read-only or full at start locks with the cause instead of
// ending the process, run after run, and the vault opens by itself once the
// disk is mended. Nothing is lost.
func TestStartOnAilingDisk(t *testing.T) {
	readOnly := func(t *testing.T, mount string) func() {
		remount(t, mount, "ro")
		return func() { remount(t, mount, "rw") }
	}
	remove := func(names ...string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			for _, name := range names {
				if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for _, c := range []struct {
		name   string
		ail    func(t *testing.T, mount string) (mend func())
		before func(t *testing.T, dir string) // done to the folder of a process that ended
		loses  bool
	}{
		{"read-only", readOnly, remove(), false},
		{"read-only, nothing but the folder", readOnly, remove("slots", "badger", "mark", "lock", "CACHEDIR.TAG"), true},
		{"full", fillWhole, remove(), false},
		{"full, no slots yet", fillWhole, remove("slots", "ballast"), true},
		{"full, nothing but the folder", fillWhole, remove("slots", "badger", "mark", "lock", "CACHEDIR.TAG", "ballast"), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			mount, dir := ownDisk(t)
			v := openedOn(t, dir)
			if err := v.Maintain(); err != nil {
				t.Fatal(err)
			}
			m, revoked := v.Stored(t, 300<<10), v.Stored(t, 10)
			v.Close()
			c.before(t, dir)
			mend := c.ail(t, mount)

			v = openedOn(t, dir)
			for range 2 {
				if v.Maintain() == nil {
					t.Fatal("maintenance claims success")
				}
				lockedFor(t, v, vault.CauseDisk)
				refuses(t, v, m)
				if _, err := v.Revoke(revoked.Ref, revoked.Manage); err == nil {
					t.Fatal("revoke claims success")
				}
			}
			mend()
			if err := v.Maintain(); err != nil || !v.Status().Open {
				t.Fatalf("locked after the disk was mended: %v %+v", err, v.Status())
			}
			if !c.loses {
				if _, err := v.Claim(m.Ref, m.Claim, m.Reader.Verifier()); err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(readAll(t, v, m, m.Reader), m.Data) {
					t.Fatal("read back differs")
				}
			}
			v.Stored(t, 100)
		})
	}
}

// Two processes on a read-only folder are still kept apart.
func TestSecondProcessOnReadOnlyDisk(t *testing.T) {
	mount, dir := ownDisk(t)
	openedOn(t, dir).Close()
	remount(t, mount, "ro")
	openedOn(t, dir)
	_, err := vault.Open(dir, vault.Options{FileSystem: vaulttest.InPlace})
	want(t, "second open", err, vault.ErrInUse)
}

// Badger's files that end the process whenever they are opened lock after a
// few attempts: a service that is started again and again comes to stay.
func TestOpeningThatKillsIsNotRepeatedForEver(t *testing.T) {
	v := vaulttest.New(t)
	m := v.Stored(t, 10)
	v.Close()
	opening := filepath.Join(v.Dir, "opening")
	if err := os.WriteFile(opening, []byte("..."), 0o600); err != nil {
		t.Fatal(err)
	}
	v.Reopen(t) // one that is survived ends the count
	if _, err := os.Stat(opening); !os.IsNotExist(err) {
		t.Fatalf("the count stays: %v", err)
	}
	v.Close()
	if err := os.WriteFile(opening, []byte("...."), 0o600); err != nil {
		t.Fatal(err)
	}
	v = openedOn(t, v.Dir)
	if v.Maintain() == nil {
		t.Fatal("maintenance claims success")
	}
	lockedFor(t, v, vault.CauseCorruption)
	if _, err := v.Revoke(m.Ref, m.Manage); err != vault.ErrNotProven || v.Status().Live != 0 {
		t.Fatalf("revoke: %v", err)
	}
	if err := v.Unlock(vault.CauseCorruption); err != nil {
		t.Fatal(err)
	}
	v.Stored(t, 10)
}

// A full disk under a running vault locks at the next maintenance, since the
// time cannot be kept; reading ends, erasing does not.
func TestDiskFullWhileOpen(t *testing.T) {
	mount, dir := ownDisk(t)
	v := openedOn(t, dir)
	if err := v.Maintain(); err != nil {
		t.Fatal(err)
	}
	short, revoked, stays := v.Stored(t, 10, brief(5)), v.Stored(t, 10), v.Stored(t, 10)
	if err := os.Remove(filepath.Join(dir, "ballast")); err != nil {
		t.Fatal(err)
	}
	empty := fillWhole(t, mount)
	v.Clock.Advance(6 * time.Minute)
	err := v.Maintain()
	var st unix.Statfs_t
	if serr := unix.Statfs(mount, &st); serr != nil || st.Bavail > 0 {
		t.Fatalf("%d blocks are free: the test is blind (%v)", st.Bavail, serr)
	}
	if err == nil {
		t.Fatal("maintenance claims success")
	}
	lockedFor(t, v, vault.CauseDisk)
	if _, err := v.Revoke(revoked.Ref, revoked.Manage); err != vault.ErrNotProven {
		t.Fatalf("revoke: %v", err)
	}
	if n := len(slotKeys(t, dir)); n != 1 {
		t.Fatalf("%d keys are left, want that of the message that stays", n)
	}
	empty()
	if err := v.Maintain(); err != nil {
		t.Fatal(err)
	}
	gone(t, v, short)
	if _, err := v.State(stays.Ref, stays.Manage); err != nil {
		t.Fatal(err)
	}
}
