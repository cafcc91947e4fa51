package main

import (
	"context"
	"errors"
	"io"
	"time"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/webui/api"
)

// acknowledge tells the service that all is well here, so that it destroys the
// message. The channel says once whether it is gone; it is nil for a message
// that reading does not destroy.
func (r *reading) acknowledge(ctx context.Context) <-chan bool {
	if r.claimed.Reading != api.Once {
		return nil
	}
	r.t.progress("Having it destroyed …")
	done := make(chan bool, 1)
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	go func() {
		defer cancel()
		err := r.client.Acknowledge(ctx, r.link.Reference, r.reader)
		// Gone, after our own claim: the lease ended or the sender revoked.
		done <- err == nil || errors.Is(err, api.ErrGone)
	}()
	return done
}

func (r *reading) epilogue(destroyed *bool) {
	switch {
	case destroyed == nil:
		r.t.remark("The message stays readable for %s.", secondsWords(r.claimed.ExpiresIn))
	case *destroyed:
		r.t.remark("The service has destroyed the message.")
	default:
		r.t.warn("the service did not confirm that it destroyed the message; it must, in " + r.left())
	}
}

// keep saves the age file when a message that can be read once does not open:
// the service will hand it out to nobody else.
func (r *reading) keep(why error) error {
	if r.claimed.Reading != api.Once {
		return r.said(why, "The message is still at the service: try again.")
	}
	name, err := r.keepFile()
	if err != nil {
		return r.said(why, "The encrypted message could not be kept either: "+cause(err)+". No other try can claim it: ask the sender to send it again.")
	}
	name = r.place.path(name)
	return r.said(why, "The encrypted message was kept as "+name+
		". \"ashpost link\" prints the passphrase for \"age -d '"+name+"' | tar -xv\".")
}

// keepFile moves the age file out of the hidden folder, and says to where.
func (r *reading) keepFile() (string, error) {
	f := r.file
	if f == nil {
		var err error
		if f, err = r.place.create("message.age"); err != nil {
			return "", err
		}
		defer f.Close()
		if _, err := io.Copy(f, r.source()); err != nil {
			return "", err
		}
	}
	if err := f.Sync(); err != nil {
		return "", err
	}
	return r.place.keep("message.age", "message.age")
}

// said is an error with a hint of its own.
func (r *reading) said(why error, hint string) error {
	f := *explain(why)
	if errors.Is(why, context.Canceled) {
		f = failure{code: exitInterrupted, what: "interrupted before the message was opened"}
	}
	if errors.Is(why, seal.ErrWrongPassphrase) {
		f = failure{code: exitSecret, what: "that passphrase does not open the message"}
	}
	if errors.Is(why, seal.ErrPassphraseMissing) {
		f.code = exitSecret
	}
	f.hint, f.cause = hint, nil
	return &f
}

// rescue saves the text when standard output did not take it: the service has
// destroyed the message.
func (r *reading) rescue(why error) error {
	if r.text == "" {
		return why
	}
	f, err := r.place.create("text")
	if err != nil {
		return why
	}
	defer f.Close()
	if _, err := io.WriteString(f, r.text); err != nil {
		return why
	}
	name, err := r.place.keep("text", "message.txt")
	if err != nil {
		return why
	}
	return r.said(why, "The text was saved as "+r.place.path(name)+" instead.")
}
