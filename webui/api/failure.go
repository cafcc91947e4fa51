package api

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
)

// ErrUnreachable is matched by every error of a connection that could not be
// made or did not hold.
var ErrUnreachable = errors.New("the service cannot be reached")

// ErrAnswer is matched when the service breaks the contract. The request is not
// sent again: who lies once is not to be handed a key twice.
var ErrAnswer = errors.New("the service's answer breaks the contract")

// Broken is a connection that failed. It names no address: net/http's errors
// hold the whole URL, and a dialer's the host.
type Broken struct {
	What  string
	final bool  // nothing listens on this machine: waiting does not help
	cause error // for errors.Is; not for printing, a dialer's error may say where
}

func (b *Broken) Error() string { return b.What }

// Is makes every Broken match ErrUnreachable.
func (b *Broken) Is(target error) bool { return target == ErrUnreachable }

func (b *Broken) Unwrap() error { return b.cause }

// breach is an answer the contract does not allow.
type breach string

func (b breach) Error() string { return ErrAnswer.Error() + ": " + string(b) }

// Is makes every breach match ErrAnswer.
func (b breach) Is(target error) bool { return target == ErrAnswer }

// dialError tells a connection that was never made from one that broke.
type dialError struct{ error }

func (d dialError) Unwrap() error { return d.error }

// broken reduces an error of net/http to what is safe to show. The caller's own
// end is returned as it is: it is not the service's fault.
func broken(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if known := ours(err); known != nil {
		return known
	}
	// net/http has types for neither this nor what is malformed. The latter may
	// be a header cut off by a broken circuit, so it counts as broken.
	if strings.Contains(err.Error(), "headers exceeded") {
		return breach("its headers are too long")
	}
	b := &Broken{What: "the connection to the service broke"}
	var dial dialError
	dialing := errors.As(err, &dial)
	if dialing {
		b.cause = dial.error
	}
	switch {
	case dialing && errors.Is(err, syscall.ECONNREFUSED):
		b.What, b.final = "nothing listens there", true
	case overdue(err):
		b.What = "the service did not answer in time"
	case dialing:
		b.What = "no connection to the service could be made"
	case strings.Contains(err.Error(), "malformed"):
		b.What = "the answer is not HTTP, or was cut off"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		b.What = "the service closed the connection midway"
	}
	return b
}

func overdue(err error) bool {
	var n net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) ||
		errors.As(err, &n) && n.Timeout()
}
