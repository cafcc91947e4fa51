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
	sync bool
}

// NewClock starts at the present, or later if the machine's clock is behind
// what the vault believes: Badger's own time to live follows the machine's
// clock and must not interfere.
func NewClock() *Clock {
	wall := time.Now().Truncate(time.Second)
	if least := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC); wall.Before(least) {
		wall = least
	}
	return &Clock{wall: wall, boot: time.Hour}
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

// Sync says whether the kernel holds the time to be synchronised; at first it
// does not.
func (c *Clock) Sync(yes bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sync = yes
}

// Clock returns the edge that [vault.Options] takes.
func (c *Clock) Clock() vault.Clock {
	return vault.Clock{
		Wall: func() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.wall },
		Boot: func() time.Duration { c.mu.Lock(); defer c.mu.Unlock(); return c.boot },

		Synced: func() bool { c.mu.Lock(); defer c.mu.Unlock(); return c.sync },
	}
}
