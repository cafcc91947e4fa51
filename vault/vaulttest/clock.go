// Package vaulttest gives tests a real vault on a real folder, with a clock
// to turn and a layer over the slot file that records, fails, hangs or lies.
// It fakes the edges of the process and nothing else.
package vaulttest

import (
	"sync"
	"time"

	"ashpost/vault"
)

// Clock is a clock that moves when told to. It begins at a fixed time.
type Clock struct {
	mu   sync.Mutex
	wall time.Time
	boot time.Duration
}

// NewClock starts near the present, so that Badger's own time to live, which
// follows the machine's clock, does not interfere.
func NewClock() *Clock {
	return &Clock{wall: time.Now().Truncate(time.Second), boot: time.Hour}
}

// Advance lets time pass: both clocks move.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wall, c.boot = c.wall.Add(d), c.boot+d
}

// Set moves the wall clock alone, as somebody setting the time does.
func (c *Clock) Set(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wall = c.wall.Add(d)
}

// Clock returns the edge that [vault.Options] takes.
func (c *Clock) Clock() vault.Clock {
	return vault.Clock{
		Wall: func() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.wall },
		Boot: func() time.Duration { c.mu.Lock(); defer c.mu.Unlock(); return c.boot },
	}
}
