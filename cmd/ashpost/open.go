package main

import (
	"context"
	"errors"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/webui/api"
)

type openCmd struct {
	Link string `arg:"" optional:"" help:"The secret link. \"-\" or left out: read from standard input, or asked for without echo."`

	Out            string `default:"." placeholder:"DIR" help:"Folder for attachments; made if it is not there. Nothing in it is replaced."`
	PassphraseFile string `placeholder:"FILE" help:"The extra passphrase is the first line of FILE."`
	JSON           bool   `name:"json" help:"Print text and attachments as JSON."`
	network
}

// opened is the result of open in JSON.
type opened struct {
	Text      string      `json:"text"`
	Files     []savedFile `json:"files"`
	Reading   api.Reading `json:"reading"`
	Destroyed *bool       `json:"destroyed,omitempty"` // null where reading does not destroy
}

type savedFile struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
}

// Run spends nothing before the claim: link, passphrase and folder come first.
func (c *openCmd) Run(ctx context.Context, t *tui) error {
	// A closed pipe must be an error to handle, not the end of the program: the
	// text may be the only one left.
	signal.Ignore(syscall.SIGPIPE)
	text, err := t.linkText(ctx, c.Link)
	if err != nil {
		return err
	}
	if isRequest(text) {
		return c.openRequest(ctx, t, text)
	}
	link, err := parseLink(text)
	if err != nil {
		return err
	}
	extra, err := c.extra(ctx, t, link)
	if err != nil {
		return err
	}
	place, err := openPlace(c.Out)
	if err != nil {
		return err
	}
	defer place.close()
	if free, known := place.free(); known && free < leastRoom {
		return refused("the folder for attachments has no room: "+bytesWords(free)+" are free", "Make room, or name another with --out DIR. The message was not touched.")
	}
	client, err := c.client(ctx, t, link.Service)
	if err != nil {
		return err
	}
	defer client.Close()
	r := &reading{unpacking: unpacking{place: place}, t: t, client: client.Client, link: link, reader: api.NewKey()}
	if err := r.fetch(ctx); err != nil {
		return err
	}
	if err := r.unseal(ctx, extra); err != nil {
		return r.keep(err)
	}
	return c.show(ctx, r)
}

// leastRoom is for the attachments of a small message. How large a message is,
// only its claim tells.
const leastRoom = 4 * api.SmallSize

// linkText reads a link from where it is.
func (t *tui) linkText(ctx context.Context, arg string) (text string, err error) {
	text = arg
	switch {
	case arg != "" && arg != "-":
		t.warn("a link given as an argument stays in the shell's history and is seen in the list of processes; leave it out to be asked for it")
	case t.inTerminal:
		text, err = t.secret(ctx, "Secret link (it is not shown):")
	default:
		text, err = await(ctx, func() (string, error) { return firstLine(t.in) })
	}
	if errors.Is(err, context.Canceled) {
		return "", err
	}
	if err != nil {
		return "", &failure{exitUsage, "the link cannot be read", "Give it on standard input.", err}
	}
	return text, nil
}

// extra gets the extra passphrase, if the link needs one, and checks its form.
func (c *openCmd) extra(ctx context.Context, t *tui, link seal.Link) (extra string, err error) {
	switch {
	case !link.Passphrase:
		return "", nil
	case c.PassphraseFile != "":
		extra, err = passphraseFile(c.PassphraseFile)
	default:
		extra, err = t.secret(ctx, passphraseQuestion)
	}
	if errors.Is(err, errNoTerminal) {
		return "", &failure{exitUsage, "this link needs an extra passphrase", "Give it with --passphrase-file FILE. The message was not touched.", err}
	}
	if err == nil {
		_, err = link.Keys().AgePassphrase(extra)
	}
	return extra, err
}

const passphraseQuestion = "Extra passphrase:"

// show has the message destroyed and then hands it over. When the service does
// not answer in time it is handed over all the same: it may be the only copy.
func (c *openCmd) show(ctx context.Context, r *reading) error {
	acknowledged := r.acknowledge(ctx)
	var destroyed *bool
	if acknowledged != nil {
		select {
		case ok := <-acknowledged:
			destroyed = &ok
			acknowledged = nil
		case <-time.After(patience):
			destroyed = new(bool)
		}
	}
	files, err := r.publish()
	if err != nil {
		return r.keep(err)
	}
	if err := c.print(r, files, destroyed); err != nil {
		return r.rescue(err)
	}
	if acknowledged != nil {
		r.t.progress("Waiting for the service to confirm the destruction …")
		*destroyed = <-acknowledged
	}
	r.epilogue(destroyed)
	return nil
}

// patience is how long the text is held back for the acknowledgement's answer.
const patience = 10 * time.Second

func (c *openCmd) print(r *reading, files []savedFile, destroyed *bool) error {
	if c.JSON {
		return r.t.json(opened{Text: r.text, Files: files, Reading: r.claimed.Reading, Destroyed: destroyed})
	}
	for _, f := range files {
		r.t.say("saved %s (%s)", r.place.path(strings.Map(visible, f.Name)), bytesWords(f.Size))
	}
	if r.text == "" {
		return nil
	}
	return r.t.text(r.text)
}
