package main

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ashpost/cmd/ashpost/internal/seal"
)

type inboxNameCmd struct {
	inboxArg
	Message string `arg:"" help:"The number of a message of theirs, in the list."`
	Name    string `arg:"" help:"The name. It is kept in the inbox's notebook, encrypted, for you alone."`
}

func (c *inboxNameCmd) Run(ctx context.Context, t *tui) error {
	given, err := localName(c.Name)
	if err != nil {
		return err
	}
	m, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer m.close()
	l, err := m.question(ctx, c.Message)
	if err != nil {
		return err
	}
	known, err := m.conversation(ctx, l)
	if err != nil {
		return err
	}
	m.notes.call(*known, given)
	if err := m.saveNotebook(ctx); err != nil {
		return err
	}
	if m.notes.damaged {
		return &failure{code: exitOther, what: "the name was not kept: the notebook is damaged", hint: "Run the command on a terminal: there it can begin a new notebook."}
	}
	return t.result("Named.")
}

// conversation finds the one that a message is from, or notes it.
func (m *mailbox) conversation(ctx context.Context, l *letter) (*seal.Conversation, error) {
	if l.from == nil || l.standing == foreign {
		return nil, refused("this message does not prove who it is from", "Name a message that is a first contact, or from a conversation.")
	}
	if r := l.head.Reply; r != nil {
		m.notes.learn(r, time.Now())
	}
	if known := m.notes.with(*l.from); known != nil {
		return known, nil
	}
	client, err := m.service.apart()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	at := seal.InboxAddress{Service: m.at.Service, ID: *l.from}
	to, _, err := keys(ctx, client, &at)
	if err != nil {
		return nil, err
	}
	m.notes.meet(to, time.Now())
	return m.notes.with(*l.from), nil
}

const longestName = 60 // characters

// localName takes what fits on a line of the list.
func localName(text string) (string, error) {
	text = strings.TrimSpace(text)
	if n := utf8.RuneCountInString(text); n == 0 || n > longestName || !utf8.ValidString(text) || strings.ContainsFunc(text, unhandy) {
		return "", &failure{code: exitUsage, what: "this cannot be a name", hint: "1 to 60 characters on one line."}
	}
	return text, nil
}

func unhandy(r rune) bool { return unicode.IsControl(r) || visible(r) != r }
