package main

import (
	"context"
	"errors"
	"time"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/webui/api"
)

// openNotebook reads the notebook, and makes in it what has been changed so far. A
// damaged one is not taken, and not replaced unasked: who damaged it may be the
// service.
func (m *mailbox) openNotebook(ctx context.Context) error {
	file, err := m.owner.Notebook(ctx, m.id())
	if errors.Is(err, api.ErrGone) {
		m.notes.take(seal.Notebook{}, api.Edition{}, false)
		return nil
	}
	if err != nil {
		return err
	}
	b, err := seal.OpenNotebook(m.identity, m.at.ID, file)
	m.notes.take(b, api.EditionOf(file), err != nil)
	if err != nil {
		m.t.warn("the notebook of this inbox is damaged: names and known conversations are not shown, and everybody appears to write for the first time")
	}
	return nil
}

// note saves the notebook after what mattered is done: a failure must not look as
// if that had failed, or somebody would send an answer twice.
func (m *mailbox) note(ctx context.Context) error {
	err := m.saveNotebook(ctx)
	if err == nil || ctx.Err() != nil {
		return err
	}
	m.t.warn("the notebook was not saved, all else is done; " + explain(err).what)
	return nil
}

// notebookTries is how often a notebook is changed anew because another program
// was faster. Only a service that lies needs more.
const notebookTries = 5

// saveNotebook writes the notebook if something in it is new. What another program
// of this owner wrote meanwhile stays: the changes are made in that.
func (m *mailbox) saveNotebook(ctx context.Context) error {
	m.notes.visit(time.Now())
	for tries := 1; len(m.notes.changes) > 0; tries++ {
		if m.notes.damaged {
			if begin, err := m.confirmsNew(ctx); !begin {
				return err
			}
		}
		err := m.putNotebook(ctx)
		if err == nil || !errors.Is(err, api.ErrReplaced) || tries == notebookTries {
			return inboxFailure(err)
		}
		if err := m.openNotebook(ctx); err != nil {
			return inboxFailure(err)
		}
	}
	return nil
}

func (m *mailbox) confirmsNew(ctx context.Context) (bool, error) {
	if !m.t.asks() {
		m.t.warn("the damaged notebook was left as it is; run the command on a terminal to begin a new one")
		return false, nil
	}
	m.t.say("a new notebook would replace the damaged one, with whatever could still be saved of it")
	err := m.t.confirmOnTerminal(ctx, "new")
	return err == nil, err
}

func (m *mailbox) putNotebook(ctx context.Context) error {
	file, err := seal.SealNotebook(m.identity, m.at.ID, m.notes.Notebook)
	if err != nil {
		return err
	}
	m.t.progress("Saving the notebook …")
	if err := m.owner.PutNotebook(ctx, m.id(), m.notes.edition, file); err != nil {
		return err
	}
	m.notes.kept(api.EditionOf(file))
	return nil
}
