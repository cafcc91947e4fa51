package vault

import (
	"testing"
	"time"
)

func TestTimelineNeverGoesBack(t *testing.T) {
	start := time.Unix(1_800_000_000, 0)
	wall, boot := start, time.Duration(0)
	clock := Clock{Wall: func() time.Time { return wall }, Boot: func() time.Duration { return boot }}
	steps := []struct {
		name       string
		boot, wall time.Duration // moved by
		now        time.Duration // after start
		jumped     bool
	}{
		{"time passes", time.Minute, time.Minute, time.Minute, false},
		{"set back a day", 0, -24 * time.Hour, time.Minute, false},
		{"time passes meanwhile", time.Minute, time.Minute, 2 * time.Minute, false},
		{"set right again", 0, 24 * time.Hour, 2 * time.Minute, false},
		{"half an hour forward", 0, 30 * time.Minute, 32 * time.Minute, false},
		{"and again: too much in total", 0, 40 * time.Minute, 32 * time.Minute, true},
		{"set right", 0, -40 * time.Minute, 32 * time.Minute, false},
		{"a year forward", 0, 365 * 24 * time.Hour, 32 * time.Minute, true},
	}
	tl := newTimeline(clock, time.Time{})
	for _, s := range steps {
		wall, boot = wall.Add(s.wall), boot+s.boot
		now, jumped := tl.now()
		if now.Sub(start) != s.now || jumped != s.jumped {
			t.Fatalf("%s: %v %v, want %v %v", s.name, now.Sub(start), jumped, s.now, s.jumped)
		}
	}
}

func TestTimelineBeginsAtTheMark(t *testing.T) {
	mark := time.Unix(1_800_000_000, 0)
	clock := Clock{Wall: func() time.Time { return time.Unix(0, 0) }, Boot: func() time.Duration { return 0 }}
	if now, _ := newTimeline(clock, mark).now(); !now.Equal(mark) {
		t.Fatalf("%v, want %v", now, mark)
	}
}

// Reading two clocks takes a moment; millions of such moments are no jump.
func TestJitterIsNoJump(t *testing.T) {
	var n time.Duration
	clock := Clock{
		Wall: func() time.Time { return time.Unix(1_800_000_000, 0).Add(n * 2 * time.Microsecond) },
		Boot: func() time.Duration { n++; return n * time.Microsecond },
	}
	tl := newTimeline(clock, time.Time{})
	for range 1_000_000 {
		if _, jumped := tl.now(); jumped {
			t.Fatal("jitter counted as a jump")
		}
	}
}
