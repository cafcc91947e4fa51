package main

import (
	"context"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/webui/api"
)

type inboxRequestCmd struct {
	Service string `arg:"" help:"The service, http://….onion"`

	Expires    longLifetime `default:"7d" help:"How long the answer is waited for: 5m to 30d."`
	InviteFile string       `placeholder:"FILE" help:"The operator's invite code is the first line of FILE."`
	JSON       bool         `name:"json" help:"Print the result as JSON."`
	network
}

// Help is shown by --help.
func (inboxRequestCmd) Help() string {
	return "For somebody who has no inbox and is to send a secret: give them the address, which takes one message. " +
		"Keep the private link: ashpost open, given it, shows the answer and has all of it destroyed."
}

// request is the result of request in JSON.
type request struct {
	Address   string `json:"address"`
	Words     string `json:"words"`
	Link      string `json:"private_link"`
	ExpiresIn int64  `json:"expires_in"`
}

func (c *inboxRequestCmd) Run(ctx context.Context, t *tui) error {
	service, err := parseService(c.Service)
	if err != nil {
		return err
	}
	invite, err := inviteFile(c.InviteFile)
	if err != nil {
		return err
	}
	client, err := c.client(ctx, t, service)
	if err != nil {
		return err
	}
	defer client.Close()
	link, id := seal.NewRequest(service)
	t.progress("Opening the request …")
	to := seal.Recipients{id.Recipient()}
	receipt, err := asOwner(client.Client, id).OpenInbox(ctx, to.File(),
		api.Opening{Kind: api.KindRequest, ExpiresIn: c.Expires.seconds(), Invite: invite})
	if err != nil {
		return inboxFailure(err)
	}
	return request{link.Address().String(), link.ID.Words(), link.String(), receipt.ExpiresIn}.print(t, c.JSON)
}

func (r request) print(t *tui, asJSON bool) error {
	if asJSON {
		return t.json(r)
	}
	t.remark("First the address, to give away; then the private link, to keep. In words, to compare: %s", r.Words)
	if err := t.result(r.Address); err != nil {
		return err
	}
	if err := t.result(r.Link); err != nil {
		return err
	}
	t.remark("The answer can be written within %s. ashpost open, given the private link, shows it.", secondsWords(r.ExpiresIn))
	return nil
}
