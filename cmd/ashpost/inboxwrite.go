package main

import (
	"context"

	"ashpost/cmd/ashpost/internal/seal"
)

type inboxWriteCmd struct {
	Address []string `arg:"" help:"Addresses of inboxes at one service, http://….onion/to/…"`

	Attach  []string     `sep:"none" placeholder:"FILE" help:"An attachment. Can be repeated."`
	Expires longLifetime `default:"30d" help:"Lifetime: 5m to 30d."`
	// A variable that is set for the other commands must not say who writes here.
	Key            string `env:"ASHPOST_ANSWER_KEY" placeholder:"FILE" help:"Ask for answers, in the inbox of this key file. Left out: nobody can answer."`
	PassphraseFile string `placeholder:"FILE" help:"The key file's passphrase is the first line of FILE. Left out: asked for."`
	From           string `placeholder:"ADDRESS" help:"With --key: the inbox to be answered in, where it is a team's."`
	TrustAlias     bool   `help:"Write to addresses whose key is the operator's word, without being asked."`
	JSON           bool   `name:"json" help:"Print the result as JSON."`
	network
}

// Help is shown by --help.
func (inboxWriteCmd) Help() string {
	return "The text is read from standard input. An address proves the key that is written to; compare its words with the owner if you can. " +
		"Each inbox is written to over a circuit of its own, which tells the service nothing about you. " +
		"With --key your public key goes to the reader, inside the encryption, and the answers come back to your inbox. To a request nobody can ask for an answer."
}

func (c *inboxWriteCmd) Run(ctx context.Context, t *tui) error {
	to, err := c.addresses()
	if err != nil {
		return err
	}
	files, err := attachments(c.Attach)
	if err != nil {
		return err
	}
	w := &writer{t: t, files: files, expires: c.Expires.seconds()}
	if c.Key != "" {
		a := inboxArg{c.From, keyFlags{c.Key, c.PassphraseFile}, c.network}
		if w.own, err = a.openForAnswers(ctx, t, to[0].Service); err != nil {
			return err
		}
		defer w.own.close()
		w.service = w.own.service
	} else {
		if w.service, err = c.client(ctx, t, to[0].Service); err != nil {
			return err
		}
		defer w.service.Close()
	}
	all, err := w.verified(ctx, to, c.TrustAlias)
	defer func() {
		for _, a := range all {
			a.client.Close()
		}
	}()
	if err != nil {
		return err
	}
	if err := w.compose(ctx); err != nil {
		return err
	}
	if err := w.writeAll(ctx, all); err != nil || !c.JSON {
		return err
	}
	written := make([]delivered, len(all))
	for i, a := range all {
		written[i] = a.delivered(to[0].Service)
	}
	return t.json(written)
}

// delivered is an inbox that has a message now, in JSON.
type delivered struct {
	Address string `json:"address"`
	Words   string `json:"words"`
}

func (a addressee) delivered(service string) delivered {
	id := a.to.ID()
	return delivered{seal.InboxAddress{Service: service, ID: id}.String(), id.Words()}
}

// addresses parses what was given. They are at one service: one Tor goes to it.
func (c *inboxWriteCmd) addresses() (to []seal.InboxAddress, err error) {
	if c.Key == "" && c.From != "" {
		return nil, &failure{code: exitUsage, what: "--from needs --key"}
	}
	for _, text := range c.Address {
		at, err := parseInbox(text)
		if err != nil {
			return nil, err
		}
		if len(to) > 0 && to[0].Service != at.Service {
			return nil, &failure{code: exitUsage, what: "the addresses are at different services", hint: "Write to each service by itself."}
		}
		to = append(to, at)
	}
	return to, nil
}
