package vault

import (
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// maxJump is how far the wall clock may run ahead of the monotonic one, in
	// total, before the vault locks instead of destroying.
	maxJump = time.Hour
	// minJump keeps the two clocks' reading apart from a step of one of them.
	minJump = time.Second
	// maxOff is how long a machine may have been off for its wall clock to be
	// believed without a witness.
	maxOff = 48 * time.Hour
	// agree is how far the wall clock may lie ahead of a witness that bears it
	// out: a Tor consensus is valid from up to three hours ago.
	agree = 4 * time.Hour
)

// floor is before any time at which this source ran: renewed at each release.
var floor = time.Date(2026, time.November, 22, 0, 0, 0, 0, time.UTC)

// Clock is where the vault reads time: the edge of the process, replaced in
// tests. Wall is the time of day. Boot counts from any fixed point, never
// stops and includes the sleep of the machine. Synced says that the kernel
// holds the time of day to be synchronised.
type Clock struct {
	Wall   func() time.Time
	Boot   func() time.Duration
	Synced func() bool
}

func systemClock() Clock { return Clock{Wall: time.Now, Boot: bootTime, Synced: kernelSynced} }

// bootTime is CLOCK_BOOTTIME: unlike Go's monotonic time it counts suspend.
func bootTime() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
		panic("CLOCK_BOOTTIME: " + err.Error()) // Linux has it since 2.6.39
	}
	return time.Duration(ts.Nano())
}

// kernelSynced reads the kernel's clock discipline (adjtimex(2)).
func kernelSynced() bool {
	var tx unix.Timex
	state, err := unix.Adjtimex(&tx)
	return err == nil && state != unix.TIME_ERROR
}

// timeline never goes back: now = max(wall, latest + monotonic elapsed). The
// latest time is persisted by maintenance as the mark.
//
// At start it stands at the mark, or the floor, until the wall clock is plausible. Later it
// follows no jump past maxJump that no witness bears out. In both cases it
// says so, and the vault is locked: following a wrong clock would destroy what
// is not due.
type timeline struct {
	Clock
	empty func() bool // nothing is held: no time can destroy anything

	mu      sync.Mutex
	mark    time.Time     // of the last run of the process before
	latest  time.Time     // highest time given out
	at      time.Duration // Boot() when latest was set
	begun   bool          // the wall clock was believed once
	strayed bool          // it jumped, and nobody has borne it out since
	jumped  time.Duration // forward jumps so far
	witness time.Time     // a lower bound from outside
	heardAt time.Duration // Boot() when it was heard
}

func newTimeline(c Clock, mark time.Time, empty func() bool) *timeline {
	t := &timeline{Clock: c, empty: empty, mark: mark, latest: mark, at: c.Boot()}
	if t.latest.Before(floor) {
		t.latest = floor
	}
	return t
}

// remember takes the mark, which the disk may give late.
func (t *timeline) remember(mark time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.mark = mark
	if boot := t.Boot(); mark.After(t.latest.Add(boot - t.at)) {
		t.latest, t.at = mark, boot
	}
}

// now returns the vault's time. bad reports that the time of day cannot be
// trusted; now then only follows the monotonic clock.
func (t *timeline) now() (now time.Time, bad bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	// Round strips Go's monotonic reading, with which Sub would not see a step
	// of the wall clock. Wall comes first: a pause between the two is no jump.
	wall, boot := t.Wall().Round(0), t.Boot()
	steady := t.latest.Add(boot - t.at)
	if w := t.witnessed(boot); w.After(steady) {
		steady = w // a lower bound that was signed: no jump
	}
	ahead := wall.Sub(steady)
	switch {
	case !t.begun:
		if !t.plausible(wall, boot) {
			return steady, true
		}
		t.begun = true
	case t.borneOut(wall, boot) || t.empty():
		t.strayed = false
	case t.strayed || ahead >= minJump && t.jumped+ahead > maxJump:
		t.strayed = true
		return steady, true
	case ahead >= minJump:
		t.jumped += ahead
	default:
		wall = steady // the two clocks' readings differ a little: no step
	}
	if wall.After(steady) {
		steady = wall
	}
	t.latest, t.at = steady, boot
	return steady, false
}

// plausible decides whether the wall clock is believed at start.
func (t *timeline) plausible(wall time.Time, boot time.Duration) bool {
	if t.Synced() || t.borneOut(wall, boot) {
		return true
	}
	return !wall.Before(floor) && (t.empty() || !t.mark.IsZero() && wall.Sub(t.mark) <= maxOff)
}

// borneOut says whether a witness agrees with the wall clock.
func (t *timeline) borneOut(wall time.Time, boot time.Duration) bool {
	w := t.witnessed(boot)
	return !w.IsZero() && wall.Sub(w) <= agree
}

// witnessed is the witness's lower bound, grown since it was heard.
func (t *timeline) witnessed(boot time.Duration) time.Time {
	if t.witness.IsZero() {
		return t.witness
	}
	return t.witness.Add(boot - t.heardAt)
}

// hear takes a lower bound of the time from somebody trustworthy.
func (t *timeline) hear(bound time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	boot := t.Boot()
	if bound.After(t.witnessed(boot)) {
		t.witness, t.heardAt = bound, boot
	}
}

// trust takes the wall clock as it is: the operator's word.
func (t *timeline) trust() {
	t.mu.Lock()
	defer t.mu.Unlock()
	boot := t.Boot()
	t.latest = t.latest.Add(boot - t.at)
	if wall := t.Wall().Round(0); wall.After(t.latest) {
		t.latest = wall
	}
	t.at, t.begun, t.strayed, t.jumped = boot, true, false, 0
}
