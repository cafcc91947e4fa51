package vault_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
)

var errInjected = errors.New("injected")

// failing returns a hook that answers op with err from the n-th time on.
func failing(op vaulttest.Op, n int, err error) func(vaulttest.Op) error {
	return func(o vaulttest.Op) error {
		if o != op {
			return nil
		}
		if n--; n > 0 {
			return nil
		}
		return err
	}
}

// The lock: what causes it, what stops, what remains, and who unlocks.
func TestLock(t *testing.T) {
	cases := []struct {
		name  string
		cause vault.Cause
		// make brings the fault about.
		make func(t *testing.T, v *vaulttest.Vault)
		// mend takes the fault away, as far as the world outside can.
		mend func(v *vaulttest.Vault)
		// erases says that acknowledge and revoke still erase.
		erases bool
		// unlocks says that the next maintenance opens; otherwise a new
		// process does.
		unlocks bool
	}{
		{
			name: "boot", cause: vault.CauseStarting, erases: true, unlocks: true,
			make: func(t *testing.T, v *vaulttest.Vault) {
				v.Close()
				opened, err := vault.Open(v.Dir, vaulttest.Options(v.Clock, v.Layer))
				if err != nil {
					t.Fatal(err)
				}
				v.Vault = opened
			},
		},
		{
			name: "maintenance fails", cause: vault.CauseMaintenance, erases: true, unlocks: true,
			make: func(t *testing.T, v *vaulttest.Vault) {
				v.Layer.SetHook(failing(vaulttest.Fresh, 1, errInjected))
				want(t, "maintenance", v.Maintain(), errInjected)
			},
		},
		{
			name: "maintenance panics", cause: vault.CauseMaintenance, erases: true, unlocks: true,
			make: func(t *testing.T, v *vaulttest.Vault) {
				v.Layer.SetHook(func(o vaulttest.Op) error {
					if o == vaulttest.Fresh {
						panic("canary")
					}
					return nil
				})
				if err := v.Maintain(); err == nil || err.Error() != "maintenance panicked" {
					t.Fatalf("%v", err)
				}
			},
		},
		{
			name: "an erasure silently does nothing", cause: vault.CauseVerification, unlocks: true,
			make: func(t *testing.T, v *vaulttest.Vault) {
				m := v.Stored(t, 10)
				v.Layer.SetHook(failing(vaulttest.Write, 1, vaulttest.Silent))
				_, err := v.Revoke(m.Ref, m.Manage)
				want(t, "revoke", err, vault.ErrNotProven)
			},
		},
		{
			name: "verification finds something", cause: vault.CauseVerification, unlocks: true,
			make: func(t *testing.T, v *vaulttest.Vault) {
				v.Stored(t, 10, func(m *vaulttest.Message) { m.Terms.Lifetime = time.Minute })
				v.Clock.Advance(2 * time.Minute)
				v.Layer.SetHook(failing(vaulttest.Write, 1, vaulttest.Silent))
				if v.Maintain() == nil {
					t.Fatal("maintenance succeeded")
				}
			},
		},
		{
			name: "no verified run for 75 minutes", cause: vault.CauseOverdue, erases: true, unlocks: true,
			make: func(t *testing.T, v *vaulttest.Vault) { v.Clock.Advance(75*time.Minute + time.Second) },
		},
		{
			name: "a sync fails", cause: vault.CauseFsync,
			make: func(t *testing.T, v *vaulttest.Vault) {
				v.Layer.SetHook(failing(vaulttest.Sync, 1, errInjected))
				want(t, "put", vaulttest.Draw(10).Put(v.Vault), vault.ErrLocked)
			},
		},
		{
			name: "a write fails", cause: vault.CauseFsync,
			make: func(t *testing.T, v *vaulttest.Vault) {
				v.Layer.SetHook(failing(vaulttest.Write, 1, errInjected))
				want(t, "put", vaulttest.Draw(10).Put(v.Vault), vault.ErrLocked)
			},
		},
		{
			name: "the clock jumps", cause: vault.CauseClock, erases: true,
			make: func(t *testing.T, v *vaulttest.Vault) { v.Clock.Set(2 * time.Hour) },
			mend: func(v *vaulttest.Vault) { v.Clock.Set(-2 * time.Hour) },
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			v := vaulttest.New(t)
			long := func(m *vaulttest.Message) { m.Terms.Lifetime = 24 * time.Hour }
			waiting, claimed, other := v.Stored(t, 1000, long), v.Stored(t, 1000, long), v.Stored(t, 1000, long)
			if _, err := v.Claim(claimed.Ref, claimed.Claim, claimed.Reader.Verifier()); err != nil {
				t.Fatal(err)
			}
			c.make(t, v)
			lockedFor(t, v, c.cause)
			refuses(t, v, waiting)
			erasing(t, v, c.erases, claimed, other)

			v.Layer.SetHook(nil)
			if c.mend != nil {
				c.mend(v)
			}
			err := v.Maintain()
			if open := v.Status().Open; open != c.unlocks {
				t.Fatalf("open after a run: %v (%v), want %v", open, err, c.unlocks)
			}
			if !c.unlocks {
				v.Reopen(t)
			}
			if st, err := v.State(waiting.Ref, waiting.Manage); err != nil || st.Claimed {
				t.Fatalf("the message that waited: %+v %v", st, err)
			}
		})
	}
}

// lockedFor checks what the operator and the pages are told.
func lockedFor(t *testing.T, v *vaulttest.Vault, cause vault.Cause) {
	t.Helper()
	if s := v.Status(); s.Open || s.Cause != cause || s.Since.IsZero() {
		t.Fatalf("status %+v, want locked for %s", s, cause)
	}
}

// refuses checks that nothing is given and nothing taken.
func refuses(t *testing.T, v *vaulttest.Vault, m *vaulttest.Message) {
	t.Helper()
	_, _, err := v.Reserve()
	want(t, "reserve", err, vault.ErrLocked)
	_, err = v.Put(m.Ref, m.Upload, m.Data, m.Terms)
	want(t, "put", err, vault.ErrLocked)
	want(t, "put part", v.PutPart(m.Ref, m.Upload, 0, m.Data), vault.ErrLocked)
	_, err = v.Commit(m.Ref, m.Upload, 1, int64(len(m.Data)), m.Terms)
	want(t, "commit", err, vault.ErrLocked)
	_, err = v.Claim(m.Ref, m.Claim, m.Reader.Verifier())
	want(t, "claim", err, vault.ErrLocked)
	_, err = v.Content(m.Ref, m.Reader)
	want(t, "content", err, vault.ErrLocked)
	_, err = v.State(m.Ref, m.Manage)
	want(t, "state", err, vault.ErrLocked)
}

// erasing checks that erasures are tried and never claimed to be proven, and
// that the answer does not tell what exists.
func erasing(t *testing.T, v *vaulttest.Vault, erases bool, claimed, other *vaulttest.Message) {
	t.Helper()
	answer := vault.ErrNotProven
	if v.Status().Cause == vault.CauseFsync {
		answer = vault.ErrLocked
	}
	before := v.Status().Live
	want(t, "acknowledge", v.Acknowledge(claimed.Ref, claimed.Reader), answer)
	_, err := v.Revoke(other.Ref, other.Manage)
	want(t, "revoke", err, answer)
	_, err = v.Revoke(vault.Reference{}, vault.Key{})
	want(t, "revoke of nothing", err, answer)
	if erased := before-v.Status().Live == 2; erases && !erased {
		t.Fatal("acknowledge and revoke did not erase while locked")
	}
}

// A slot that never reads as zero again keeps the vault locked, run after run.
func TestLockStaysWhileErasureFails(t *testing.T) {
	v := vaulttest.New(t)
	v.Stored(t, 10, func(m *vaulttest.Message) { m.Terms.Lifetime = time.Minute })
	v.Clock.Advance(2 * time.Minute)
	v.Layer.SetHook(func(o vaulttest.Op) error {
		if o == vaulttest.Write {
			return vaulttest.Silent
		}
		return nil
	})
	for range 3 {
		if v.Maintain() == nil || v.Status().Open {
			t.Fatal("open although nothing was erased")
		}
	}
	v.Layer.SetHook(nil)
	if err := v.Maintain(); err != nil || !v.Status().Open {
		t.Fatalf("locked after the fault was gone: %v", err)
	}
}

// A maintenance that hangs locks by itself: staleness is computed at each
// request, by the clock that counts the sleep of the machine.
func TestHungMaintenanceLocks(t *testing.T) {
	v := vaulttest.New(t)
	hung, release := make(chan struct{}), make(chan struct{})
	v.Layer.SetHook(func(o vaulttest.Op) error {
		if o == vaulttest.Fresh {
			close(hung)
			<-release
		}
		return nil
	})
	ended := make(chan error)
	go func() { ended <- v.Maintain() }()
	<-hung
	if _, _, err := v.Reserve(); err != nil {
		t.Fatalf("requests wait for maintenance: %v", err)
	}
	v.Clock.Advance(76 * time.Minute)
	_, _, err := v.Reserve()
	want(t, "reserve", err, vault.ErrLocked)
	lockedFor(t, v, vault.CauseOverdue)
	v.Layer.SetHook(nil)
	close(release)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	lockedFor(t, v, vault.CauseOverdue) // its proof is as old as its beginning
	if err := v.Maintain(); err != nil || !v.Status().Open {
		t.Fatal("locked after the next run")
	}
}

func TestCorruptionLocks(t *testing.T) {
	for name, damage := range map[string]func(dir string) error{
		"slot header": func(dir string) error { return os.WriteFile(filepath.Join(dir, "slots"), []byte("x"), 0o600) },
		"badger": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "badger", "MANIFEST"), []byte("xxxxxxxxxxxxxxxx"), 0o600)
		},
		"mark": func(dir string) error { return os.WriteFile(filepath.Join(dir, "mark"), []byte("x"), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			v := vaulttest.New(t)
			m := v.Stored(t, 10)
			v.Close()
			if err := damage(v.Dir); err != nil {
				t.Fatal(err)
			}
			opened, err := vault.Open(v.Dir, vaulttest.Options(v.Clock, v.Layer))
			if err != nil {
				t.Fatal(err)
			}
			v.Vault = opened
			_ = v.Maintain() // opens Badger, after sweeping
			lockedFor(t, v, vault.CauseCorruption)
			refuses(t, v, m)
			_ = v.Maintain()
			lockedFor(t, v, vault.CauseCorruption)
			if _, err := v.Revoke(m.Ref, m.Manage); err == nil {
				t.Fatal("revoke claims success")
			}
		})
	}
}

func TestSecondProcess(t *testing.T) {
	v := vaulttest.New(t)
	_, err := vault.Open(v.Dir, vault.Options{})
	want(t, "second open", err, vault.ErrInUse)
}

func TestFolderOfOthersIsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.Open(dir, vault.Options{}); err == nil {
		t.Fatal("opened a folder that others can enter")
	}
}
