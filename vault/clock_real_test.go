package vault_test

import (
	"testing"
	"time"
	"unsafe"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
)

// steppedWall is time.Now on a machine whose wall clock was set forward by
// step: the wall reading moved, Go's monotonic reading did not. No call makes
// such a time, so its wall field (seconds from bit 30 up) is moved in place.
func steppedWall(step time.Duration) time.Time {
	now := time.Now()
	*(*uint64)(unsafe.Pointer(&now)) += uint64(step/time.Second) << 30
	return now
}

// A step of the wall clock is seen although time.Now carries a monotonic
// reading, with which Sub does not see it: a small one is followed, a large
// one locks and destroys nothing.
func TestClockJumpOfTheSystemClock(t *testing.T) {
	began := time.Now()
	if s := steppedWall(time.Hour); s.Sub(began) > time.Minute || s.Round(0).Sub(began.Round(0)) < time.Hour {
		t.Fatal("steppedWall does not step the wall reading alone: the test is blind")
	}
	cases := []struct {
		name     string
		step     time.Duration
		followed time.Duration
		cause    vault.Cause
	}{
		{"set back a day", -24 * time.Hour, 0, ""},
		{"half an hour forward", 30 * time.Minute, 30 * time.Minute, ""},
		{"two hours forward", 2 * time.Hour, 0, vault.CauseClock},
		{"a year forward", 365 * 24 * time.Hour, 0, vault.CauseClock},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var step time.Duration
			o := vaulttest.Options(vaulttest.NewClock(), new(vaulttest.Layer))
			o.Clock = vault.Clock{
				Wall: func() time.Time { return steppedWall(step) },
				Boot: func() time.Duration { return time.Since(began) },

				Synced: func() bool { return true },
			}
			v := openWith(t, o)
			m := v.Stored(t, 100, func(m *vaulttest.Message) { m.Terms.Lifetime = 24 * time.Hour })
			before := v.Status().Now
			step = c.step
			s := v.Status()
			if moved := s.Now.Sub(before); moved < c.followed || moved > c.followed+time.Minute {
				t.Errorf("the vault's time moved by %v, want %v", moved, c.followed)
			}
			if s.Cause != c.cause {
				t.Errorf("cause %q, want %q", s.Cause, c.cause)
			}
			if err := v.Maintain(); (err == nil) != (c.cause == "") {
				t.Errorf("maintenance: %v", err)
			}
			if n := len(slotKeys(t, v.Dir)); n != 1 {
				t.Fatalf("%d keys on the disk, want 1: the step destroyed what is not due", n)
			}
			if c.cause != "" {
				_, err := v.Claim(m.Ref, m.Claim, m.Reader.Verifier())
				want(t, "claim", err, vault.ErrLocked)
			}
		})
	}
}

// openWith opens a vault with options of its own and maintains it once.
func openWith(t *testing.T, o vault.Options) *vaulttest.Vault {
	t.Helper()
	v := &vaulttest.Vault{Dir: t.TempDir() + "/data"}
	opened, err := vault.Open(v.Dir, o)
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
