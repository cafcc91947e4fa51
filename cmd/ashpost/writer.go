package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/webui/api"
)

// writer is one message on its way to one or several inboxes.
type writer struct {
	t       *tui
	service *reached
	own     *mailbox // nil without a way to answer
	files   []seal.File
	text    string
	expires int64
}

// addressee is one of those inboxes, with a client of its own that proves nothing:
// neither who writes nor to whom else shows on its circuit.
type addressee struct {
	client *api.Client
	to     seal.Recipients
}

func (w *writer) message() seal.Message { return seal.Message{Text: w.text, Files: w.files} }

// compose reads the text.
func (w *writer) compose(ctx context.Context) (err error) {
	if w.text, err = w.t.typedText(ctx); err != nil {
		return err
	}
	return checked(w.message())
}

// verified fetches and proves every key before anything is encrypted, and shows
// in words whom the message is for. What it returns is to be closed, after an
// error too.
func (w *writer) verified(ctx context.Context, to []seal.InboxAddress, trust bool) (all []addressee, err error) {
	for _, at := range to {
		w.t.progress("Asking for the public keys …")
		client, err := w.service.apart()
		if err != nil {
			return all, err
		}
		all = append(all, addressee{client: client})
		a := &all[len(all)-1]
		var kind api.Kind
		if a.to, kind, err = keys(ctx, client, &at); err != nil {
			return all, err
		}
		w.announce(a.to)
		if kind == api.KindRequest && w.own != nil {
			return all, refused("this is the address of a request, whose owner cannot answer",
				"Write without --key: then your public key does not go with the message.")
		}
		if at.Alias != "" {
			if err := w.trusted(ctx, trust); err != nil {
				return all, err
			}
		}
	}
	return all, nil
}

func (w *writer) announce(to seal.Recipients) {
	readers := "one reader"
	if len(to) > 1 {
		readers = fmt.Sprintf("a team of %d readers", len(to))
	}
	w.t.say("to %s, in words: %s", readers, to.ID().Words())
}

// trusted: nothing proves whose inbox a name stands for.
func (w *writer) trusted(ctx context.Context, trust bool) error {
	w.t.warn("that this name stands for this inbox is the operator's word; nothing proves it")
	if trust {
		return nil
	}
	if !w.t.asks() {
		return refused("the address is a name, which is the operator's word", "Ask the owner for the long address, or give --trust-alias.")
	}
	return w.t.confirmOnTerminal(ctx, "yes")
}

// writeAll writes to one inbox after the other, and says how far it came.
func (w *writer) writeAll(ctx context.Context, all []addressee) error {
	for i, a := range all {
		if err := w.post(ctx, a, w.letter(a.to, w.given(a.to))); err != nil {
			if i > 0 {
				w.t.warn(fmt.Sprintf("only the first %d of %d inboxes were written to", i, len(all)))
			}
			return err
		}
		w.t.say("written to %s", short(a.to.ID()))
		if w.own != nil {
			w.own.notes.meet(a.to, time.Now())
		}
	}
	if w.own != nil {
		return w.own.note(ctx)
	}
	w.t.remark("It cannot be answered, and not taken back.")
	return nil
}

// letter is the message to one inbox, with the way to answer if there is one. A
// key that the inbox's owner gave makes it an answer, as which they know it.
func (w *writer) letter(to seal.Recipients, given *[32]byte) seal.Letter {
	l := seal.Letter{Head: seal.Head{To: to.ID(), Time: time.Now()}, Message: w.message()}
	switch {
	case w.own == nil:
	case given != nil:
		from := w.own.at.ID
		l.Head.From, l.Key = &from, given
	default:
		l.Head.Reply = &seal.Reply{Recipients: w.own.to, Key: seal.ReplyKey(w.own.identity, to.ID())}
	}
	return l
}

// given is the key by which the owner of an inbox we had a message from knows
// answers.
func (w *writer) given(to seal.Recipients) *[32]byte {
	if w.own == nil {
		return nil
	}
	if known := w.own.notes.with(to.ID()); known != nil {
		return known.Key
	}
	return nil
}

// post sends one letter.
func (w *writer) post(ctx context.Context, a addressee, l seal.Letter) error {
	w.t.progress("Sending …")
	size := seal.LetterSize(a.to, l)
	reserved, err := a.client.ReserveLetter(ctx, api.InboxID(l.Head.To), size)
	if errors.Is(err, api.ErrTooLarge) {
		err = tooLarge(ctx, a.client, size)
	}
	if err != nil {
		return postFailure(err)
	}
	terms := api.Terms{ExpiresIn: w.expires, Inbox: api.InboxID(l.Head.To)}
	_, err = upload(ctx, w.t, a.client, reserved, terms, size, func(dst io.Writer) error { return seal.SealLetter(dst, a.to, l) })
	return postFailure(err)
}

// tooLarge says how much goes into an inbox that refused a message as too large. A
// mailbox for answers takes less than the others.
func tooLarge(ctx context.Context, client *api.Client, size int64) error {
	s, err := client.Service(ctx)
	if err != nil {
		return err
	}
	inbox, most, hint := "the inbox", s.Limits.Inbox, "Nothing was sent. Send it in several messages."
	if size <= most {
		inbox, most = "the mailbox for answers", s.Limits.Reply
		hint = "Nothing was sent. All answers that wait in it count together. Send less; or send the files with ashpost send, and its link as the answer."
	}
	return refused(fmt.Sprintf("the message is larger than %s takes, which is %s once encrypted", inbox, bytesWords(most/1e6*1e6)), hint)
}

// postFailure finds the words for what can go wrong on the way into an inbox.
func postFailure(err error) error {
	switch {
	case errors.Is(err, api.ErrGone):
		return &failure{exitGone, "there is no such inbox at the service, or the upload was dropped", "Try again. If it stays like this, the inbox was ended.", err}
	case errors.Is(err, api.ErrConflict):
		return &failure{exitGone, "this address takes one message, and it got one already", "If it was not you who answered, tell whoever asked by another channel.", err}
	case errors.Is(err, api.ErrFull):
		return &failure{exitOther, "the inbox or the service is full", "Try again later, or send less.", err}
	}
	return sendFailure(err)
}
