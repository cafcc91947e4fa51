package main

import (
	"context"
	"time"

	"ashpost/vault"
)

// screen tells whoever started serve how the service comes up: a progress bar
// on a terminal, a line a change elsewhere.
type screen struct {
	s     *service
	tor   torScreen
	cause vault.Cause // as last shown
}

func newScreen(s *service) *screen { return &screen{s: s, tor: torScreen{tui: s.tui}} }

// watch shows changes until ctx ends. The lock is looked at every second: it
// closes without an event when the reaper hangs.
func (c *screen) watch(ctx context.Context) {
	if v := c.s.vault.Status(); v.Volatile {
		c.s.tui.say("messages are kept in memory only, %d at most, and lost when the service stops", v.Slots)
	}
	if c.s.preview != nil {
		c.s.tui.say("preview on this machine: http://%s/", c.s.preview.Addr())
	}
	c.showLock()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		var changed <-chan struct{} // nil without Tor: never ready
		if c.s.onion != nil {
			changed = c.s.onion.Changes()
			c.tor.show(c.s.onion.State())
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		case <-tick.C:
			c.showLock()
		}
	}
}

func (c *screen) showLock() {
	cause := c.s.vault.Status().Cause
	if cause == c.cause {
		return
	}
	c.cause = cause
	if cause == "" {
		c.s.tui.say("open: destruction is proven, messages are served")
		return
	}
	c.s.tui.warn("locked: " + causeWords(cause))
}
