package vault_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"ashpost/vault/vaulttest"
)

// Erasures that fail, in whole or in part, leak neither slots nor quota: once
// the fault is gone and a maintenance has been verified, as much fits as ever.
func TestRoomIsRightAfterFailedErasures(t *testing.T) {
	const slots, size = 4, 1000
	faults := map[string]func(n int) func(vaulttest.Op) error{
		"a write does nothing":     func(n int) func(vaulttest.Op) error { return once(vaulttest.Write, n, vaulttest.Silent) },
		"every write does nothing": func(int) func(vaulttest.Op) error { return always(vaulttest.Write, vaulttest.Silent) },
		"reading back fails":       func(n int) func(vaulttest.Op) error { return readBack(n) },
		"every reading back fails": func(int) func(vaulttest.Op) error { return readBack(0) },
		"reading the medium fails": func(n int) func(vaulttest.Op) error { return once(vaulttest.Fresh, n, errInjected) },
	}
	acts := map[string]func(v *vaulttest.Vault, all []*vaulttest.Message){
		"revoked": func(v *vaulttest.Vault, all []*vaulttest.Message) {
			for _, m := range all {
				_, _ = v.Revoke(m.Ref, m.Manage)
			}
		},
		"swept": func(v *vaulttest.Vault, _ []*vaulttest.Message) {
			v.Clock.Advance(6 * time.Minute)
			_ = v.Maintain()
		},
		"damaged": func(v *vaulttest.Vault, all []*vaulttest.Message) {
			damageSlots(t, v.Dir, len(all))
			_ = v.Maintain()
		},
	}
	for fault, hook := range faults {
		for act, erase := range acts {
			t.Run(act+", "+fault, func(t *testing.T) {
				for n := 1; n <= slots; n++ {
					clock, layer := vaulttest.NewClock(), new(vaulttest.Layer)
					o := vaulttest.Options(clock, layer)
					o.Slots, o.Quota = slots, slots*size
					v := openWith(t, o)
					v.Clock, v.Layer = clock, layer
					for round := range 3 {
						var all []*vaulttest.Message
						for k := range slots {
							m := vaulttest.Draw(size)
							brief(5)(m)
							if err := m.Put(v.Vault); err != nil {
								t.Fatalf("n %d, round %d: message %d of %d does not fit: %v", n, round, k+1, slots, err)
							}
							all = append(all, m)
						}
						v.Layer.SetHook(hook(n))
						erase(v, all)
						v.Layer.SetHook(nil)
						v.Clock.Advance(6 * time.Minute)
						if err := v.Maintain(); err != nil {
							t.Fatal(err)
						}
						if s := v.Status(); !s.Open || s.Live != 0 || s.Bytes != 0 || len(slotKeys(t, v.Dir)) != 0 {
							t.Fatalf("n %d, round %d: %+v, %d keys", n, round, s, len(slotKeys(t, v.Dir)))
						}
					}
				}
			})
		}
	}
}

// damageSlots changes a byte in each of the first n slots.
func damageSlots(t *testing.T, dir string, n int) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(dir, "slots"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for i := range n {
		var b [1]byte
		at := int64(4096 + 256*i + 40)
		_, err := f.ReadAt(b[:], at)
		b[0] ^= 1
		if _, werr := f.WriteAt(b[:], at); err != nil || werr != nil {
			t.Fatal(err, werr)
		}
	}
}

// readBack fails the n-th read that follows a sync, or with 0 all of them:
// the reading back of an erased slot.
func readBack(n int) func(vaulttest.Op) error {
	var mu sync.Mutex
	synced, seen := false, 0
	return func(o vaulttest.Op) error {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case o == vaulttest.Sync:
			synced = true
		case o == vaulttest.Read && synced:
			if seen++; n == 0 || seen == n {
				return errInjected
			}
		}
		return nil
	}
}
