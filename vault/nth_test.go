package vault_test

import (
	"os"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
)

// nthFault is one way in which operations on the slot file go wrong.
type nthFault struct {
	name string
	ops  []vaulttest.Op // that go wrong
	err  error          // what they answer; nil: see hangs
	lies bool           // what was answered as written may not be
	// hangs lets more time pass than a proof lasts while the operation waits.
	hangs bool
}

var (
	everyOp   = []vaulttest.Op{vaulttest.Read, vaulttest.Write, vaulttest.Sync, vaulttest.Fresh}
	writeOps  = []vaulttest.Op{vaulttest.Write}
	syncOps   = []vaulttest.Op{vaulttest.Sync}
	nthFaults = []nthFault{
		{name: "EIO", ops: everyOp, err: syscall.EIO},
		{name: "ENOSPC", ops: writeOps, err: syscall.ENOSPC},
		{name: "EROFS", ops: writeOps, err: syscall.EROFS},
		{name: "short write", ops: writeOps, err: vaulttest.Short(syscall.ENOSPC), lies: true},
		{name: "silent write", ops: writeOps, err: vaulttest.Silent},
		{name: "sync loses", ops: syncOps, err: vaulttest.Lost(syscall.EIO)},
		{name: "hangs", ops: everyOp, hangs: true},
	}
)

// The n-th operation on the slot file fails, once or from then on, for every
// n until the scenario runs clean. Whatever happens: no panic; nothing that was
// acknowledged is lost; nothing destroyed is back; the vault is open with a
// proof or locked with a cause; a new process on the same folder serves.
func TestNthOperationFails(t *testing.T) { everyNth(t, nthFaults, (*nthRun).scenario, 1) }

// The same in a life of inboxes, which has many more operations: every third. Which
// error a write fails with makes no difference there that it does not make above.
func TestNthOperationFailsUnderInbox(t *testing.T) {
	faults := slices.DeleteFunc(slices.Clone(nthFaults), func(f nthFault) bool {
		return f.err == syscall.ENOSPC || f.err == syscall.EROFS
	})
	everyNth(t, faults, (*nthRun).inboxes, 3)
}

func everyNth(t *testing.T, faults []nthFault, play func(*nthRun), every int) {
	for _, f := range faults {
		for _, forever := range []bool{false, true} {
			if f.hangs && forever {
				continue
			}
			name, stride := f.name+", once", every
			if forever {
				name = f.name + ", from then on"
			}
			if testing.Short() {
				stride = 5 * every
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				n := 1
				for ; runWithFault(t, f, n, forever, play); n += stride {
				}
				if n < 1+stride {
					t.Fatal("no operation failed: the test is blind")
				}
				t.Logf("clean at operation %d", n)
			})
		}
	}
}

// nthRun is one run of the scenario.
type nthRun struct {
	*vaulttest.Vault
	t   *testing.T
	all []*known
	lib library

	mu      sync.Mutex
	hit     bool // the fault came since it was last asked
	faulted bool // a write or a sync of this process failed
}

// runWithFault reports whether the fault came.
func runWithFault(t *testing.T, f nthFault, n int, forever bool, play func(*nthRun)) (came bool) {
	t.Helper()
	r := &nthRun{t: t, Vault: &vaulttest.Vault{
		Clock: vaulttest.NewClock(), Layer: new(vaulttest.Layer), Dir: vaulttest.FastDir(t),
	}}
	var mu sync.Mutex
	r.Layer.SetHook(func(o vaulttest.Op) error {
		mu.Lock()
		defer mu.Unlock()
		for _, op := range f.ops {
			if o != op {
				continue
			}
			if n--; n > 0 || n < 0 && !forever {
				return nil
			}
			came = true
			if f.hangs {
				r.Clock.Advance(76 * time.Minute)
				return nil
			}
			r.mu.Lock()
			r.hit = f.lies
			r.faulted = r.faulted || f.err != vaulttest.Silent && (o == vaulttest.Write || o == vaulttest.Sync)
			r.mu.Unlock()
			return f.err
		}
		return nil
	})
	at := n
	fail := func(format string, args ...any) {
		t.Helper()
		t.Fatalf("operation %d: "+format, append([]any{at}, args...)...)
	}
	play(r)
	s := r.Status()
	if s.Open != (s.Cause == "") || s.Open && (s.Verified.IsZero() || s.Now.Sub(s.Verified) > 75*time.Minute) {
		fail("neither open with a proof nor locked with a cause: %+v", s)
	}
	r.Layer.SetHook(nil)
	r.Layer.Take()
	err := r.Maintain()
	if r.faulted {
		if s.Cause != vault.CauseFsync {
			fail("a write or a sync failed: %+v", s)
		}
		_ = vaulttest.Draw(10).Put(r.Vault.Vault)
		if slices.ContainsFunc(r.Layer.Take(), func(o vaulttest.Op) bool { return o == vaulttest.Write || o == vaulttest.Sync }) {
			fail("written after a failed sync")
		}
	}
	if s := r.Status(); !s.Open && s.Cause != vault.CauseFsync && s.Cause != vault.CauseCorruption {
		fail("locked after the fault was gone: %+v %v", s, err)
	}
	for range 2 {
		r.reopen()
		if err := r.Maintain(); err != nil || !r.Status().Open {
			fail("a new process: %v %+v", err, r.Status())
		}
		nothingOverdue(t, r.Dir, r.Status().Now)
		for i, k := range r.all {
			if err := k.check(r.Vault.Vault); err != nil {
				fail("message %d, %+v: %v", i, *k, err)
			}
			k.claim = max(k.claim, tried) // by check
			k.lease = span{r.Status().Now, r.Status().Now}.add(vault.LeaseTime)
		}
		if r.all == nil {
			if err := r.lib.check(r.Vault.Vault, r.Dir); err != nil {
				fail("%v", err)
			}
		}
		if !came || f.hangs || at%7 != 0 {
			break // a third process only now and then
		}
	}
	r.Close()
	if err := os.RemoveAll(r.Dir); err != nil {
		t.Fatal(err)
	}
	return came
}

// reopen is a new process: the folder is always opened, if only to say why
// nothing is served.
func (r *nthRun) reopen() {
	r.t.Helper()
	if r.Vault.Vault != nil {
		_ = r.Close() // after a fault it may complain
	}
	r.mu.Lock()
	r.faulted = false
	r.mu.Unlock()
	o := vaulttest.Options(r.Clock, r.Layer)
	o.Slots = 64
	opened, err := vault.Open(r.Dir, o)
	if err != nil {
		r.t.Fatal(err)
	}
	r.Vault.Vault = opened
}

// scenario is everything that happens to messages. Failures are noted.
func (r *nthRun) scenario() {
	r.reopen()
	_ = r.Maintain()
	read, revoked, waiting := r.put(100), r.put(100), r.put(100)
	expiring, kept, large := r.put(100, brief(5)), r.put(100, vaulttest.Keep), r.put(vault.SmallSize+1)
	pending, late := r.put(100), r.put(100)
	r.claim(read)
	r.claim(kept)
	r.claim(large)
	r.read(large)
	r.acknowledge(read)
	r.acknowledge(large)
	r.revoke(revoked)
	r.claim(expiring)
	r.Clock.Advance(6 * time.Minute)
	_ = r.Maintain()
	r.claim(pending)
	r.claim(late)
	r.reopen()
	_ = r.Maintain()
	r.read(pending)
	r.acknowledge(pending)
	r.revoke(waiting)
	r.put(100)
	_ = r.Maintain()
}

// inboxes is everything that happens to inboxes.
func (r *nthRun) inboxes() {
	r.reopen()
	_ = r.Maintain()
	r.lib = library{
		now:   func() time.Time { return r.Status().Now },
		vault: func() *vault.Vault { return r.Vault.Vault },
		note:  func(_ *shelf, change func()) { change() },
	}
	r.lib.harm = func(s *shelf, act func()) {
		k := known{harmed: s.harmed}
		r.on(&k, act)
		s.harmed = k.harmed
	}
	r.lib.play(r.Clock.Advance, func() {
		r.reopen()
		_ = r.Maintain()
	})
}

// on does something to a message and returns between which times.
func (r *nthRun) on(k *known, act func()) (s span) {
	s.from = r.Status().Now
	r.mu.Lock()
	r.hit = false
	r.mu.Unlock()
	act()
	r.mu.Lock()
	defer r.mu.Unlock()
	k.harmed = k.harmed || r.hit
	s.to = r.Status().Now
	return s
}

func (r *nthRun) put(n int, change ...func(*vaulttest.Message)) *known {
	k := &known{Message: vaulttest.Draw(n)}
	k.Terms.Lifetime = 24 * time.Hour
	for _, c := range change {
		c(k.Message)
	}
	k.expires = r.on(k, func() { k.put = stepOf(k.Put(r.Vault.Vault)) }).add(k.Terms.Lifetime)
	r.all = append(r.all, k)
	return k
}

func (r *nthRun) claim(k *known) {
	k.lease = r.on(k, func() {
		_, err := r.Claim(k.Ref, k.Message.Claim, k.Reader.Verifier())
		k.claim = stepOf(err)
	}).add(vault.LeaseTime)
}

// read reads some bytes, as a client on a bad circuit does.
func (r *nthRun) read(k *known) {
	now := r.on(k, func() {
		if c, err := r.Content(k.Ref, k.Reader); err == nil {
			_, _ = c.ReadAt(make([]byte, 10), 0)
		}
	})
	k.lease.to = now.to.Add(vault.LeaseTime) // it may have been extended
}

func (r *nthRun) acknowledge(k *known) {
	r.on(k, func() { k.erase = stepOf(r.Acknowledge(k.Ref, k.Reader)) })
}

func (r *nthRun) revoke(k *known) {
	r.on(k, func() { _, err := r.Revoke(k.Ref, k.Manage); k.erase = stepOf(err) })
}
