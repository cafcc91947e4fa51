package main

import (
	"context"
	"io"
	"time"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/webui/api"
)

type sendCmd struct {
	Files []string `arg:"" optional:"" name:"file" help:"Attachments; \"-\" reads a text from standard input beside them. Left out: a text only."`

	Service        string   `required:"" placeholder:"URL" help:"The service, http://….onion"`
	Expires        lifetime `default:"1d" help:"Lifetime: 5m to 7d, as in 90m, 12h, 3d."`
	Keep           bool     `help:"Leave the message readable until it expires, instead of destroying it when read."`
	PassphraseFile string   `placeholder:"FILE" help:"Also require the passphrase in the first line of FILE."`
	Control        bool     `help:"Print the control link too, on standard error: it shows whether the message waits, and destroys it."`
	InviteFile     string   `placeholder:"FILE" help:"The operator's invite code is the first line of FILE, where the service wants one."`
	JSON           bool     `name:"json" help:"Print the result as JSON."`
	network

	invite api.Invite
}

// sent is the result of send in JSON.
type sent struct {
	Link      string      `json:"link"`
	Control   string      `json:"control_link,omitempty"`
	Reading   api.Reading `json:"reading"`
	Expires   int64       `json:"expires"`
	ExpiresIn int64       `json:"expires_in"`
}

// Run checks everything that can be checked here before it asks the service.
func (c *sendCmd) Run(ctx context.Context, t *tui) error {
	service, err := parseService(c.Service)
	if err != nil {
		return err
	}
	if c.invite, err = inviteFile(c.InviteFile); err != nil {
		return err
	}
	var extra string
	if c.PassphraseFile != "" {
		if extra, err = passphraseFile(c.PassphraseFile); err != nil {
			return err
		}
		if _, err := (seal.Link{Passphrase: true}).Keys().AgePassphrase(extra); err != nil {
			return err
		}
	}
	message, err := c.message(ctx, t)
	if err != nil {
		return err
	}
	client, err := c.client(ctx, t, service)
	if err != nil {
		return err
	}
	defer client.Close()
	t.progress("Connecting …")
	if err := c.admitted(ctx, client.Client, seal.SealedSize(message)); err != nil {
		return err
	}
	return c.send(ctx, t, client.Client, seal.Link{Service: service, Passphrase: extra != ""}, extra, message)
}

// admitted asks whether the service takes such a message.
func (c *sendCmd) admitted(ctx context.Context, client *api.Client, size int64) error {
	s, err := client.Service(ctx)
	if err != nil {
		return err
	}
	life := c.Expires.seconds()
	switch {
	case s.State == api.Locked:
		return api.ErrLocked
	case size > s.Limits.Message:
		return refused("the message is larger than the service takes, which is "+bytesWords(s.Limits.Message)+" once encrypted", "Send it in several messages.")
	case life < s.Limits.Shortest || life > s.Limits.Longest:
		return refused("the service does not keep messages for that long or that short",
			"It takes lifetimes from "+secondsWords(s.Limits.Shortest)+" to "+secondsWords(s.Limits.Longest)+".")
	}
	return nil
}

// send gets a reference, seals the message under it, and prints the link.
func (c *sendCmd) send(ctx context.Context, t *tui, client *api.Client, link seal.Link, extra string, m seal.Message) error {
	reserved, err := client.Reserve(ctx)
	if err != nil {
		return err
	}
	link.Reference, link.Token = reserved.Reference, seal.NewToken()
	keys, manage := link.Keys(), api.NewKey()
	terms := api.Terms{
		ExpiresIn: c.Expires.seconds(),
		Reading:   api.Once,
		Claim:     api.Key(keys.Claim).Verifier(),
		Manage:    manage.Verifier(),
		Invite:    c.invite,
	}
	if c.Keep {
		terms.Reading = api.UntilExpiry
	}
	receipt, err := upload(ctx, t, client, reserved, terms, seal.SealedSize(m), func(w io.Writer) error { return seal.Seal(w, keys, extra, m) })
	if err != nil {
		return sendFailure(err)
	}
	result := sent{Link: link.String(), Reading: terms.Reading, Expires: time.Now().Unix() + receipt.ExpiresIn, ExpiresIn: receipt.ExpiresIn}
	if c.Control {
		result.Control = seal.ControlLink{Service: link.Service, Reference: link.Reference, ManageKey: manage}.String()
	}
	return c.print(t, result, link.Passphrase)
}

func (c *sendCmd) print(t *tui, s sent, passphrase bool) error {
	if c.JSON {
		return t.json(s)
	}
	if err := t.result(s.Link); err != nil {
		return err
	}
	if c.Control {
		t.say("control link, for you alone: %s", s.Control)
	}
	t.remark("It expires in %s. Do not open it yourself: whoever opens it first reads it.", secondsWords(s.ExpiresIn))
	if passphrase {
		t.remark("The reader needs the passphrase too. Tell it by another channel.")
	}
	return nil
}
