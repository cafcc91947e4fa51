package main

import (
	"fmt"
	"strings"

	"rsc.io/qr"

	"ashpost/onion"
)

// torScreen tells whoever started a service how Tor comes up.
type torScreen struct {
	tui     *tui
	address string      // shown already
	last    onion.State // as last shown
}

func (c *torScreen) show(now onion.State) {
	before := c.last
	c.last = now
	if now.Address != c.address {
		c.address = now.Address
		c.showAddress()
	}
	switch {
	case now.Trouble != "" && now.Trouble != before.Trouble:
		c.tui.warn(strings.TrimSuffix(now.Trouble, "."))
		if now.Advice != "" {
			c.tui.hint(now.Advice)
		}
	case now.Published && !before.Published:
		c.tui.say("published: http://%s/", now.Address)
	case before.Published && !now.Published && now.Phase != onion.Stopped:
		c.tui.warn("no longer published; connecting again")
	case now.Phase == onion.Published || now.Phase == onion.Stopped:
	case c.tui.errTerminal:
		c.tui.progress("%s", bar(now))
	case now.Doing != before.Doing:
		c.tui.say("tor: %3d %% %s", now.Progress, now.Doing)
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
func (c *torScreen) showAddress() {
	c.tui.say("onion address: http://%s/", c.address)
	if !c.tui.errTerminal {
		return
	}
	code, err := qr.Encode("http://"+c.address+"/", qr.L)
	if err != nil {
		return // an address always fits
	}
	c.tui.block(drawQR(code))
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
