package vault_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
)

// A mark that cannot be written locks. Unless it was the sync that failed,
// the next maintenance opens again.
func TestMarkThatCannotBeWritten(t *testing.T) {
	cases := []struct {
		name  string
		make  func(dir string) error
		cause vault.Cause
	}{
		{"opening fails", func(dir string) error { return os.Mkdir(filepath.Join(dir, "mark.new"), 0o700) }, vault.CauseMaintenance},
		{"the disk is full", func(dir string) error { return os.Symlink("/dev/full", filepath.Join(dir, "mark.new")) }, vault.CauseDisk},
		{"renaming fails", func(dir string) error {
			return errors.Join(os.Remove(filepath.Join(dir, "mark")), os.MkdirAll(filepath.Join(dir, "mark", "x"), 0o700))
		}, vault.CauseMaintenance},
		{"syncing fails", func(dir string) error { return os.Symlink("/dev/null", filepath.Join(dir, "mark.new")) }, vault.CauseFsync},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			v := vaulttest.New(t)
			m := v.Stored(t, 10)
			if err := c.make(v.Dir); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if v.Maintain() == nil {
					t.Fatal("maintenance claims success")
				}
				lockedFor(t, v, c.cause)
				refuses(t, v, m)
			}
			if err := errors.Join(os.RemoveAll(filepath.Join(v.Dir, "mark.new")), os.RemoveAll(filepath.Join(v.Dir, "mark"))); err != nil {
				t.Fatal(err)
			}
			err := v.Maintain()
			if open := v.Status().Open; open != (c.cause != vault.CauseFsync) {
				t.Fatalf("open after the next run: %v (%v)", open, err)
			}
			v.Clock.Sync(true) // there is no mark where nothing is written any more
			v.Reopen(t)
			if _, err := v.Claim(m.Ref, m.Claim, m.Reader.Verifier()); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// A damaged mark keeps the vault locked in every new process, until somebody
// has looked: no run writes a new one over it.
func TestDamagedMarkIsNotHealed(t *testing.T) {
	v := vaulttest.New(t)
	v.Close()
	mark := filepath.Join(v.Dir, "mark")
	if err := os.WriteFile(mark, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		opened, err := vault.Open(v.Dir, vaulttest.Options(v.Clock, v.Layer))
		if err != nil {
			t.Fatal(err)
		}
		v.Vault = opened
		if v.Maintain() == nil {
			t.Fatal("maintenance claims success")
		}
		lockedFor(t, v, vault.CauseCorruption)
		v.Close()
	}
	if err := os.Remove(mark); err != nil {
		t.Fatal(err)
	}
	v.Reopen(t)
}
