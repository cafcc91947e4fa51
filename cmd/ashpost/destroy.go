package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"ashpost/vault"
	"ashpost/webui/api"
)

// destroyCmd destroys as the operator, without anybody's key: through the
// running service, or on the data folder itself when none runs.
type destroyCmd struct {
	Reference string `arg:"" optional:"" help:"Reference of the message, or its link; - or left out: standard input."`
	All       bool   `help:"Destroy every message. Asks for a word to be typed."`
	dataFlag
}

func (c *destroyCmd) Run(ctx context.Context, t *tui) error {
	o := order{DestroyAll: c.All}
	switch {
	case c.All && c.Reference != "":
		return &failure{code: exitUsage, what: "either --all or one reference"}
	case c.All:
		t.say("every message on this service will be destroyed, read or not; the onion address stays")
		if err := t.confirm(ctx, "destroy"); err != nil {
			return err
		}
	default:
		ref, err := c.reference(ctx, t)
		if err != nil {
			return err
		}
		o.Destroy = &ref
	}
	done, err := o.give(ctx, c.Data)
	if absent(err) {
		if done, err = o.alone(c.Data); err != nil {
			return err
		}
	}
	if err != nil {
		return unanswered(err)
	}
	return done.print(t)
}

// reference takes a reference, or the link it is in. The secret part of a link
// is neither needed nor kept.
func (c *destroyCmd) reference(ctx context.Context, t *tui) (api.Reference, error) {
	text := c.Reference
	if text == "" || text == "-" {
		line, err := t.inputLine(ctx)
		if err != nil {
			return api.Reference{}, err
		}
		text = line
	}
	text, _, _ = strings.Cut(strings.TrimSpace(text), "#")
	ref, err := api.ParseReference(text[strings.LastIndex(text, "/")+1:])
	if err != nil {
		return ref, &failure{exitSecret, "this is no reference", "It is the 22 characters between /m/ and # in a link; the whole link will do.", err}
	}
	return ref, nil
}

// alone carries the order out without a service.
func (o order) alone(data string) (outcome, error) {
	if _, err := os.Stat(filepath.Join(data, "slots")); err != nil {
		return outcome{}, unanswered(err) // Open would make a folder
	}
	v, err := vault.Open(data, vault.Options{})
	if errors.Is(err, vault.ErrInUse) {
		return outcome{}, &failure{exitUnreachable, "the service on this data folder does not answer", "Stop it, then try again.", err}
	}
	if err != nil {
		return outcome{}, err
	}
	defer v.Close()
	_ = v.Maintain() // a lock is told by the outcome
	return o.carryOut(v), nil
}

func (r outcome) print(t *tui) error {
	switch r.Result {
	case resultDone:
		if r.Destroyed > 0 {
			return t.result("Destroyed: " + count(int64(r.Destroyed), "message") + ".")
		}
		return t.result("Destroyed.")
	case resultGone:
		return &failure{code: exitGone, what: "there is no such message", hint: "It was read, destroyed or its time was up; or the reference is of another service."}
	case resultNotProven:
		return &failure{code: exitLocked, what: "erased, but the service is locked and does not prove it yet", hint: "ashpost status says why."}
	}
	return &failure{code: exitLocked, what: "not destroyed: " + r.Problem, hint: "ashpost status says how the service stands."}
}
