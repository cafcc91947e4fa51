package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/webui/api"
)

// isRequest says whether a link is the private one of a request, or the address
// that was taken for it.
func isRequest(link string) bool {
	address, _, _ := strings.Cut(link, "#")
	return strings.Contains(address, "/r/") || strings.Contains(address, "/to/")
}

// openRequest shows the answer to a request and has everything of it destroyed.
func (c *openCmd) openRequest(ctx context.Context, t *tui, text string) error {
	link, id, err := parseRequest(text)
	if err != nil {
		return err
	}
	place, err := openPlace(c.Out)
	if err != nil {
		return err
	}
	defer place.close()
	m, err := c.request(ctx, t, link, id)
	if err != nil {
		return err
	}
	defer m.close()
	l, err := m.theAnswer(ctx, place)
	if err != nil {
		return err
	}
	return c.showAnswer(ctx, m, l)
}

// parseRequest parses a private link.
func parseRequest(text string) (link seal.RequestLink, id seal.Identity, err error) {
	if err = clearnet(text); err != nil {
		return link, id, err
	}
	if link, err = seal.ParseRequestLink(text); err == nil {
		id, err = link.Identity()
	}
	return link, id, err
}

// request opens the mailbox of a private link.
func (n network) request(ctx context.Context, t *tui, link seal.RequestLink, id seal.Identity) (*mailbox, error) {
	at := link.Address()
	client, err := n.client(ctx, t, at.Service)
	if err != nil {
		return nil, err
	}
	// A request has no notebook: whoever answers is not known.
	return &mailbox{t: t, at: at, identity: id, to: seal.Recipients{id.Recipient()}, service: client, owner: asOwner(client.Client, id), notes: new(notes)}, nil
}

// requestFailure finds the words for a request that is no longer there.
func requestFailure(err error) error {
	if errors.Is(err, api.ErrGone) {
		return &failure{exitGone, "the request is gone",
			"Its answer was opened, or its time is up. If you did not open it, somebody else may have this link.", err}
	}
	return inboxFailure(err)
}

// theAnswer fetches the one message of a request.
func (m *mailbox) theAnswer(ctx context.Context, p *place) (*letter, error) {
	m.t.progress("Asking for the answer …")
	page, err := m.owner.List(ctx, m.id(), 0)
	if err != nil {
		return nil, requestFailure(err)
	}
	if len(page.Messages) == 0 {
		return nil, &failure{code: exitOther, what: "nobody has answered yet", hint: "Try again later. The link stays good until the request's time is up."}
	}
	return m.openLetter(ctx, page.Messages[0], p)
}

// showAnswer saves the attachments, has the request destroyed and shows the text.
// The order is another than for a link's message, which somebody else may be
// reading: here nothing is lost when the folder takes no attachments.
func (c *openCmd) showAnswer(ctx context.Context, m *mailbox, l *letter) error {
	files, err := l.publish()
	if err != nil {
		return err
	}
	done := m.endInBackground(ctx)
	destroyed := false
	select {
	case destroyed = <-done:
		done = nil
	case <-time.After(patience):
	}
	r := &reading{unpacking: l.unpacking, t: m.t, claimed: api.Claimed{Reading: api.Once}}
	if err := c.print(r, files, &destroyed); err != nil {
		return r.rescue(err)
	}
	if done != nil {
		m.t.progress("Waiting for the service to confirm the destruction …")
		destroyed = <-done
	}
	if destroyed {
		m.t.remark("The service has destroyed the answer and the request.")
		return nil
	}
	m.t.warn("the service did not confirm that it destroyed the answer; open the link again to try once more")
	return nil
}

// endInBackground has the inbox destroyed, and says whether it is gone.
func (m *mailbox) endInBackground(ctx context.Context) <-chan bool {
	m.t.progress("Having it destroyed …")
	done := make(chan bool, 1)
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	go func() {
		defer cancel()
		err := m.owner.DestroyInbox(ctx, m.id())
		done <- err == nil || errors.Is(err, api.ErrGone)
	}()
	return done
}
