package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/webui/api"
)

// letter is one message in an inbox, opened and verified.
type letter struct {
	unpacking
	listed   api.Listed
	head     seal.Head
	standing standing
	from     *seal.InboxID // who can be answered, if anybody
}

// find looks for a message by its number in the list, or by its id. Nothing is
// the newest.
func (m *mailbox) find(ctx context.Context, named string) (api.Listed, error) {
	m.t.progress("Looking for the message …")
	s, err := parseSelector(named)
	if err == nil && s.first != s.last {
		err = notNamed()
	}
	if err != nil {
		return api.Listed{}, err
	}
	var found api.Listed
	err = m.each(ctx, s.last, func(l api.Listed) bool {
		if s.takes(l) {
			found = l
		}
		return found.Serial == 0 && l.Serial > s.first
	})
	if err == nil && found.Serial == 0 {
		err = noMessage(named)
	}
	return found, err
}

func noMessage(named string) error {
	if named == "" {
		return &failure{code: exitGone, what: "the inbox is empty"}
	}
	return &failure{code: exitGone, what: "there is no such message in the inbox", hint: "It was destroyed or its time is up. ashpost inbox list shows what there is."}
}

// each goes through the messages from the one with this number on, the newest
// first, until it is told to stop. 0 begins with the newest.
func (m *mailbox) each(ctx context.Context, from uint64, tell func(api.Listed) bool) error {
	before := from
	if from != 0 {
		before++
	}
	for {
		page, err := m.owner.List(ctx, m.id(), before)
		if err != nil {
			return inboxFailure(err)
		}
		for _, l := range page.Messages {
			if !tell(l) {
				return nil
			}
			before = l.Serial
		}
		if !page.More {
			return nil
		}
	}
}

// openLetter fetches a message, verifies the whole of it and judges who wrote it. Its
// attachments lie hidden in the place.
func (m *mailbox) openLetter(ctx context.Context, listed api.Listed, p *place) (*letter, error) {
	l := &letter{unpacking: unpacking{place: p}, listed: listed}
	source, done, err := m.fetch(ctx, listed, p)
	if err != nil {
		return nil, err
	}
	defer done()
	m.t.progress("Decrypting …")
	r, err := seal.OpenLetter(source, m.identity, m.at.ID)
	if err == nil {
		err = l.unpack(r)
	}
	if err != nil {
		return nil, letterFailure(err)
	}
	l.head = r.Head()
	l.standing, l.from = m.notes.judge(m.identity, l.head, r.Proves)
	return l, nil
}

// glimpse verifies the whole of a message and keeps nothing but who wrote it: its
// attachments touch no disk.
func (m *mailbox) glimpse(ctx context.Context, listed api.Listed, told api.Progress) (*letter, error) {
	ctx, stop := context.WithCancel(ctx)
	read, write := io.Pipe()
	fetched := make(chan struct{})
	go func() {
		defer close(fetched)
		write.CloseWithError(m.owner.ReadMessage(ctx, m.id(), listed, write, told))
	}()
	defer func() {
		stop()
		read.Close()
		<-fetched
	}()
	l, err := m.look(read, listed)
	if err != nil {
		return nil, letterFailure(endedMeanwhile(err))
	}
	return l, nil
}

func (m *mailbox) look(source io.Reader, listed api.Listed) (*letter, error) {
	r, err := seal.OpenLetter(source, m.identity, m.at.ID)
	if err == nil {
		err = r.Verify()
	}
	if err != nil {
		return nil, err
	}
	l := &letter{listed: listed, head: r.Head()}
	l.standing, l.from = m.notes.judge(m.identity, l.head, r.Proves)
	return l, nil
}

// letterFailure is said as of a message that stays where it is.
func letterFailure(err error) error {
	if !errors.Is(err, seal.ErrDamaged) {
		return err
	}
	return &failure{exitOther, err.Error(), "Nothing was shown or saved. Whoever wrote it did not use Ashpost, or the service changed it. It stays in the inbox until you destroy it.", err}
}

// fetch brings an age file here: into memory when it is small, else into the
// place, where done removes it.
func (m *mailbox) fetch(ctx context.Context, l api.Listed, p *place) (source io.Reader, done func(), err error) {
	m.t.progress("Asking for the message …")
	if l.Size <= api.SmallSize {
		var b bytes.Buffer
		err := m.owner.ReadMessage(ctx, m.id(), l, &b, func(int64) {})
		return &b, func() {}, endedMeanwhile(err)
	}
	if free, known := p.free(); known && free < l.Size {
		return nil, nil, refused(fmt.Sprintf("the message needs %s in the folder for attachments, where %s are free", bytesWords(l.Size), bytesWords(free)),
			"Make room, or name another with --out DIR. The message was not touched.")
	}
	const hidden = "message.age"
	f, err := p.create(hidden)
	if err != nil {
		return nil, nil, fileFailure("the message cannot be written", err)
	}
	done = func() { f.Close(); p.remove(hidden) }
	err = m.owner.ReadMessage(ctx, m.id(), l, f, m.t.transfer("Receiving", l.Size))
	if errors.As(err, new(*os.PathError)) {
		err = fileFailure("the message cannot be written", err)
	}
	if err != nil {
		done()
		return nil, nil, endedMeanwhile(err)
	}
	return io.NewSectionReader(f, 0, l.Size), done, nil
}

// endedMeanwhile is for a message that was listed a moment ago.
func endedMeanwhile(err error) error {
	if errors.Is(err, api.ErrGone) {
		return &failure{exitGone, "the message is gone", "Its time was up, or somebody of the inbox destroyed it.", err}
	}
	return err
}
