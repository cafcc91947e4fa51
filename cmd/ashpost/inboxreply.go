package main

import (
	"context"
	"errors"
	"time"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/webui/api"
)

type inboxReplyCmd struct {
	inboxArg
	Message string       `arg:"" help:"The number of the message to answer, in the list."`
	Attach  []string     `sep:"none" placeholder:"FILE" help:"An attachment. Can be repeated."`
	Expires longLifetime `default:"30d" help:"Lifetime: 5m to 30d."`
	JSON    bool         `name:"json" help:"Print the result as JSON."`
}

// Help is shown by --help.
func (inboxReplyCmd) Help() string {
	return "The text is read from standard input. The answer is encrypted to the keys that the message gave, and proves to its reader that it comes from this conversation. " +
		"It is written over a circuit of its own, not as the owner of this inbox."
}

func (c *inboxReplyCmd) Run(ctx context.Context, t *tui) error {
	files, err := attachments(c.Attach)
	if err != nil {
		return err
	}
	m, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer m.close()
	question, err := m.question(ctx, c.Message)
	if err != nil {
		return err
	}
	w := &writer{t: t, service: m.service, own: m, files: files, expires: c.Expires.seconds()}
	a, err := w.answers(ctx, question)
	if err != nil {
		return err
	}
	defer a.client.Close()
	m.introduce(question) // before anything is written: numbers are the service's, which may have put another's message under this one
	if err := w.compose(ctx); err != nil {
		return err
	}
	if err := w.answer(ctx, question, a); err != nil {
		return err
	}
	if r := question.head.Reply; r != nil {
		m.notes.learn(r, time.Now())
	}
	t.say("answered %s", m.notes.who(a.to.ID()))
	if c.JSON {
		if err := t.json(a.delivered(m.at.Service)); err != nil {
			return err
		}
	}
	return m.note(ctx)
}

// question fetches what is answered; nothing of it stays here.
func (m *mailbox) question(ctx context.Context, named string) (*letter, error) {
	listed, err := m.find(ctx, named)
	if err != nil {
		return nil, err
	}
	return m.glimpse(ctx, listed, m.t.transfer("Receiving", listed.Size))
}

// answers finds the keys to answer to.
func (w *writer) answers(ctx context.Context, question *letter) (a addressee, err error) {
	switch question.standing {
	case anonymous:
		return a, refused("this message cannot be answered: it names no inbox", "")
	case foreign:
		return a, refused("this message does not prove that it is from the conversation it claims", "Answer an earlier message of that conversation, one that is marked as from it.")
	}
	if a.client, err = w.service.apart(); err != nil {
		return a, err
	}
	if r := question.head.Reply; r != nil {
		a.to = r.Recipients
	} else {
		at := seal.InboxAddress{Service: w.own.at.Service, ID: *question.from}
		if a.to, _, err = keys(ctx, a.client, &at); err != nil {
			a.client.Close()
			return a, err
		}
	}
	w.announce(a.to)
	return a, nil
}

// answer writes the answer, or follows up on one. The mailbox of somebody who
// wrote without having opened an inbox is opened by the first answer.
func (w *writer) answer(ctx context.Context, question *letter, a addressee) error {
	r := question.head.Reply
	if r == nil {
		return w.post(ctx, a, w.letter(a.to, nil))
	}
	if err := openForReplies(ctx, a.client, a.to); err != nil {
		return err
	}
	return w.post(ctx, a, w.letter(a.to, &r.Key))
}

// openForReplies opens a mailbox for answers if there is no inbox yet. A team has
// opened its own.
func openForReplies(ctx context.Context, client *api.Client, to seal.Recipients) error {
	_, _, err := client.Inbox(ctx, api.InboxID(to.ID()))
	if !errors.Is(err, api.ErrGone) || len(to) > 1 {
		return inboxFailure(err)
	}
	_, err = client.OpenInbox(ctx, to.File(), api.Opening{Kind: api.KindReply})
	if errors.Is(err, api.ErrConflict) { // somebody opened it just now
		err = nil
	}
	return inboxFailure(err)
}
