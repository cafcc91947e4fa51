package main

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/webui/api"
)

type inboxListCmd struct {
	inboxArg
	Before uint64 `placeholder:"NUMBER" help:"List what is older than this message; 100 at a time."`
	JSON   bool   `name:"json" help:"Print the result as JSON."`
}

// listing is the result of list in JSON.
type listing struct {
	Address       string          `json:"address"`
	Words         string          `json:"words"`
	Kind          api.Kind        `json:"kind"`
	LastUse       string          `json:"last_use,omitempty"` // a day, before today
	Damaged       bool            `json:"notebook_damaged,omitempty"`
	Count         int             `json:"count"` // of all in the inbox
	More          bool            `json:"more"`  // there are older ones
	Messages      []listedLetter  `json:"messages"`
	Conversations []correspondent `json:"conversations"`
}

// listedLetter is one line of the list.
type listedLetter struct {
	Number    uint64        `json:"number"`
	ID        api.Reference `json:"id"`
	Size      int64         `json:"size"`
	ExpiresIn int64         `json:"expires_in"`
	Time      int64         `json:"time,omitempty"` // Unix seconds, by the writer's clock
	Standing  standing      `json:"standing"`
	From      string        `json:"from,omitempty"` // the address of their inbox
	Name      string        `json:"name,omitempty"`

	who string
}

// correspondent is somebody the notebook knows.
type correspondent struct {
	Name    string `json:"name,omitempty"`
	Address string `json:"address"`
	Words   string `json:"words"`
	Since   string `json:"since"`
}

func (c *inboxListCmd) Run(ctx context.Context, t *tui) error {
	m, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer m.close()
	t.progress("Asking for the list …")
	page, err := m.owner.Letters(ctx, m.id(), c.Before)
	if err != nil {
		return inboxFailure(err)
	}
	r := listing{
		Address: m.at.String(), Words: m.at.ID.Words(), Kind: page.Kind, LastUse: m.notes.lastUse(time.Now()), Damaged: m.notes.damaged,
		Count: page.Count, More: page.More, Conversations: m.correspondents(),
	}
	if r.Messages, err = m.glance(ctx, page); err != nil {
		return err
	}
	if c.JSON {
		err = t.json(r)
	} else {
		err = r.print(t)
	}
	if err != nil {
		return err
	}
	return m.note(ctx)
}

func (m *mailbox) correspondents() []correspondent {
	known := []correspondent{}
	for _, c := range m.notes.Conversations {
		known = append(known, correspondent{c.Name, m.address(c.Inbox), c.Inbox.Words(), c.Since})
	}
	return known
}

// address is that of another inbox at the same service.
func (m *mailbox) address(id seal.InboxID) string {
	return seal.InboxAddress{Service: m.at.Service, ID: id}.String()
}

// glance opens the small messages of a list, which tells who wrote them. The
// large ones would have to be fetched whole. One answer brings many; the next one
// begins with what it had no room for.
func (m *mailbox) glance(ctx context.Context, page api.Letters) (lines []listedLetter, err error) {
	came := page
	for i, l := range page.Messages {
		m.t.progress("Looking at message %d of %d …", i+1, len(page.Messages))
		file := came.File(l)
		if file == nil && l.Size <= api.SmallSize {
			if came, err = m.owner.Letters(ctx, m.id(), l.Serial+1); err != nil {
				return nil, inboxFailure(err)
			}
			file = came.File(l)
		}
		lines = append(lines, m.line(l, file))
	}
	return lines, nil
}

// line makes one line of the list. One that is gone by now, or damaged, does not
// keep the others from being listed.
func (m *mailbox) line(l api.Listed, file []byte) listedLetter {
	line := listedLetter{Number: l.Serial, ID: l.Message, Size: l.Size, ExpiresIn: l.ExpiresIn, Standing: notOpened}
	if file == nil {
		return line
	}
	seen, err := m.look(bytes.NewReader(file), l)
	if err != nil {
		line.Standing = broken
		return line
	}
	line.Time, line.Standing = seen.head.Time.Unix(), seen.standing
	if from := seen.from; from != nil {
		line.From, line.who = m.address(*from), m.notes.who(*from)
		if c := m.notes.with(*from); c != nil {
			line.Name = c.Name
		}
	}
	return line
}

func (r listing) print(t *tui) error {
	t.remark("in words, to compare: %s", r.Words)
	if r.LastUse != "" {
		t.remark("last opened before today: %s; if that was nobody of yours, somebody else has the key file", r.LastUse)
	}
	if len(r.Messages) == 0 {
		t.say("the inbox is empty")
	}
	for _, l := range r.Messages {
		if err := t.result(l.String()); err != nil {
			return err
		}
	}
	if r.More {
		t.say("%s in all; for older ones: --before %d", count(int64(r.Count), "message"), r.Messages[len(r.Messages)-1].Number)
	}
	return nil
}

func (l listedLetter) String() string {
	written := "          "
	if l.Time != 0 {
		written = day(time.Unix(l.Time, 0))
	}
	return fmt.Sprintf("%5d  %s  %-26s  %-25s  %8s  %s left", l.Number, written, l.Standing.words(), l.who, bytesWords(l.Size), secondsWords(l.ExpiresIn))
}
