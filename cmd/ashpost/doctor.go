package main

import (
	"context"
	"fmt"
	"strings"
)

// doctorCmd looks at everything a service stands on, in the order in which it
// needs it. It connects to nothing but the running service's own socket.
type doctorCmd struct {
	dataFlag
	bridgeFlags
	JSON bool `name:"json" help:"Print the result as JSON."`
}

// Help is shown by --help.
func (doctorCmd) Help() string {
	return "Looks at the clock, the network, Tor, bridges, the disk and permissions, of a service that runs or not, " +
		"and says the next step for what is wrong. It connects to nothing: whether the Tor network can be reached is " +
		"known only while the service runs. The exit code is 0 when all is well."
}

// finding is what one check came to.
type finding struct {
	Check string `json:"check"`
	OK    bool   `json:"ok"`
	Says  string `json:"says"`
	Next  string `json:"next,omitempty"` // what to do; empty when all is well
}

func well(check, says string) finding        { return finding{Check: check, OK: true, Says: says} }
func wrong(check, says, next string) finding { return finding{Check: check, Says: says, Next: next} }

// patient is what the checks look at.
type patient struct {
	doctorCmd
	running *report // nil when no service answers
	silent  error   // why, unless none runs
}

func (c *doctorCmd) Run(ctx context.Context, t *tui) error {
	p := patient{doctorCmd: *c}
	switch r, err := askStatus(ctx, c.Data); {
	case err == nil:
		p.running = &r
	case ctx.Err() != nil:
		return ctx.Err()
	case !absent(err):
		p.silent = unanswered(err)
	}
	findings := []finding{p.service(), p.clock(), p.network(), p.tor(), p.bridges(), p.disk(), p.permissions()}
	bad := 0
	for _, f := range findings {
		if !f.OK {
			bad++
		}
	}
	if err := printFindings(t, findings, c.JSON); err != nil || bad == 0 {
		return err
	}
	return &failure{code: exitOther, what: fmt.Sprintf("%d of %d checks found something", bad, len(findings))}
}

func printFindings(t *tui, findings []finding, asJSON bool) error {
	if asJSON {
		return t.json(findings)
	}
	for _, f := range findings {
		mark := "ok   "
		if !f.OK {
			mark = "WRONG"
		}
		lines := fmt.Sprintf("%s %-11s %s", mark, f.Check, f.Says)
		if f.Next != "" {
			lines += "\n                  next: " + f.Next
		}
		if err := t.result(strings.Map(visible, lines)); err != nil {
			return err
		}
	}
	return nil
}
