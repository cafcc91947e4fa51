package vault_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
)

// brief makes a message live n minutes.
func brief(n int) func(*vaulttest.Message) {
	return func(m *vaulttest.Message) { m.Terms.Lifetime = time.Duration(n) * time.Minute }
}

// always answers every op of one kind with err.
func always(op vaulttest.Op, err error) func(vaulttest.Op) error { return failing(op, 1, err) }

// once answers the n-th op of one kind with err, and no other.
func once(op vaulttest.Op, n int, err error) func(vaulttest.Op) error {
	var mu sync.Mutex
	return func(o vaulttest.Op) error {
		mu.Lock()
		defer mu.Unlock()
		if o != op {
			return nil
		}
		if n--; n == 0 {
			return err
		}
		return nil
	}
}

// What locks while a maintenance is already past the place is not unlocked by
// that maintenance.
func TestLockDuringMaintenanceStays(t *testing.T) {
	layer := new(vaulttest.Layer)
	o := vaulttest.Options(vaulttest.NewClock(), layer)
	o.Slots = 4 << 12
	v := openWith(t, o)
	v.Layer = layer
	m := v.Stored(t, 10) // in the first of four pieces of the slot file
	seen, release := make(chan struct{}), make(chan struct{})
	pieces := 0
	v.Layer.SetHook(func(o vaulttest.Op) error {
		switch o {
		case vaulttest.Fresh:
			if pieces++; pieces == 4 {
				close(seen)
				<-release
			}
		case vaulttest.Write:
			return vaulttest.Silent
		}
		return nil
	})
	ended := make(chan error)
	go func() { ended <- v.Maintain() }()
	<-seen
	_, err := v.Revoke(m.Ref, m.Manage)
	want(t, "revoke", err, vault.ErrNotProven)
	lockedFor(t, v, vault.CauseVerification)
	close(release)
	if err := <-ended; err == nil {
		t.Error("the maintenance claims success")
	}
	lockedFor(t, v, vault.CauseVerification)
	if n := len(slotKeys(t, v.Dir)); n != 1 {
		t.Fatalf("%d keys on the disk: the test is blind", n)
	}
	v.Layer.SetHook(nil)
	if err := v.Maintain(); err != nil || !v.Status().Open {
		t.Fatalf("locked after the next run: %v", err)
	}
	if n := len(slotKeys(t, v.Dir)); n != 0 {
		t.Fatalf("%d keys on the disk after a verified run", n)
	}
}

// A proof is as old as the beginning of its maintenance.
func TestProofIsAsOldAsItsBeginning(t *testing.T) {
	for _, c := range []struct {
		took time.Duration
		open bool
	}{{0, true}, {74 * time.Minute, true}, {76 * time.Minute, false}, {10 * time.Hour, false}} {
		t.Run(c.took.String(), func(t *testing.T) {
			v := vaulttest.New(t)
			v.Stored(t, 10, brief(5))
			v.Layer.SetHook(func(o vaulttest.Op) error {
				if o == vaulttest.Fresh {
					v.Layer.SetHook(nil)
					v.Clock.Advance(c.took)
				}
				return nil
			})
			if err := v.Maintain(); err != nil {
				t.Fatal(err)
			}
			s := v.Status()
			if s.Open != c.open || s.Now.Sub(s.Verified) != c.took {
				t.Fatalf("open %v, proof %v old", s.Open, s.Now.Sub(s.Verified))
			}
			if !c.open {
				lockedFor(t, v, vault.CauseOverdue)
			}
			v.Clock.Advance(5 * time.Minute)
			if err := v.Maintain(); err != nil || !v.Status().Open || len(slotKeys(t, v.Dir)) != 0 {
				t.Fatalf("after the next run: %v %+v", err, v.Status())
			}
		})
	}
}

// A commit of more than fits is refused before its parts are counted.
func TestAbsurdCommitIsCheap(t *testing.T) {
	v := vaulttest.New(t)
	m := vaulttest.Draw(10)
	ref, upload, err := v.Reserve()
	if err != nil {
		t.Fatal(err)
	}
	const many = 2_000_000
	for _, c := range []struct {
		name  string
		parts int
		size  int64
	}{
		{"many parts", many, many * vault.PartSize},
		{"one past the limit", 9, v.Limits().MaxMessage + 1},
		{"largest size", 1, math.MaxInt64},
		{"parts without size", many, 1},
		{"largest count", math.MaxInt, 10},
		{"size without parts", 0, 10},
		{"nothing", 0, 0},
		{"negative", -1, -1},
		{"smallest", math.MinInt, math.MinInt64},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := allocated(func() {
				_, err := v.Commit(ref, upload, c.parts, c.size, m.Terms)
				var invalid *vault.InvalidError
				if !errors.Is(err, vault.ErrTooLarge) && !errors.As(err, &invalid) {
					t.Errorf("commit: %v", err)
				}
			})
			if n > 1<<20 {
				t.Errorf("the refusal took %d KiB of memory", n>>10)
			}
		})
	}
	if _, err := v.Put(ref, upload, m.Data, m.Terms); err != nil {
		t.Fatalf("the upload is lost: %v", err)
	}
}

// allocated is the least memory f took in three runs: other goroutines take some
// now and then.
func allocated(f func()) uint64 {
	least := uint64(math.MaxUint64)
	for range 3 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	return least
}

// A panic at any step of a maintenance leaves nothing held: a lock left held
// would hang what follows.
func TestPanicInMaintenanceLeavesNothingHeld(t *testing.T) {
	layer := new(vaulttest.Layer)
	o := vaulttest.Options(vaulttest.NewClock(), layer)
	o.Slots = 4 << 12 // four pieces
	v := openWith(t, o)
	v.Layer = layer
	stays := v.Stored(t, 100)
	steps := 0
	for panicked := true; panicked; steps++ {
		left := steps
		panicked = false
		v.Close() // after a start orphans are swept, too
		var err error
		if v.Vault, err = vault.Open(v.Dir, o); err != nil {
			t.Fatal(err)
		}
		v.Layer.SetHook(func(o vaulttest.Op) error {
			if left--; left < 0 && !panicked {
				panicked = true
				panic("canary")
			}
			return nil
		})
		err = v.Maintain()
		v.Layer.SetHook(nil)
		if (err != nil) != panicked {
			t.Fatalf("step %d: %v", steps, err)
		}
		if panicked {
			lockedFor(t, v, vault.CauseMaintenance)
		}
		if err := v.Maintain(); err != nil || !v.Status().Open {
			t.Fatalf("run after a panic at step %d: %v", steps, err)
		}
		m := v.Stored(t, 10)
		if _, err := v.Revoke(m.Ref, m.Manage); err != nil {
			t.Fatalf("revoke after a panic at step %d: %v", steps, err)
		}
	}
	if steps < 8 { // verification and orphans: four pieces each
		t.Fatalf("a maintenance of %d steps: the test is blind", steps)
	}
	if st, err := v.State(stays.Ref, stays.Manage); err != nil || st.Claimed {
		t.Fatalf("%+v %v", st, err)
	}
}

// A sweep between two maintenance runs that fails forgets no due time: what
// falls due later is destroyed in time all the same.
func TestFailedSweepKeepsDueTimes(t *testing.T) {
	for name, fault := range map[string]func(vaulttest.Op) error{
		"a read fails":     always(vaulttest.Read, errInjected),
		"the sweep panics": func(vaulttest.Op) error { panic("canary") },
	} {
		dir := t.TempDir() + "/data"
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { failedSweep(t, dir, fault) })
		})
	}
}

func failedSweep(t *testing.T, dir string, fault func(vaulttest.Op) error) {
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
	for _, minutes := range []int{2, 8, 20} {
		m := vaulttest.Draw(10)
		brief(minutes)(m)
		if err := m.Put(v); err != nil {
			t.Fatal(err)
		}
	}
	// until lets simulated time pass, to a sweep beyond the given one.
	until := func(d time.Duration, live int) {
		t.Helper()
		time.Sleep(d + 16*time.Second - time.Since(began))
		synctest.Wait()
		if s := v.Status(); s.Live != live {
			t.Fatalf("%v in: %d messages live, want %d", d, s.Live, live)
		}
	}
	until(time.Minute, 3)
	layer.SetHook(fault)
	time.Sleep(time.Minute)
	synctest.Wait()
	if s := v.Status(); s.Cause != vault.CauseMaintenance {
		t.Fatalf("the sweep did not fail: %+v", s)
	}
	layer.SetHook(nil)
	until(4*time.Minute, 2)
	if s := v.Status(); !s.Open {
		t.Fatalf("locked after the retry: %+v", s)
	}
	until(8*time.Minute, 1)
	until(20*time.Minute, 0)
	stop()
	<-ended
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
}

// Nothing leaves a claim or a read that was still waiting for the disk when
// its time came, and a creation that waited does not live shorter.
func TestWaitingForTheDiskIsNoExtraTime(t *testing.T) {
	v := vaulttest.New(t)
	wait := func(op vaulttest.Op) {
		v.Layer.SetHook(func(o vaulttest.Op) error {
			if o == op {
				v.Layer.SetHook(nil)
				v.Clock.Advance(5 * time.Minute)
			}
			return nil
		})
	}
	for _, op := range []vaulttest.Op{vaulttest.Write, vaulttest.Sync} {
		m := v.Stored(t, 10, brief(1))
		wait(op)
		c, err := v.Claim(m.Ref, m.Claim, m.Reader.Verifier())
		want(t, "claim that waited in "+string(op), err, vault.ErrGone)
		if c.Content != nil {
			t.Fatal("content left after expiry")
		}
	}

	m := v.Stored(t, 10, brief(5))
	if _, err := v.Claim(m.Ref, m.Claim, m.Reader.Verifier()); err != nil {
		t.Fatal(err)
	}
	c, err := v.Content(m.Ref, m.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := make([]byte, 10)
	wait(vaulttest.Read)
	n, err := c.ReadAt(p, 0)
	want(t, "read that waited", err, vault.ErrGone)
	if n != 0 || !bytes.Equal(p, make([]byte, 10)) {
		t.Fatal("content left after expiry")
	}

	m = vaulttest.Draw(10)
	brief(1)(m)
	if m.Ref, m.Upload, err = v.Reserve(); err != nil {
		t.Fatal(err)
	}
	wait(vaulttest.Stored)
	if r, err := v.Put(m.Ref, m.Upload, m.Data, m.Terms); err != nil || r.Left != time.Minute {
		t.Fatalf("put that waited: %v %+v", err, r)
	}
	if _, err := v.Claim(m.Ref, m.Claim, m.Reader.Verifier()); err != nil {
		t.Fatalf("gone before its time: %v", err)
	}
}

// A slot file that cannot be read locks and does not keep the service from
// saying so; a vault that was closed says locked.
func TestUnreadableAndClosedAreLocked(t *testing.T) {
	clock, layer := vaulttest.NewClock(), new(vaulttest.Layer)
	layer.SetHook(always(vaulttest.Read, errInjected))
	opened, err := vault.Open(t.TempDir()+"/data", vaulttest.Options(clock, layer))
	if err != nil {
		t.Fatal(err)
	}
	v := &vaulttest.Vault{Vault: opened}
	lockedFor(t, v, vault.CauseCorruption)
	refuses(t, v, vaulttest.Draw(10))
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	if v.Status().Open {
		t.Fatal("open after Close")
	}
	refuses(t, v, vaulttest.Draw(10))
}
