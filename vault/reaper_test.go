package vault_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
)

// The reaper over simulated hours: it opens the vault, destroys what falls due
// within seconds, proves it every hour, and never lets the lock close.
func TestReaper(t *testing.T) {
	dir := t.TempDir() + "/data"
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var layer vaulttest.Layer
		o := vaulttest.Options(vaulttest.NewClock(), &layer)
		o.Clock = vault.Clock{
			Wall: time.Now, Boot: func() time.Duration { return time.Since(began) },
			Synced: func() bool { return true }, // it is the year 2000 in here
		}
		v, err := vault.Open(dir, o)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { v.Run(ctx); close(ended) }()
		synctest.Wait()
		if s := v.Status(); !s.Open {
			t.Fatalf("locked after the first run: %+v", s)
		}
		for hour := range 5 {
			m := vaulttest.Draw(100)
			m.Terms.Lifetime = 5 * time.Minute
			if err := m.Put(v); err != nil {
				t.Fatalf("hour %d: %v", hour, err)
			}
			time.Sleep(5*time.Minute + 16*time.Second)
			synctest.Wait()
			if s := v.Status(); s.Live != 0 {
				t.Fatalf("hour %d: a message outlived its time", hour)
			}
			time.Sleep(55 * time.Minute)
			if s := v.Status(); !s.Open || s.Now.Sub(s.Verified) > time.Hour+time.Minute {
				t.Fatalf("hour %d: %+v", hour, s)
			}
		}
		// What locked between two runs is looked at within minutes.
		layer.SetHook(failing(vaulttest.Write, 1, vaulttest.Silent))
		if err := vaulttest.Draw(100).Put(v); !errors.Is(err, vault.ErrLocked) {
			t.Fatalf("a write that did nothing: %v", err)
		}
		layer.SetHook(nil)
		time.Sleep(2*time.Minute + time.Second)
		if s := v.Status(); !s.Open {
			t.Fatalf("%+v", s)
		}
		// A fault locks within an hour, and a minute after it is gone the
		// vault is open again.
		layer.SetHook(failing(vaulttest.Fresh, 1, errInjected))
		time.Sleep(time.Hour + time.Second)
		if s := v.Status(); s.Cause != vault.CauseMaintenance {
			t.Fatalf("%+v", s)
		}
		layer.SetHook(nil)
		time.Sleep(time.Minute + time.Second)
		if s := v.Status(); !s.Open {
			t.Fatalf("%+v", s)
		}
		stop()
		<-ended
		if err := v.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
