package vault_test

import (
	"bytes"
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
)

// hanging makes every operation of some kinds wait until release.
func hanging(layer *vaulttest.Layer, ops ...vaulttest.Op) (hung <-chan struct{}, release func()) {
	begun, end := make(chan struct{}), make(chan struct{})
	var once sync.Once
	layer.SetHook(func(o vaulttest.Op) error {
		for _, op := range ops {
			if o == op {
				once.Do(func() { close(begun) })
				<-end
			}
		}
		return nil
	})
	return begun, func() { layer.SetHook(nil); close(end) }
}

// A disk that does not answer hangs no request: each is refused within bounds,
// an erasure as not proven. It locks, says so, is not opened by a proof that
// the hanging operation could undo, and opens by itself when the disk is back.
// Then nothing that was acknowledged is lost, and each message is as it was or
// as the request that hung wanted it.
func TestHungDisk(t *testing.T) {
	for name, ops := range map[string][]vaulttest.Op{
		"writing": {vaulttest.Write},
		"syncing": {vaulttest.Sync},
		"reading": {vaulttest.Read},
		"all":     {vaulttest.Write, vaulttest.Sync, vaulttest.Read, vaulttest.Fresh},
	} {
		t.Run(name, func(t *testing.T) {
			v := vaulttest.New(t)
			long := func(m *vaulttest.Message) { m.Terms.Lifetime = 24 * time.Hour }
			stays, claimed, claiming := v.Stored(t, 10, long), v.Stored(t, 300<<10, long), v.Stored(t, 10, long)
			revoked, due := v.Stored(t, 10, long), v.Stored(t, 10, brief(1))
			if _, err := v.Claim(claimed.Ref, claimed.Claim, claimed.Reader.Verifier()); err != nil {
				t.Fatal(err)
			}
			content, err := v.Content(claimed.Ref, claimed.Reader)
			if err != nil {
				t.Fatal(err)
			}
			pending := vaulttest.Draw(10)
			if pending.Ref, pending.Upload, err = v.Reserve(); err != nil {
				t.Fatal(err)
			}
			v.Clock.Advance(6 * time.Minute) // one is due; a lease is extended by reading
			v.HastenPatience(20 * time.Millisecond)
			hung, release := hanging(v.Layer, ops...)

			var all sync.WaitGroup
			refused := func(what string, answers []error, act func() error) {
				all.Go(func() {
					err := act()
					for _, e := range answers {
						if errors.Is(err, e) {
							return
						}
					}
					t.Errorf("%s: %v", what, err)
				})
			}
			locked, unproven := []error{vault.ErrLocked}, []error{vault.ErrNotProven}
			refused("claim", locked, func() error {
				_, err := v.Claim(claiming.Ref, claiming.Claim, claiming.Reader.Verifier())
				return err
			})
			<-hung
			refused("put", locked, func() error {
				_, err := v.Put(pending.Ref, pending.Upload, pending.Data, pending.Terms)
				return err
			})
			refused("read", locked, func() error { _, err := content.ReadAt(make([]byte, 10), 0); return err })
			refused("revoke", unproven, func() error { _, err := v.Revoke(revoked.Ref, revoked.Manage); return err })
			refused("maintenance", locked, v.Maintain)
			all.Wait()
			for range 100 { // a flood does not pile up
				refused("acknowledge", unproven, func() error { return v.Acknowledge(claimed.Ref, claimed.Reader) })
				refused("state", locked, func() error { _, err := v.State(stays.Ref, stays.Manage); return err })
			}
			all.Wait()
			lockedFor(t, v, vault.CauseDisk)
			refuses(t, v, stays)

			release()
			for v.Hung() > 0 { // they come to their end by themselves
				runtime.Gosched()
			}
			v.HastenPatience(time.Second)
			if err := v.Maintain(); err != nil || !v.Status().Open {
				t.Fatalf("locked after the disk was back: %v %+v", err, v.Status())
			}
			gone(t, v, due)
			// What was to be erased is, or is as it was: nobody was told that it is.
			if err := v.Acknowledge(claimed.Ref, claimed.Reader); err != nil && err != vault.ErrGone {
				t.Fatal(err)
			}
			if claimed, err := v.Revoke(revoked.Ref, revoked.Manage); err != nil && err != vault.ErrGone || claimed {
				t.Fatal(claimed, err)
			}
			gone(t, v, claimed)
			gone(t, v, revoked)
			c, err := v.Claim(claiming.Ref, claiming.Claim, claiming.Reader.Verifier())
			if err != nil || !bytes.Equal(c.Content, claiming.Data) {
				t.Fatalf("the claim that hung: %v", err)
			}
			if _, err := v.Put(pending.Ref, pending.Upload, pending.Data, pending.Terms); err != nil {
				t.Fatalf("the put that hung, again: %v", err)
			}
			if st, err := v.State(stays.Ref, stays.Manage); err != nil || st.Claimed {
				t.Fatalf("the message that waited: %+v %v", st, err)
			}
			if keys, live := len(slotKeys(t, v.Dir)), v.Status().Live; keys != 3 || live != 3 {
				t.Fatalf("%d keys on the disk, %d messages, want 3", keys, live)
			}
		})
	}
}
