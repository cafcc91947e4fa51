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
// nothing overdue on it, sweep orphaned chunks, give space back, persist the
// time. Success unlocks, any failure locks. [Vault.Run] calls it at start and
// every hour.
func (v *Vault) Maintain() (err error) {
	if err := v.takeTurn(); err != nil {
		return err
	}
	defer v.giveTurn()
	defer v.recovered(&err)
	if v.waiting && !v.closed {
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
	return v.latch.proved(began, locks)
}

// blame locks for what went wrong.
func (v *Vault) blame(err error) {
	switch {
	case errors.Is(err, errClock):
		v.latch.lock(CauseClock)
	case errors.Is(err, errFound):
		v.latch.lock(CauseVerification)
	case ailing(err), errors.Is(err, ErrFull), errors.Is(err, errStalled):
		v.latch.lock(CauseDisk)
	default:
		v.latch.lock(CauseMaintenance)
	}
}

// turnWithin is how long one maintenance waits for another, which may hang
// with the disk.
const turnWithin = time.Minute

func (v *Vault) takeTurn() error {
	select {
	case v.turn <- struct{}{}:
		return nil
	case <-time.After(turnWithin):
		return fmt.Errorf("%w: another maintenance has not ended", ErrLocked)
	}
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
	destroyed, err = v.sweep(now)
	if err != nil {
		return destroyed, fmt.Errorf("sweeping: %w", err)
	}
	if err := v.verify(now); err != nil {
		return destroyed, err
	}
	if hung {
		return destroyed, errStalled
	}
	if !v.heap.roomy() {
		if err := v.folder.dropBallast(); err != nil {
			return destroyed, fmt.Errorf("dropping the ballast: %w", err)
		}
	}
	if err := v.heap.open(); err != nil {
		return destroyed, err
	}
	if _, err := v.heap.sweepOrphans(v.owned); err != nil {
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

// owned names every chunk that must stay. Uploads come first: one that is
// committed between the two looks is then found by the second.
func (v *Vault) owned() (map[handle]bool, error) {
	keep := make(map[handle]bool)
	v.uploads.handles(keep)
	err := v.table.scan(v.table.readAt, func(_ uint32, b *slotBytes) {
		if s, ok := b.decode(); ok {
			keep[chunkHandle(&s.key)] = true
		}
	})
	return keep, err
}

// sweep erases every slot that is due, torn or not owned by its tag.
func (v *Vault) sweep(now time.Time) (int, error) {
	f, err := v.table.survey(v.table.readAt, now)
	if err != nil {
		return 0, err
	}
	n, err := v.sweepDue(f.due, now)
	if err != nil || len(f.odd) == 0 && !v.table.isStale() {
		return n, err
	}
	odd, err := v.table.eraseOdd(f.odd)
	return n + odd, err
}

// sweepDue erases due slots under as few syncs as possible.
func (v *Vault) sweepDue(due []tag, now time.Time) (erased int, err error) {
	for len(due) > 0 {
		n := min(len(due), maxBatch)
		k, err := v.sweepBatch(due[:n], now)
		erased += k
		if err != nil {
			return erased, err
		}
		due = due[n:]
	}
	return erased, nil
}

func (v *Vault) sweepBatch(due []tag, now time.Time) (int, error) {
	defer v.table.lockMany(due)()
	var slots []uint32
	var gone []slot
	for _, tg := range due {
		// Read again under the lock: a lease may have been extended.
		if i, s, ok := v.table.get(tg); ok && s.due(now) {
			slots, gone = append(slots, i), append(gone, s)
		}
	}
	if err := v.table.eraseMany(slots, gone); err != nil {
		return 0, err
	}
	for i := range gone {
		v.heap.drop(gone[i].chunks())
		clear(gone[i].key[:])
	}
	return len(gone), nil
}

// verify reads every slot from the medium and fails if one is due at now, or
// is there without existing. What it sees first may be a write in flight, so
// it looks a second time with every change held up.
func (v *Vault) verify(now time.Time) error {
	f, err := v.table.survey(v.table.m.ReadFresh, now)
	if err != nil {
		return fmt.Errorf("verifying: %w", err)
	}
	if len(f.due) == 0 && len(f.odd) == 0 {
		return nil
	}
	defer v.table.lockAll()()
	f, err = v.table.survey(v.table.m.ReadFresh, now)
	if err != nil {
		return fmt.Errorf("verifying: %w", err)
	}
	if len(f.due) > 0 || len(f.odd) > 0 {
		return errFound
	}
	return nil
}
