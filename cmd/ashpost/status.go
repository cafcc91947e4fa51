package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"ashpost/vault"
)

// statusCmd asks the service that runs on a data folder, on this machine.
type statusCmd struct {
	dataFlag
	JSON bool `name:"json" help:"Print the result as JSON."`
}

func (c *statusCmd) Run(ctx context.Context, t *tui) error {
	r, err := askStatus(ctx, c.Data)
	if err != nil {
		return unanswered(err)
	}
	if c.JSON {
		err = t.json(r)
	} else {
		err = r.print(t)
	}
	if err == nil && r.State != "open" {
		return &failure{code: exitLocked, what: "the service is locked: " + causeWords(r.Cause)}
	}
	return err
}

func askStatus(ctx context.Context, data string) (r report, err error) {
	err = askAdmin(ctx, data, http.MethodGet, "/status", nil, &r, 30*time.Second)
	return r, err
}

// filledWords says how full the service is, and what that means.
func filledWords(percent int) string {
	words := fmt.Sprintf("%d %% of what the slots, the quota and the disk allow", percent)
	if percent >= vault.FullAt {
		words += "; new messages are refused, reading goes on"
	}
	return words
}

func (r report) print(t *tui) error {
	lines := []string{"state       " + r.State}
	if r.Verified != 0 {
		lines = append(lines, fmt.Sprintf("last proof  %s ago: %s destroyed in %d ms",
			secondsWords(r.Now-r.Verified), count(int64(r.Destroyed), "message"), r.TookMS))
	} else {
		lines = append(lines, "last proof  none yet")
	}
	if r.Slots > 0 {
		lines = append(lines, fmt.Sprintf("holds       %s of %d, %s of %s",
			count(int64(r.Messages), "message"), r.Slots, bytesWords(r.Bytes), bytesWords(r.Quota)),
			fmt.Sprintf("inboxes     %d, with %d of the messages", r.Inboxes, r.Letters),
			"filled      "+filledWords(r.Filled))
	} else {
		lines = append(lines, "holds       unknown: the slot file is not open")
	}
	if r.Volatile {
		lines = append(lines, "volatile    yes: messages are in memory only, and lost when the service stops")
	} else {
		lines = append(lines, "volatile    no: messages survive a stop")
	}
	lines = append(lines, "slots       "+storageWords(r.Storage), "file system "+r.System)
	if r.Swap {
		lines = append(lines, "swap        "+swapWarning)
	}
	if o := r.Onion; o == nil {
		lines = append(lines, "onion       none: a preview on this machine")
	} else {
		address := "not known yet"
		if o.Address != "" {
			address = "http://" + o.Address + "/"
		}
		lines = append(lines, "address     "+address, fmt.Sprintf("onion       %s, %d %% %s", o.Phase, o.Progress, o.Doing),
			"tor         "+o.Tor.words())
		if o.Trouble != "" {
			lines = append(lines, "trouble     "+o.Trouble, "            "+o.Advice)
		}
	}
	lines = append(lines, fmt.Sprintf("since start %d requests refused at the gate, %d failed, %d panics",
		r.Counters.Refused, r.Counters.Failed, r.Counters.Panics),
		fmt.Sprintf("limits      %d requests over a circuit's, %d over that of all; %s closed",
			r.Counters.Limited, r.Counters.Crowded, count(r.Counters.Closed, "circuit")),
		fmt.Sprintf("            %s, %s ended for being too slow",
			count(r.Counters.Wrong, "wrong proof"), count(r.Counters.Slow, "transfer")))
	for _, line := range lines {
		if err := t.result(strings.Map(visible, line)); err != nil {
			return err
		}
	}
	return nil
}
