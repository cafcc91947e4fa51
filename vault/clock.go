package vault

import (
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// maxJump is how far the wall clock may run ahead of the monotonic one, in
// total, before the vault locks instead of destroying.
const maxJump = time.Hour

// minJump keeps the two clocks' reading apart from a step of one of them.
const minJump = time.Second

// Clock is where the vault reads time: the edge of the process, replaced in
// tests. Wall is the time of day. Boot counts from any fixed point, never
// stops and includes the sleep of the machine.
type Clock struct {
	Wall func() time.Time
	Boot func() time.Duration
}

func systemClock() Clock { return Clock{Wall: time.Now, Boot: bootTime} }

// bootTime is CLOCK_BOOTTIME: unlike Go's monotonic time it counts suspend.
func bootTime() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
		panic("CLOCK_BOOTTIME: " + err.Error()) // Linux has it since 2.6.39
	}
	return time.Duration(ts.Nano())
}

// timeline never goes back: now = max(wall, latest + monotonic elapsed). The
// latest time is persisted by maintenance as the mark.
type timeline struct {
	Clock
	mu     sync.Mutex
	latest time.Time     // highest time given out
	at     time.Duration // Boot() when latest was set
	jumped time.Duration // forward jumps so far
}

// newTimeline starts at the persisted mark or the wall clock, whichever is
// later.
func newTimeline(c Clock, mark time.Time) *timeline {
	t := &timeline{Clock: c, latest: c.Wall().Round(0), at: c.Boot()}
	if mark.After(t.latest) {
		t.latest = mark
	}
	return t
}

// now returns the vault's time. jumped reports that the wall clock has run
// ahead of the monotonic clock by more than maxJump in total; such a jump is
// not followed, because following it would destroy what is not due.
func (t *timeline) now() (now time.Time, jumped bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	// Round strips Go's monotonic reading, with which Sub would not see a step
	// of the wall clock. Wall comes first: a pause between the two is no jump.
	wall, boot := t.Wall().Round(0), t.Boot()
	steady := t.latest.Add(boot - t.at)
	if ahead := wall.Sub(steady); ahead >= minJump {
		if t.jumped+ahead > maxJump {
			return steady, true
		}
		t.jumped += ahead
		steady = steady.Add(ahead)
	}
	t.latest, t.at = steady, boot
	return steady, false
}
