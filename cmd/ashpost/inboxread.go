package main

import (
	"context"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"ashpost/webui/api"
)

type inboxReadCmd struct {
	inboxArg
	Message string `arg:"" optional:"" help:"The message's number in the list. Left out: the newest."`
	Out     string `default:"." placeholder:"DIR" help:"Folder for attachments; made if it is not there. Nothing in it is replaced."`
	Export  string `placeholder:"DIR" help:"Open nothing: write the message, or without MESSAGE all of them, into DIR as it is, for age on a machine without a network."`
	JSON    bool   `name:"json" help:"Print the result as JSON."`
}

// Help is shown by --help.
func (inboxReadCmd) Help() string {
	return "Reading destroys nothing: a message stays until ashpost inbox destroy, or until its time is up.\n\n" +
		"With --export the messages stay encrypted, but the key file is still needed here: only who has it is given them. " +
		"To keep the private key away from every network, have a key file of its own for a machine without one, and put both public keys into the inbox as a team."
}

// readLetter is the result of read in JSON.
type readLetter struct {
	Number    uint64        `json:"number"`
	ID        api.Reference `json:"id"`
	Time      int64         `json:"time"` // Unix seconds, by the writer's clock
	Standing  standing      `json:"standing"`
	From      string        `json:"from,omitempty"`
	Name      string        `json:"name,omitempty"`
	Text      string        `json:"text"`
	Files     []savedFile   `json:"files"`
	ExpiresIn int64         `json:"expires_in"`
}

func (c *inboxReadCmd) Run(ctx context.Context, t *tui) error {
	signal.Ignore(syscall.SIGPIPE) // else the hidden folder would stay behind
	folder := c.Out
	if c.Export != "" {
		folder = c.Export
	}
	place, err := openPlace(folder)
	if err != nil {
		return err
	}
	defer place.close()
	m, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer m.close()
	if c.Export != "" {
		return c.export(ctx, m, place)
	}
	listed, err := m.find(ctx, c.Message)
	if err != nil {
		return err
	}
	l, err := m.openLetter(ctx, listed, place)
	if err != nil {
		return err
	}
	if err := c.show(t, m, l); err != nil {
		return err
	}
	if l.head.Reply != nil && l.standing != foreign {
		m.notes.learn(l.head.Reply, time.Now())
	}
	return m.note(ctx)
}

func (c *inboxReadCmd) show(t *tui, m *mailbox, l *letter) error {
	files, err := l.publish()
	if err != nil {
		return err
	}
	if c.JSON {
		return t.json(m.result(l, files))
	}
	m.introduce(l)
	for _, f := range files {
		t.say("saved %s (%s)", l.place.path(strings.Map(visible, f.Name)), bytesWords(f.Size))
	}
	if l.text != "" {
		if err := t.text(l.text); err != nil {
			return err
		}
	}
	t.remark("It stays in the inbox for %s, unless it is destroyed: ashpost inbox destroy", secondsWords(l.listed.ExpiresIn))
	return nil
}

func (m *mailbox) result(l *letter, files []savedFile) readLetter {
	r := readLetter{
		Number: l.listed.Serial, ID: l.listed.Message, Time: l.head.Time.Unix(), Standing: l.standing,
		Text: l.text, Files: files, ExpiresIn: l.listed.ExpiresIn,
	}
	if l.from != nil {
		r.From = m.address(*l.from)
		if c := m.notes.with(*l.from); c != nil {
			r.Name = c.Name
		}
	}
	return r
}

// introduce says who wrote a message, as far as that is known.
func (m *mailbox) introduce(l *letter) {
	m.t.say("message %d, written %s by the writer's clock", l.listed.Serial, day(l.head.Time))
	switch l.standing {
	case firstContact:
		m.t.say("first contact: nothing proves who wrote this; you know them from now on as %s", m.notes.who(*l.from))
	case conversing:
		m.t.say("from your conversation with %s", m.notes.who(*l.from))
	case foreign:
		m.t.warn("NOT from this conversation: it claims to be from " + m.notes.who(*l.from) + ", and does not prove it; somebody else may have written it")
	case anonymous:
		m.t.say("anonymous: nothing proves who wrote this, and it cannot be answered")
	}
}
