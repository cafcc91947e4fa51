package main

import (
	"context"
	"errors"
	"slices"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/webui/api"
)

// mailbox is an inbox as one of its owners has it open.
type mailbox struct {
	t        *tui
	at       seal.InboxAddress
	identity seal.Identity
	to       seal.Recipients // all owners
	service  *reached        // proves nothing
	owner    *api.Client     // proves the identity; never writes
	notes    *notes
}

// open opens the mailbox with its notebook.
func (a inboxArg) open(ctx context.Context, t *tui) (*mailbox, error) {
	m, err := a.openClosed(ctx, t)
	if err != nil {
		return nil, err
	}
	return m.withNotebook(ctx)
}

// openClosed opens the mailbox without its notebook: to destroy what is in it,
// which is tried while the service is locked too.
func (a inboxArg) openClosed(ctx context.Context, t *tui) (*mailbox, error) {
	at, err := parseInbox(a.Address)
	if err != nil {
		return nil, err
	}
	id, err := a.identity(ctx, t)
	if err != nil {
		return nil, err
	}
	return a.mailbox(ctx, t, id, at, nil)
}

// openForAnswers opens the mailbox that takes the answers to what is written at
// a service. Without an address it is the key's own there, which does not have to
// be there yet: the notebook opens it.
func (a inboxArg) openForAnswers(ctx context.Context, t *tui, service string) (*mailbox, error) {
	at, own := seal.InboxAddress{Service: service}, a.Address == ""
	if !own {
		var err error
		if at, err = parseInbox(a.Address); err != nil {
			return nil, err
		}
		if at.Service != service {
			return nil, &failure{code: exitUsage, what: "the inbox of --from is at another service", hint: "Answers stay at the service that is written to."}
		}
	}
	id, err := a.identity(ctx, t)
	if err != nil {
		return nil, err
	}
	var to seal.Recipients
	if own {
		to = seal.Recipients{id.Recipient()}
		at.ID = to.ID()
	}
	m, err := a.mailbox(ctx, t, id, at, to)
	if err != nil {
		return nil, err
	}
	return m.withNotebook(ctx)
}

// mailbox opens the mailbox of an identity. The keys are asked for unless they are
// known.
func (n network) mailbox(ctx context.Context, t *tui, id seal.Identity, at seal.InboxAddress, to seal.Recipients) (*mailbox, error) {
	client, err := n.client(ctx, t, at.Service)
	if err != nil {
		return nil, err
	}
	m := &mailbox{t: t, at: at, identity: id, to: to, service: client, owner: asOwner(client.Client, id), notes: new(notes)}
	t.progress("Connecting …")
	if to == nil {
		m.to, _, err = keys(ctx, client.Client, &m.at)
	}
	if errors.Is(err, api.ErrLocked) && at.Alias == "" {
		return m, nil // whose inbox it is, the service still knows
	}
	if err == nil && !slices.Contains(m.to, id.Recipient()) {
		err = &failure{code: exitSecret, what: "this key file is not one of this inbox", hint: "Is it the right address, and the right file?"}
	}
	if err != nil {
		m.close()
		return nil, err
	}
	return m, nil
}

func (m *mailbox) withNotebook(ctx context.Context) (*mailbox, error) {
	if err := m.openNotebook(ctx); err != nil {
		m.close()
		return nil, err
	}
	return m, nil
}

func (m *mailbox) close() { m.service.Close() } // the owner's connections are the same

// id is the inbox's ID as the wire has it.
func (m *mailbox) id() api.InboxID { return api.InboxID(m.at.ID) }

// longestAnswer is far more than a challenge holds.
const longestAnswer = 1 << 10

// asOwner proves the identity to the service with every request.
func asOwner(c *api.Client, id seal.Identity) *api.Client {
	return c.WithOwner(id.Recipient(), func(challenge []byte) ([]byte, error) { return id.Answer(challenge, longestAnswer) })
}
