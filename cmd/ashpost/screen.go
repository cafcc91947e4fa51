package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"rsc.io/qr"

	"ashpost/onion"
	"ashpost/vault"
)

// screen tells whoever started serve how the service comes up: a progress bar
// on a terminal, a line a change elsewhere.
type screen struct {
	s       *service
	address string      // shown already
	onion   onion.State // as last shown
	cause   vault.Cause // as last shown
}

func newScreen(s *service) *screen { return &screen{s: s} }

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
			c.showOnion(c.s.onion.State())
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

func (c *screen) showOnion(now onion.State) {
	before := c.onion
	c.onion = now
	if now.Address != c.address {
		c.address = now.Address
		c.showAddress()
	}
	switch {
	case now.Trouble != "" && now.Trouble != before.Trouble:
		c.s.tui.warn(strings.TrimSuffix(now.Trouble, "."))
		if now.Advice != "" {
			c.s.tui.hint(now.Advice)
		}
	case now.Published && !before.Published:
		c.s.tui.say("published: http://%s/", now.Address)
	case before.Published && !now.Published && now.Phase != onion.Stopped:
		c.s.tui.warn("no longer published; connecting again")
	case now.Phase == onion.Published || now.Phase == onion.Stopped:
	case c.s.tui.errTerminal:
		c.s.tui.progress("%s", bar(now))
	case now.Doing != before.Doing:
		c.s.tui.say("tor: %3d %% %s", now.Progress, now.Doing)
	}
}

// bar draws the bootstrap in one line.
func bar(s onion.State) string {
	const width = 24
	full := s.Progress * width / 100
	return fmt.Sprintf("[%s%s] %3d %% %s", strings.Repeat("#", full), strings.Repeat(".", width-full), s.Progress, s.Doing)
}

// showAddress shows the address as soon as it is known, before it can be
// reached, and its QR code where somebody can point a phone at it.
func (c *screen) showAddress() {
	c.s.tui.say("onion address: http://%s/", c.address)
	if !c.s.tui.errTerminal {
		return
	}
	code, err := qr.Encode("http://"+c.address+"/", qr.L)
	if err != nil {
		return // an address always fits
	}
	c.s.tui.block(drawQR(code))
}

// drawQR draws two rows of the code in a line of half blocks, black on white
// whatever the terminal's colours, with the margin that readers need.
func drawQR(code *qr.Code) string {
	const margin = 2
	var b strings.Builder
	for y := -margin; y < code.Size+margin; y += 2 {
		b.WriteString("\x1b[30;107m")
		for x := -margin; x < code.Size+margin; x++ {
			b.WriteString(halves[code.Black(x, y)][code.Black(x, y+1)])
		}
		b.WriteString("\x1b[0m\n")
	}
	return b.String()
}

var halves = map[bool]map[bool]string{
	true:  {true: "█", false: "▀"},
	false: {true: "▄", false: " "},
}
