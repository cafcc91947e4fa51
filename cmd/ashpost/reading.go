package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/webui/api"
)

// reading is one message on its way from the service to the reader.
type reading struct {
	unpacking
	t      *tui
	client *api.Client
	link   seal.Link
	reader api.Key

	claimed api.Claimed
	since   time.Time // of the claim
	file    *os.File  // the age file, when it is not small
}

// fetch claims the message and brings the whole age file here. A large one is
// put on the disk: it is ciphertext, and the passphrase may take several tries.
func (r *reading) fetch(ctx context.Context) (err error) {
	r.t.progress("Asking for the message …")
	keys := r.link.Keys()
	r.claimed, err = r.client.Claim(ctx, r.link.Reference, keys.Claim, r.reader.Verifier())
	if err != nil {
		return err
	}
	r.since = time.Now()
	key := r.reader
	if r.claimed.Reading == api.UntilExpiry {
		key = keys.Claim
	}
	if r.claimed.Size <= api.SmallSize {
		return nil
	}
	if err := r.room(ctx); err != nil {
		return err
	}
	if r.file, err = r.place.create("message.age"); err != nil {
		return r.lost(fileFailure("the message cannot be written", err))
	}
	err = r.client.Download(ctx, r.link.Reference, key, r.claimed, r.file, r.t.transfer("Receiving", r.claimed.Size))
	if errors.As(err, new(*os.PathError)) {
		err = fileFailure("the message cannot be written", err)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, api.ErrGone):
		return &failure{exitGone, "the message ended while it was received", "Its time was up, or the sender destroyed it. Nothing was saved.", err}
	}
	return r.lost(err)
}

// room sees to it that the folder can hold the age file, before a service that
// says any size can fill the disk. The message is claimed by now, so a person at a
// terminal may make room. Where attachments then find none, the age file is kept.
func (r *reading) room(ctx context.Context) error {
	for {
		free, known := r.place.free()
		if !known || free >= r.claimed.Size {
			return nil
		}
		what := fmt.Sprintf("the message needs %s in the folder for attachments, where %s are free", bytesWords(r.claimed.Size), bytesWords(free))
		if !r.t.asks() {
			return r.lost(refused(what, ""))
		}
		r.t.say("%s; %s left to finish", what, r.left())
		_, err := r.t.secret(ctx, "Make room, then press Enter; Ctrl-C gives up:")
		if err != nil && ctx.Err() == nil { // no terminal, or its end
			err = refused(what, "")
		}
		if err != nil {
			return r.lost(err)
		}
	}
}

// lost says what becomes of a message that was claimed and did not arrive.
func (r *reading) lost(why error) error {
	if r.claimed.Reading != api.Once {
		return r.said(why, "The message is still at the service: try again, with --out DIR where another folder is needed.")
	}
	return r.said(why, "The message was claimed but did not arrive whole, and no other try can claim it. Ask the sender to send it again.")
}

// source reads the age file from its beginning.
func (r *reading) source() io.Reader {
	if r.file == nil {
		return bytes.NewReader(r.claimed.Content)
	}
	return io.NewSectionReader(r.file, 0, r.claimed.Size)
}

// unseal verifies the whole message, with attachments in the hidden folder. A
// person at a terminal may try passphrases until one fits.
func (r *reading) unseal(ctx context.Context, extra string) error {
	for {
		r.t.progress("Decrypting …")
		err := r.verify(extra)
		switch {
		case errors.Is(err, seal.ErrPassphraseMissing):
			r.t.warn("the link has lost its end, .p: this message needs an extra passphrase")
			r.link.Passphrase = true
		case !errors.Is(err, seal.ErrWrongPassphrase) && !passphraseForm(err):
			return err
		case r.t.asks():
			r.t.say("that passphrase does not open the message; %s left to finish", r.left())
		}
		typed, asked := r.t.secret(ctx, passphraseQuestion)
		if errors.Is(asked, errNoTerminal) {
			return err
		}
		if asked != nil {
			return asked
		}
		extra = typed
	}
}

func (r *reading) left() string {
	seconds := r.claimed.ExpiresIn
	if r.claimed.Reading == api.Once {
		seconds = min(seconds, r.claimed.Lease)
	}
	return "about " + secondsWords(max(0, seconds-int64(time.Since(r.since)/time.Second)))
}

// verify opens the message once.
func (r *reading) verify(extra string) error {
	opened, err := seal.Open(r.source(), r.link.Keys(), extra)
	if err != nil {
		return err
	}
	return r.unpack(opened)
}
