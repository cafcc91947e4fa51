package vault

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// errFound means that something was seen that must not be there: overdue
// after sweeping, or a slot that did not read back as it was written.
var errFound = errors.New("found what should have been erased")

// errClock means that the time of day cannot be trusted.
var errClock = errors.New("the clock cannot be trusted")

// lastRun is what the last maintenance did.
type lastRun struct {
	mu        sync.Mutex
	destroyed int
	took      time.Duration
}

func (l *lastRun) get() (int, time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.destroyed, l.took
}

func (l *lastRun) set(destroyed int, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.destroyed, l.took = destroyed, took
}

// Maintain runs one maintenance: sweep what is due, read the medium and find
// nothing overdue on it, sweep orphaned chunks and give space back where there
// may be any, persist the time. It costs what is due and one read of the slots;
// requests are answered meanwhile. Success unlocks, a failure locks. [Vault.Run]
// calls it at start and every hour.
func (v *Vault) Maintain() (err error) {
	if err := v.takeTurn(); err != nil {
		return err
	}
	defer v.giveTurn()
	defer v.recovered(&err)
	if cause, _ := v.latch.state(); cause == CauseFsync {
		return errFsync // nothing is written any more, nor opened
	}
	if v.waiting && !v.closed {
		if v.patience.hung.Load() > 0 {
			return errStalled // what hangs would write to files that are open anew
		}
		if err := v.openAll(); err != nil {
			return err
		}
	}
	v.life.RLock()
	defer v.life.RUnlock()
	if v.closed || v.table == nil {
		return ErrLocked
	}
	began, locks := v.latch.begin()
	destroyed, err := v.run()
	v.last.set(destroyed, v.time.Boot()-began)
	if err != nil {
		v.blame(err)
		return err
	}
	if err := v.latch.proved(began, locks); err != nil {
		v.heap.strays.Store(true) // what was given up may be stored after the look
		return err
	}
	return nil
}

// blame locks for what went wrong.
func (v *Vault) blame(err error) {
	switch {
	case errors.Is(err, errClock):
		v.latch.lock(CauseClock)
	case errors.Is(err, errFound):
		v.latch.lock(CauseVerification)
	case ailing(err), errors.Is(err, ErrFull):
		v.latch.lock(CauseDisk)
	default:
		v.latch.lock(CauseMaintenance)
	}
}

// turnWithin is how many seconds one maintenance waits for another, which may
// hang with the disk.
const turnWithin = 60

func (v *Vault) takeTurn() error {
	for range turnWithin {
		select {
		case v.turn <- struct{}{}:
			return nil
		case <-time.After(v.patience.tick):
		}
	}
	return fmt.Errorf("%w: another maintenance has not ended", ErrLocked)
}

func (v *Vault) giveTurn() { <-v.turn }

// recovered turns a panic into a lock. The value of the panic may name a key:
// it is not passed on.
func (v *Vault) recovered(err *error) {
	if recover() != nil {
		v.latch.lock(CauseMaintenance)
		*err = errors.New("maintenance panicked")
	}
}

func (v *Vault) run() (destroyed int, err error) {
	hung := v.patience.hung.Load() > 0 // what is not through may undo what follows
	now, bad := v.time.now()
	if bad {
		return 0, errClock
	}
	v.uploads.expire()
	destroyed, err = v.sweep(v.table.due(now), now)
	if err != nil {
		return destroyed, fmt.Errorf("sweeping: %w", err)
	}
	unknown, err := v.verify(now)
	destroyed += unknown
	if err != nil {
		return destroyed, err
	}
	if hung {
		return destroyed, errStalled
	}
	if err := v.heap.makeRoom(); err != nil {
		return destroyed, fmt.Errorf("dropping the ballast: %w", err)
	}
	if err := v.heap.open(); err != nil {
		return destroyed, err
	}
	if err := v.heap.sweepOrphans(v.owned); err != nil {
		return destroyed, fmt.Errorf("sweeping orphans: %w", err)
	}
	if err := v.heap.collect(); err != nil {
		return destroyed, err
	}
	if err := v.folder.takeBallast(v.o.Ballast); err != nil {
		return destroyed, fmt.Errorf("making the ballast: %w", err)
	}
	return destroyed, v.keepTime(now)
}

// keepTime persists the time, so that no restart, on whatever clock, makes
// what was due readable again.
func (v *Vault) keepTime(now time.Time) error {
	if cause, _ := v.latch.state(); cause == CauseCorruption {
		return errors.New("the data folder is damaged") // a new mark would hide the damaged one
	}
	if err := v.folder.writeMark(now); err != nil {
		if errors.Is(err, errFsync) {
			v.latch.lock(CauseFsync)
		}
		return fmt.Errorf("writing the time mark: %w", err)
	}
	return nil
}

// sweep erases those of the slots that are due, under as few syncs as possible.
func (v *Vault) sweep(slots []uint32, now time.Time) (erased int, err error) {
	for len(slots) > 0 {
		n := min(len(slots), maxBatch)
		k, err := v.sweepBatch(slots[:n], now)
		erased += k
		if err != nil {
			return erased, err
		}
		slots = slots[n:]
	}
	return erased, nil
}

func (v *Vault) sweepBatch(due []uint32, now time.Time) (int, error) {
	gone, err := v.table.eraseDue(due, now)
	if err != nil {
		return 0, err
	}
	v.dropAll(gone)
	return len(gone), nil
}

// dropAll deletes the chunks of what was held in slots.
func (v *Vault) dropAll(gone []slot) {
	var all chunkDrop
	for i := range gone {
		all.add(gone[i].chunks())
		clear(gone[i].key[:])
	}
	v.heap.drop(all)
}

// verify reads every slot from the medium and finds none that is due at now,
// and none that is there without existing. What it sees first may be a write in
// flight, or damage, or what an earlier erasure left: that is erased, and
// looked at again with every change held up.
func (v *Vault) verify(now time.Time) (erased int, err error) {
	f, err := v.table.survey(now)
	if err != nil {
		return 0, fmt.Errorf("verifying: %w", err)
	}
	if f.empty() && !v.table.isStale() {
		return 0, nil
	}
	if erased, err = v.sweep(f.due, now); err != nil {
		return erased, fmt.Errorf("sweeping: %w", err)
	}
	defer v.table.lockAll()()
	stale := v.table.isStale()
	odd, err := v.table.eraseOdd(f.odd)
	erased += odd
	if err != nil {
		return erased, fmt.Errorf("sweeping: %w", err)
	}
	if stale || odd > 0 {
		v.heap.strays.Store(true) // their chunks are nobody's
	}
	if f, err = v.table.again(f, now); err != nil {
		return erased, fmt.Errorf("verifying: %w", err)
	}
	if !f.empty() {
		return erased, errFound
	}
	return erased, nil
}
