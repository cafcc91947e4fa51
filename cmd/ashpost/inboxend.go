package main

import (
	"context"
	"strings"
)

type inboxEndCmd struct {
	Address string `arg:"" optional:"" help:"The inbox's address, http://….onion/to/… \"-\" or left out: the private link of a request, read from standard input, or asked for without echo."`

	Key            string `placeholder:"FILE" help:"The key file; a request has none."`
	PassphraseFile string `placeholder:"FILE" help:"The key file's passphrase is the first line of FILE. Left out: asked for."`
	JSON           bool   `name:"json" help:"Print the result as JSON."`
	network
}

// Help is shown by --help.
func (inboxEndCmd) Help() string {
	return "The inbox goes with everything in it, the notebook too, for everybody who reads it. " +
		"Whoever has its address is then told that there is nothing. The key file on this machine stays: remove it yourself. " +
		"A request is ended with its private link, whether an answer has come or not."
}

func (c *inboxEndCmd) Run(ctx context.Context, t *tui) error {
	if c.Address == "" || c.Address == "-" || strings.Contains(c.Address, "/r/") {
		return c.endRequest(ctx, t)
	}
	if c.Key == "" {
		return &failure{code: exitUsage, what: "an inbox is ended with its key file", hint: "Give it with --key FILE."}
	}
	m, err := inboxArg{c.Address, keyFlags{c.Key, c.PassphraseFile}, c.network}.openClosed(ctx, t)
	if err != nil {
		return err
	}
	defer m.close()
	t.say("the inbox and everything in it will be destroyed, for everybody who reads it")
	if err := t.confirm(ctx, "end"); err != nil {
		return err
	}
	if err := m.end(ctx); err != nil {
		return inboxFailure(err)
	}
	return c.ended(t, "The inbox and everything in it is destroyed.")
}

// endRequest needs no further word from a script: nobody gives a private link to
// this command by mistake.
func (c *inboxEndCmd) endRequest(ctx context.Context, t *tui) error {
	text, err := t.linkText(ctx, c.Address)
	if err != nil {
		return err
	}
	link, id, err := parseRequest(text)
	if err != nil {
		return err
	}
	m, err := c.request(ctx, t, link, id)
	if err != nil {
		return err
	}
	defer m.close()
	if t.inTerminal {
		t.say("the request will be destroyed, with an answer that may have come")
		if err := t.confirm(ctx, "end"); err != nil {
			return err
		}
	}
	if err := m.end(ctx); err != nil {
		return requestFailure(err)
	}
	return c.ended(t, "The request is destroyed.")
}

func (c *inboxEndCmd) ended(t *tui, words string) error {
	if c.JSON {
		return t.json(map[string]bool{"ended": true})
	}
	return t.result(words)
}

func (m *mailbox) end(ctx context.Context) error {
	m.t.progress("Having it destroyed …")
	return m.owner.DestroyInbox(ctx, m.id())
}
