package main

import (
	"context"
	"errors"
	"os"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/onion"
)

type importCmd struct {
	File           string `arg:"" help:"A file that onion export made."`
	Identity       string `placeholder:"FILE" help:"File of age identities that open it."`
	PassphraseFile string `placeholder:"FILE" help:"The passphrase is the first line of FILE. Left out: asked for."`
	Replace        bool   `help:"Replace another address that is in the data folder. Asks for a word to be typed."`
	dataFlag
}

func (c *importCmd) Run(ctx context.Context, t *tui) error {
	if err := c.own(); err != nil {
		return err
	}
	release, err := holdFolder(c.Data)
	if err != nil {
		return err
	}
	defer release()
	if err := os.MkdirAll(c.torFolder(), 0o700); err != nil {
		return onionFailure("Tor's folder cannot be made", err)
	}
	free, err := holdTor(c.torFolder())
	if err != nil {
		return err
	}
	defer free()
	key, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	err = onion.Import(c.torFolder(), key, false)
	if errors.Is(err, onion.ErrOtherAddress) && c.Replace {
		t.say("another address is in this data folder; without an export of its key nobody ever gets it back")
		if err := t.confirm(ctx, "replace"); err != nil {
			return err
		}
		err = onion.Import(c.torFolder(), key, true)
	}
	switch {
	case errors.Is(err, onion.ErrOtherAddress):
		return refused("another address is in this data folder", "Export it first if you may need it again, then give --replace; or choose another folder with --data.")
	case errors.Is(err, onion.ErrRunning):
		return inUse(err)
	case err != nil:
		return onionFailure("the key cannot be stored", err)
	}
	return t.result("http://" + key.Address() + "/")
}

// open reads and opens the exported file.
func (c *importCmd) open(ctx context.Context, t *tui) (onion.Key, error) {
	envelope, err := readSmall(c.File)
	if err != nil {
		return onion.Key{}, fileFailure("the exported file cannot be read", err)
	}
	byPassphrase, err := seal.NeedsPassphrase(envelope)
	if err != nil {
		return onion.Key{}, envelopeFailure(err)
	}
	var content []byte
	if byPassphrase {
		content, err = c.byPassphrase(ctx, t, envelope)
	} else {
		content, err = c.byIdentity(envelope)
	}
	if err != nil {
		return onion.Key{}, envelopeFailure(err)
	}
	key, err := onion.ParseKey(content)
	if err != nil {
		return key, &failure{exitSecret, "this file does not hold the key of an onion address", "It is what ashpost onion export makes.", err}
	}
	return key, nil
}

func (c *importCmd) byPassphrase(ctx context.Context, t *tui, envelope []byte) ([]byte, error) {
	var passphrase string
	var err error
	if c.PassphraseFile != "" {
		passphrase, err = passphraseFile(c.PassphraseFile)
	} else {
		passphrase, err = t.secret(ctx, "Passphrase:")
	}
	if errors.Is(err, errNoTerminal) {
		return nil, &failure{exitUsage, "this file needs a passphrase", "Give it with --passphrase-file FILE.", err}
	}
	if err != nil {
		return nil, err
	}
	t.progress("Opening …")
	return seal.DiscloseByPassphrase(envelope, passphrase)
}

func (c *importCmd) byIdentity(envelope []byte) ([]byte, error) {
	if c.Identity == "" {
		return nil, &failure{code: exitUsage, what: "this file is encrypted to an age recipient", hint: "Give the file of its identity with --identity FILE."}
	}
	f, err := os.Open(c.Identity)
	if err != nil {
		return nil, fileFailure("the identity file cannot be read", err)
	}
	defer f.Close()
	return seal.DiscloseByIdentities(envelope, f)
}
