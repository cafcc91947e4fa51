package vault

import (
	"testing"
	"time"
)

// hands are two clocks to turn.
type hands struct {
	wall   time.Time
	boot   time.Duration
	synced bool
}

func (h *hands) clock() Clock {
	return Clock{
		Wall:   func() time.Time { return h.wall },
		Boot:   func() time.Duration { return h.boot },
		Synced: func() bool { return h.synced },
	}
}

func full() bool { return false }

func TestTimelineNeverGoesBack(t *testing.T) {
	start := time.Unix(1_800_000_000, 0)
	h := &hands{wall: start}
	steps := []struct {
		name       string
		boot, wall time.Duration // moved by
		now        time.Duration // after start
		bad        bool
	}{
		{"time passes", time.Minute, time.Minute, time.Minute, false},
		{"set back a day", 0, -24 * time.Hour, time.Minute, false},
		{"time passes meanwhile", time.Minute, time.Minute, 2 * time.Minute, false},
		{"set right again", 0, 24 * time.Hour, 2 * time.Minute, false},
		{"half an hour forward", 0, 30 * time.Minute, 32 * time.Minute, false},
		{"and again: too much in total", 0, 40 * time.Minute, 32 * time.Minute, true},
		{"set right: the operator has to look", 0, -40 * time.Minute, 32 * time.Minute, true},
	}
	tl := newTimeline(h.clock(), start, full)
	for _, s := range steps {
		h.wall, h.boot = h.wall.Add(s.wall), h.boot+s.boot
		now, bad := tl.now()
		if now.Sub(start) != s.now || bad != s.bad {
			t.Fatalf("%s: %v %v, want %v %v", s.name, now.Sub(start), bad, s.now, s.bad)
		}
	}
	tl.trust()
	if now, bad := tl.now(); bad || now.Sub(start) != 32*time.Minute {
		t.Fatalf("trusted: %v %v", now.Sub(start), bad)
	}
}

// What is believed at start, with messages held and without.
func TestTimeAtStart(t *testing.T) {
	mark := floor.AddDate(1, 0, 0)
	const day = 24 * time.Hour
	cases := []struct {
		name    string
		mark    time.Time
		wall    time.Time
		empty   bool
		synced  bool
		witness time.Time
		now     time.Time
		bad     bool
	}{
		{name: "a day off", mark: mark, wall: mark.Add(day), now: mark.Add(day)},
		{name: "set back", mark: mark, wall: mark.Add(-day), now: mark},
		{name: "no clock chip: 1970", mark: mark, wall: time.Unix(100, 0), now: mark, bad: true},
		{name: "no clock chip, nothing held", wall: time.Unix(100, 0), empty: true, now: floor, bad: true},
		{name: "first start", wall: mark, empty: true, now: mark},
		{name: "a month off", mark: mark, wall: mark.Add(30 * day), now: mark, bad: true},
		{name: "a month off, nothing held", mark: mark, wall: mark.Add(30 * day), empty: true, now: mark.Add(30 * day)},
		{name: "a month off, the kernel is synchronised", mark: mark, wall: mark.Add(30 * day), synced: true, now: mark.Add(30 * day)},
		{name: "a month off, a witness agrees", mark: mark, wall: mark.Add(30 * day), witness: mark.Add(30*day - time.Hour), now: mark.Add(30 * day)},
		{name: "a month off, clock stood still, a witness knows", mark: mark, wall: mark.Add(time.Minute), witness: mark.Add(30 * day), now: mark.Add(30 * day)},
		{name: "a witness disagrees", mark: mark, wall: mark.AddDate(1, 0, 0), witness: mark.Add(day), now: mark.Add(day), bad: true},
		{name: "messages, but no mark", wall: mark, now: floor, bad: true},
	}
	for _, c := range cases {
		h := &hands{wall: c.wall, synced: c.synced}
		tl := newTimeline(h.clock(), c.mark, func() bool { return c.empty })
		if !c.witness.IsZero() {
			tl.hear(c.witness)
		}
		if now, bad := tl.now(); bad != c.bad || !now.Equal(c.now) {
			t.Errorf("%s: %v %v, want %v %v", c.name, now, bad, c.now, c.bad)
		}
	}
}

// A jump that a witness bears out is followed, and ends the fault.
func TestWitnessEndsAJump(t *testing.T) {
	start := floor.AddDate(1, 0, 0)
	h := &hands{wall: start}
	tl := newTimeline(h.clock(), start, full)
	if _, bad := tl.now(); bad {
		t.Fatal("bad at start")
	}
	h.wall = start.AddDate(0, 1, 0)
	if now, bad := tl.now(); !bad || !now.Equal(start) {
		t.Fatal("followed a jump of a month")
	}
	tl.hear(h.wall.Add(-time.Hour))
	if now, bad := tl.now(); bad || !now.Equal(h.wall) {
		t.Fatalf("%v %v", now, bad)
	}
}

// Reading two clocks takes a moment; millions of such moments are no jump.
func TestJitterIsNoJump(t *testing.T) {
	var n time.Duration
	clock := Clock{
		Wall: func() time.Time { return time.Unix(1_800_000_000, 0).Add(n * 2 * time.Microsecond) },
		Boot: func() time.Duration { n++; return n * time.Microsecond },
	}
	clock.Synced = func() bool { return true }
	tl := newTimeline(clock, time.Unix(1_800_000_000, 0), full)
	for range 1_000_000 {
		if _, jumped := tl.now(); jumped {
			t.Fatal("jitter counted as a jump")
		}
	}
}
