package main

import (
	"context"
	"errors"
	"strings"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/webui/api"
)

type inboxCreateCmd struct {
	Service string `arg:"" optional:"" help:"The service, http://….onion. Left out: make the key file alone and contact nobody."`

	Key            string `default:"inbox.key" placeholder:"FILE" help:"The key file. If it is not there it is made, else it is used. [inbox.key]"`
	PassphraseFile string `placeholder:"FILE" help:"The key file's passphrase is the first line of FILE. Left out: made and shown once, or asked for."`
	Team           string `placeholder:"FILE" help:"Share the inbox: FILE has the public keys of everybody in the team, one a line, yours among them or not."`
	InviteFile     string `placeholder:"FILE" help:"The operator's invite code is the first line of FILE."`
	JSON           bool   `name:"json" help:"Print the result as JSON."`
	network
}

// Help is shown by --help.
func (inboxCreateCmd) Help() string {
	return "Running it again with the same key file makes the inbox again, with the same address, when the machine of the service was replaced; messages that were in it are not brought back.\n\n" +
		"A team: everybody runs it without SERVICE first, to get a key file and a public key. Then everybody runs it with SERVICE and the same list of all public keys as --team. All get the same address, and everybody reads everything."
}

// newInbox is the result of create in JSON.
type newInbox struct {
	Address   string `json:"address,omitempty"`
	Words     string `json:"words,omitempty"`
	PublicKey string `json:"public_key"`
	ExpiresIn int64  `json:"expires_in,omitempty"` // unless somebody of it looks in
}

func (c *inboxCreateCmd) Run(ctx context.Context, t *tui) error {
	service := ""
	var err error
	if c.Service != "" {
		if service, err = parseService(c.Service); err != nil {
			return err
		}
	}
	invite, err := inviteFile(c.InviteFile)
	if err != nil {
		return err
	}
	team, err := c.team()
	if err != nil {
		return err
	}
	id, to, err := c.identity(ctx, t, service, team)
	if err != nil {
		return err
	}
	r := newInbox{PublicKey: id.Recipient()}
	if service == "" {
		return c.print(t, r)
	}
	if r.ExpiresIn, err = c.open(ctx, t, service, id, to, api.Opening{Kind: api.KindInbox, Invite: invite}); err != nil {
		return err
	}
	r.Address = seal.InboxAddress{Service: service, ID: to.ID()}.String()
	r.Words = to.ID().Words()
	return c.print(t, r)
}

// team reads the public keys of the others.
func (c *inboxCreateCmd) team() ([]string, error) {
	if c.Team == "" {
		return nil, nil
	}
	file, err := readSmall(c.Team)
	if err != nil {
		return nil, &failure{exitRefused, "the list of public keys cannot be read: " + cause(err), "Nothing was sent.", err}
	}
	lines := strings.Fields(string(file))
	if _, err := seal.NewRecipients(lines...); err != nil {
		return nil, recipientsFailure(err)
	}
	return lines, nil
}

func recipientsFailure(err error) error {
	return &failure{exitUsage, "the list does not hold the public keys of a team: " + err.Error(),
		"One a line, age1pq1…, at most 10 with your own. ashpost inbox create without SERVICE prints one.", err}
}

// identity opens the key file or makes one, and puts the team together.
func (c *inboxCreateCmd) identity(ctx context.Context, t *tui, service string, team []string) (id seal.Identity, to seal.Recipients, err error) {
	k := keyFlags{Key: c.Key, PassphraseFile: c.PassphraseFile}
	there, err := k.there()
	switch {
	case err != nil:
		return id, nil, err
	case there:
		t.say("using the key file that is there")
		id, err = k.identity(ctx, t)
	default:
		id = seal.NewIdentity()
	}
	if err != nil {
		return id, nil, err
	}
	if to, err = seal.NewRecipients(append([]string{id.Recipient()}, team...)...); err != nil {
		return id, nil, recipientsFailure(err)
	}
	if there {
		return id, to, nil
	}
	address := ""
	if service != "" {
		address = seal.InboxAddress{Service: service, ID: to.ID()}.String()
	}
	return id, to, k.make(ctx, t, id, address)
}

// open opens the inbox as its owner.
func (c *inboxCreateCmd) open(ctx context.Context, t *tui, service string, id seal.Identity, to seal.Recipients, o api.Opening) (int64, error) {
	client, err := c.client(ctx, t, service)
	if err != nil {
		return 0, err
	}
	defer client.Close()
	t.progress("Opening the inbox …")
	receipt, err := asOwner(client.Client, id).OpenInbox(ctx, to.File(), o)
	if errors.Is(err, api.ErrConflict) {
		return 0, &failure{exitRefused, "this key has a request at the service", "Use another key file.", err}
	}
	return receipt.ExpiresIn, inboxFailure(err)
}

func (c *inboxCreateCmd) print(t *tui, r newInbox) error {
	if c.JSON {
		return t.json(r)
	}
	if r.Address == "" {
		t.say("the public key, to give to your team:")
		return t.result(r.PublicKey)
	}
	t.say("in words, to compare: %s", r.Words)
	t.remark("Keep the key file and its passphrase, apart from each other: without both nobody reads what is written to this inbox, and nobody can help.")
	t.remark("The inbox stays as long as you look into it once a year.")
	return t.result(r.Address)
}
