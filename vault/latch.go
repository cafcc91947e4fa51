package vault

import (
	"errors"
	"sync"
	"time"
)

var errMeanwhile = errors.New("something locked during the maintenance")

// staleAfter is how old the last verified maintenance may be, by the
// monotonic clock, before the vault is locked.
const staleAfter = 75 * time.Minute

// Cause says why the vault is locked.
type Cause string

// The causes, and who ends them: "run" is the next verified maintenance,
// "operator" is [Vault.Unlock], after the fault was looked at.
const (
	CauseStarting     Cause = "starting"     // no maintenance yet; run
	CauseMaintenance  Cause = "maintenance"  // error or panic in maintenance; run
	CauseVerification Cause = "verification" // something overdue was found; run
	CauseOverdue      Cause = "overdue"      // last verified run too old; run
	CauseDisk         Cause = "disk"         // full, read-only, or it does not answer; a run that can write
	CauseFsync        Cause = "fsync"        // a sync failed; operator
	CauseClock        Cause = "clock"        // the time cannot be trusted; a run that can, or operator
	CauseCorruption   Cause = "corruption"   // slot file or Badger unreadable; operator
)

// sticky causes are not ended by a verified maintenance.
func (c Cause) sticky() bool {
	return c == CauseFsync || c == CauseCorruption
}

// latch is the lock: the one place that knows whether the vault may serve.
// Staleness is computed at every check, so that a maintenance that hangs, or
// a process that was stopped, locks without anybody having to notice.
type latch struct {
	mu         sync.Mutex
	boot       func() time.Duration
	cause      Cause
	since      time.Duration // boot time at which cause began
	verifiedAt time.Duration // boot time of the last verified maintenance
	verified   bool
	locks      uint64 // calls of lock
	failed     func() // told of a failed sync; must not block
	closings   uint64 // times it was open and then was not
}

func newLatch(boot func() time.Duration) *latch {
	return &latch{boot: boot, cause: CauseStarting, since: boot(), failed: func() {}}
}

// state returns the cause (empty while open) and for how long it has lasted.
func (l *latch) state() (Cause, time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.boot()
	if l.cause != "" {
		return l.cause, now - l.since
	}
	if age := now - l.verifiedAt; age > staleAfter {
		return CauseOverdue, age - staleAfter
	}
	return "", 0
}

// check returns nil while open, [ErrLocked] otherwise.
func (l *latch) check() error {
	cause, _ := l.state()
	switch cause {
	case "":
		return nil
	case CauseFsync:
		return errFsync
	}
	return ErrLocked
}

// lock locks for cause. A sticky cause is never replaced.
func (l *latch) lock(c Cause) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.locks++
	if l.cause == "" {
		l.closings++
	}
	if l.cause.sticky() {
		return
	}
	if l.cause == "" || c.sticky() || l.cause == CauseStarting {
		l.since = l.boot()
	}
	l.cause = c
	if c == CauseFsync {
		l.failed()
	}
}

// reset forgets every cause: what follows starts anew, locked.
func (l *latch) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cause, l.since, l.verified = CauseStarting, l.boot(), false
	l.locks++
}

// begin is called before a maintenance looks at anything; proved wants what it
// returns.
func (l *latch) begin() (at time.Duration, locks uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.boot(), l.locks
}

// proved records a verified maintenance that began at at: its proof is as old
// as its beginning. It unlocks unless the cause is sticky, or something locked
// while it ran, which it cannot have looked at.
func (l *latch) proved(at time.Duration, locks uint64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.locks != locks {
		return errMeanwhile
	}
	if l.verified && at-l.verifiedAt > staleAfter {
		l.closings++ // by its age alone
	}
	l.verified, l.verifiedAt = true, at
	if !l.cause.sticky() {
		l.cause = ""
	}
	return nil
}

// closed is how often the vault was open and then was not.
func (l *latch) closed() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cause == "" && l.boot()-l.verifiedAt > staleAfter {
		return l.closings + 1
	}
	return l.closings
}

// age is the time since the last verified maintenance, if there was one.
func (l *latch) age() (time.Duration, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.boot() - l.verifiedAt, l.verified
}
