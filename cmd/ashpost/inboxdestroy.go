package main

import (
	"context"
	"errors"
	"slices"

	"ashpost/webui/api"
)

type inboxDestroyCmd struct {
	inboxArg
	Message []string `arg:"" optional:"" help:"Numbers of the list: one as in 7, or several as in 3-9."`
	All     bool     `help:"Destroy every message that is in the inbox now."`
	Yes     bool     `help:"Do not ask."`
	JSON    bool     `name:"json" help:"Print the result as JSON."`
}

// Help is shown by --help.
func (inboxDestroyCmd) Help() string {
	return "Messages of a team's inbox are destroyed for everybody."
}

func (c *inboxDestroyCmd) Run(ctx context.Context, t *tui) error {
	wanted, err := c.selectors()
	if err != nil {
		return err
	}
	m, err := c.openClosed(ctx, t)
	if err != nil {
		return err
	}
	defer m.close()
	found, err := m.those(ctx, wanted)
	if err != nil {
		return err
	}
	if !c.Yes {
		t.say("%s will be destroyed, for everybody who reads this inbox", count(int64(len(found)), "message"))
		if err := t.confirm(ctx, "destroy"); err != nil {
			return err
		}
	}
	t.progress("Having them destroyed …")
	n, err := m.owner.DestroyMessages(ctx, m.id(), found)
	if errors.Is(err, api.ErrNotProven) {
		return notProven(err)
	}
	if err != nil {
		return inboxFailure(err)
	}
	if c.JSON {
		return t.json(api.Destroyed{Destroyed: n})
	}
	return t.result("Destroyed: " + count(int64(n), "message") + ".")
}

// selectors are what was named; --all is everything.
func (c *inboxDestroyCmd) selectors() (all []selector, err error) {
	switch {
	case c.All && len(c.Message) > 0:
		return nil, &failure{code: exitUsage, what: "either --all or numbers of messages"}
	case c.All:
		return []selector{{}}, nil
	case len(c.Message) == 0:
		return nil, &failure{code: exitUsage, what: "which messages?", hint: "Give their numbers in ashpost inbox list, or --all."}
	}
	for _, text := range c.Message {
		s, err := parseSelector(text)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// those finds the messages that any of the selectors takes, each once.
func (m *mailbox) those(ctx context.Context, wanted []selector) (found []api.Reference, err error) {
	m.t.progress("Looking for the messages …")
	newest, oldest := bounds(wanted)
	err = m.each(ctx, newest, func(l api.Listed) bool {
		if slices.ContainsFunc(wanted, func(s selector) bool { return s.takes(l) }) {
			found = append(found, l.Message)
		}
		return l.Serial > oldest
	})
	if err == nil && len(found) == 0 {
		err = noMessage("")
		if wanted[0] != (selector{}) {
			err = noMessage("those")
		}
	}
	return found, err
}

// bounds are the numbers between which all of the wanted lie; 0 where there is
// none.
func bounds(wanted []selector) (newest, oldest uint64) {
	oldest = wanted[0].first
	for _, s := range wanted {
		if s.last == 0 {
			return 0, 0
		}
		newest, oldest = max(newest, s.last), min(oldest, s.first)
	}
	return newest, oldest
}
