package vault_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
)

// damagedBadger are ways to damage Badger's files so that it cannot be opened.
var damagedBadger = map[string]string{ // pattern of the files to overwrite
	"manifest":     "MANIFEST",
	"key registry": "KEYREGISTRY",
	"value log":    "*.vlog",
	"tables":       "*.sst", // Badger panics over these, where nobody can recover
}

func overwrite(t *testing.T, pattern string) {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files %s: %v", filepath.Base(pattern), err)
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i := range b {
			b[i] ^= 0x55
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// Badger that cannot be opened locks, and stops no erasure.
func TestErasingNeedsNoBadger(t *testing.T) {
	for name, pattern := range damagedBadger {
		if name == "tables" {
			continue // see TestOverdueIsErasedBeforeBadgerOpens
		}
		t.Run(name, func(t *testing.T) {
			v := vaulttest.New(t)
			revoked, claimed, short, long := v.Stored(t, 10), v.Stored(t, 10), v.Stored(t, 10, brief(5)), v.Stored(t, 200<<10)
			if _, err := v.Claim(claimed.Ref, claimed.Claim, claimed.Reader.Verifier()); err != nil {
				t.Fatal(err)
			}
			v.Close()
			overwrite(t, filepath.Join(v.Dir, "badger", pattern))
			opened, err := vault.Open(v.Dir, vaulttest.Options(v.Clock, v.Layer))
			if err != nil {
				t.Fatal(err)
			}
			v.Vault = opened
			left := func(what string, n int) {
				t.Helper()
				if got := len(slotKeys(t, v.Dir)); got != n {
					t.Fatalf("%s: %d keys on the disk, want %d", what, got, n)
				}
			}
			fails := func() {
				t.Helper()
				if v.Maintain() == nil {
					t.Fatal("maintenance without Badger claims success")
				}
				lockedFor(t, v, vault.CauseCorruption)
			}
			fails()
			left("at first", 4)
			_, err = v.Revoke(revoked.Ref, revoked.Manage)
			want(t, "revoke", err, vault.ErrNotProven)
			left("revoked", 3)
			want(t, "acknowledge", v.Acknowledge(claimed.Ref, claimed.Reader), vault.ErrNotProven)
			left("acknowledged", 2)
			v.Clock.Advance(6 * time.Minute)
			fails()
			left("one is due", 1)
			refuses(t, v, short)
			refuses(t, v, long)
			v.Clock.Advance(time.Hour)
			fails()
			left("all are due", 0)
		})
	}
}

// hoursLater, when set, makes TestOverdueIsErasedBeforeBadgerOpens the process
// that opens the folder of that name, two hours later.
const hoursLater = "ASHPOST_HOURS_LATER_FOLDER"

// Whatever state Badger's files are in, and even if they end the process, it
// erases what is due before it touches them: a service that only ever restarts
// destroys on time all the same.
func TestOverdueIsErasedBeforeBadgerOpens(t *testing.T) {
	if dir := os.Getenv(hoursLater); dir != "" {
		clock := vaulttest.NewClock()
		clock.Advance(2 * time.Hour)
		if v, err := vault.Open(dir, vaulttest.Options(clock, new(vaulttest.Layer))); err == nil {
			_ = v.Maintain()
		}
		return
	}
	for name, pattern := range damagedBadger {
		t.Run(name, func(t *testing.T) {
			v := vaulttest.New(t)
			v.Stored(t, 10)
			v.Stored(t, 200<<10)
			v.Close()
			overwrite(t, filepath.Join(v.Dir, "badger", pattern))
			cmd := exec.Command(os.Args[0], "-test.run=^TestOverdueIsErasedBeforeBadgerOpens$")
			cmd.Env = append(os.Environ(), hoursLater+"="+v.Dir)
			_ = cmd.Run() // it may die
			if n := len(slotKeys(t, v.Dir)); n != 0 {
				t.Fatalf("%d overdue keys are left on the disk", n)
			}
		})
	}
}

// A value that Badger lost makes its message gone. It is no fault of the disk
// and locks nothing.
func TestDamagedValueIsGoneAlone(t *testing.T) {
	cases := map[string]func(path string) error{
		"cut off": func(path string) error { return os.Truncate(path, 100) },
		"overwritten": func(path string) error {
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for i := 100; i < len(b); i++ {
				b[i] ^= 0x55
			}
			return os.WriteFile(path, b, 0o600)
		},
		"one bit": func(path string) error {
			b, err := os.ReadFile(path)
			if err != nil || len(b) < 1000 {
				return err
			}
			b[1000-1] ^= 1
			return os.WriteFile(path, b, 0o600)
		},
	}
	for name, damage := range cases {
		t.Run(name, func(t *testing.T) {
			v := vaulttest.New(t)
			lost := v.Stored(t, 200<<10) // in the value log; short ones are in the tree
			other := v.Stored(t, 100)
			v.Close()
			logs, err := filepath.Glob(filepath.Join(v.Dir, "badger", "*.vlog"))
			if err != nil || len(logs) == 0 {
				t.Fatalf("no value log: %v", err)
			}
			for _, path := range logs {
				if err := damage(path); err != nil {
					t.Fatal(err)
				}
			}
			v.Reopen(t)
			for range 2 { // a new process finds the same
				_, err = v.Claim(lost.Ref, lost.Claim, lost.Reader.Verifier())
				want(t, "claim of the damaged", err, vault.ErrGone)
				if s := v.Status(); !s.Open {
					t.Fatalf("one lost value locked: %+v", s)
				}
				c, err := v.Claim(other.Ref, other.Claim, other.Reader.Verifier())
				if err != nil || !bytes.Equal(c.Content, other.Data) {
					t.Fatalf("claim of another: %v", err)
				}
				v.Stored(t, 200<<10)
				v.Reopen(t)
			}
		})
	}
}

// Badger's own expiry follows the vault's clock: a message stored while the
// machine believed in a long gone year, and the mark knew better, stays.
func TestWrongWallClockLosesNothing(t *testing.T) {
	dir := t.TempDir() + "/data"
	clock, layer := vaulttest.NewClock(), new(vaulttest.Layer)
	m := vaulttest.Draw(100)
	m.Terms.Lifetime = 24 * time.Hour
	synctest.Test(t, func(t *testing.T) { // in here Badger's time is in 2000
		v, err := vault.Open(dir, vaulttest.Options(clock, layer))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(v.Maintain(), m.Put(v), v.Close()); err != nil {
			t.Fatal(err)
		}
	})
	v, err := vault.Open(dir, vaulttest.Options(clock, layer))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if err := v.Maintain(); err != nil {
		t.Fatal(err)
	}
	if c, err := v.Claim(m.Ref, m.Claim, m.Reader.Verifier()); err != nil || !bytes.Equal(c.Content, m.Data) {
		t.Fatalf("claim: %v", err)
	}
}
