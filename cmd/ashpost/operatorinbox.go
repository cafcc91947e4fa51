package main

import (
	"context"
	"maps"
	"slices"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/webui/api"
)

// inboxAliasCmd lets a name stand for an inbox, through the service that runs on
// this machine.
type inboxAliasCmd struct {
	Name    string `arg:"" optional:"" help:"The name: a-z, 0-9 and -, 2 to 31 characters, a letter first. Left out: list all."`
	Address string `arg:"" optional:"" help:"The inbox's address, http://….onion/to/…"`
	Remove  bool   `help:"Take the name back."`
	JSON    bool   `name:"json" help:"Print the list as JSON."`
	dataFlag
}

// Help is shown by --help.
func (inboxAliasCmd) Help() string {
	return "http://….onion/to/NAME is easier to print than an address, and proves nothing: whoever has this machine decides where it leads. Writers are told so."
}

func (c *inboxAliasCmd) Run(ctx context.Context, t *tui) error {
	o, err := c.order()
	if err != nil {
		return err
	}
	done, err := o.give(ctx, c.Data)
	if err != nil {
		return unanswered(err)
	}
	switch {
	case done.Result == resultGone && c.Remove:
		return &failure{code: exitGone, what: "there is no such name"}
	case done.Result == resultGone:
		return &failure{code: exitGone, what: "there is no such inbox at this service", hint: "It has to be opened first: ashpost inbox create."}
	case done.Result != resultDone:
		return done.notDone()
	case c.Remove:
		return t.result("Removed.")
	case c.Name != "":
		return t.result("Set.")
	}
	return c.list(t, done.Aliases)
}

// order checks what can be checked here.
func (c *inboxAliasCmd) order() (o order, err error) {
	if c.Name == "" {
		return order{ListAliases: true}, nil
	}
	if !seal.ValidAlias(c.Name) {
		return o, &failure{code: exitUsage, what: "this cannot be a name for an inbox", hint: "2 to 31 of a-z, 0-9 and -; the first one a letter."}
	}
	if c.Remove {
		if c.Address != "" {
			return o, &failure{code: exitUsage, what: "--remove takes a name alone"}
		}
		return order{RemoveAlias: c.Name}, nil
	}
	if c.Address == "" {
		return o, &failure{code: exitUsage, what: "which inbox?", hint: "Give its address behind the name, or --remove."}
	}
	at, err := parseInbox(c.Address)
	if err == nil && at.Alias != "" {
		err = &failure{code: exitUsage, what: "this address is itself a name", hint: "Give the long one."}
	}
	return order{Alias: c.Name, Inbox: api.InboxID(at.ID)}, err
}

func (c *inboxAliasCmd) list(t *tui, aliases map[string]api.InboxID) error {
	if c.JSON {
		return t.json(aliases)
	}
	if len(aliases) == 0 {
		t.say("no names")
	}
	for _, name := range slices.Sorted(maps.Keys(aliases)) {
		if err := t.result(name + "  " + aliases[name].Encode()); err != nil {
			return err
		}
	}
	return nil
}

// inboxInviteCmd makes an invite code, through the service that runs on this
// machine.
type inboxInviteCmd struct {
	For     string       `enum:"inbox,links" default:"inbox" help:"What it is for: inbox, for one inbox or request; or links, for any number of links. [inbox]"`
	Expires longLifetime `default:"30d" help:"How long it is good: 5m to 30d."`
	dataFlag
}

// Help is shown by --help.
func (inboxInviteCmd) Help() string {
	return "Where serve has --inboxes invite or --links invite, who comes with a code may, and nobody else. Whoever has the code can use it: tell it to one person."
}

func (c *inboxInviteCmd) Run(ctx context.Context, t *tui) error {
	done, err := order{Invite: api.For(c.For), Life: c.Expires.seconds()}.give(ctx, c.Data)
	switch {
	case err != nil:
		return unanswered(err)
	case done.Result != resultDone || done.Code == nil:
		return done.notDone()
	}
	return t.result(done.Code.Encode())
}

// notDone says why an order about names or codes was not carried out.
func (r outcome) notDone() error {
	switch r.Result {
	case resultFull:
		return &failure{code: exitOther, what: "the service is full"}
	case resultNotProven:
		return notProven(nil)
	}
	return &failure{code: exitLocked, what: "not done: " + r.Problem, hint: "ashpost status says how the service stands."}
}
