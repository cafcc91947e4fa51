package main

import (
	"context"
	"errors"
	"os"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/onion"
)

type exportCmd struct {
	File           string   `arg:"" help:"The file to make. Nothing is replaced."`
	Recipient      []string `sep:"none" placeholder:"AGE1…" help:"Encrypt to this age recipient instead of a passphrase. Can be repeated."`
	PassphraseFile string   `placeholder:"FILE" help:"The passphrase is the first line of FILE. Left out: asked for, or made."`
	dataFlag
}

// Help is shown by --help.
func (exportCmd) Help() string {
	return "The file is an age file around Tor's own hs_ed25519_secret_key: \"age -d\" opens it without Ashpost. " +
		"Whoever can open it can be your service: keep it away from this machine, and its passphrase away from it. " +
		"Messages are never exported."
}

func (c *exportCmd) Run(ctx context.Context, t *tui) error {
	if c.PassphraseFile != "" && len(c.Recipient) > 0 {
		return &failure{code: exitUsage, what: "either --recipient or --passphrase-file"}
	}
	key, err := onion.ReadKey(c.torFolder())
	switch {
	case errors.Is(err, onion.ErrNoAddress):
		return noAddress(err)
	case errors.Is(err, onion.ErrBadKey):
		return &failure{exitOther, "the address's key file is damaged", "With an earlier export of it: ashpost onion import --replace FILE.", err}
	case err != nil:
		return onionFailure("the key cannot be read", err)
	}
	if _, err := os.Lstat(c.File); err == nil {
		return fileThere(nil)
	}
	to, made, err := c.recipients(ctx, t)
	if err != nil {
		return err
	}
	t.progress("Encrypting …")
	envelope, err := seal.Enclose(key.Bytes(), to)
	if err != nil {
		return envelopeFailure(err)
	}
	if err := writeNew(c.File, envelope, 0o600); err != nil {
		return err
	}
	t.say("exported the key of http://%s/", key.Address())
	if made != "" {
		t.say("its passphrase; it is not kept and not shown again:")
		return t.result(made)
	}
	return nil
}

// recipients finds for whom to encrypt. Made is a passphrase that was made here.
func (c *exportCmd) recipients(ctx context.Context, t *tui) (to seal.Openers, made string, err error) {
	if len(c.Recipient) > 0 {
		to, err = seal.ForRecipients(c.Recipient)
		return to, "", envelopeFailure(err)
	}
	passphrase := ""
	if c.PassphraseFile != "" {
		if passphrase, err = passphraseFile(c.PassphraseFile); err != nil {
			return to, "", err
		}
	} else if passphrase, made, err = t.newPassphrase(ctx); err != nil {
		return to, "", err
	}
	to, err = seal.ForPassphrase(passphrase)
	return to, made, envelopeFailure(err)
}

// exportWords are 103 bits, behind a scrypt that takes a second.
const exportWords = 10

// newPassphrase asks twice, or makes one.
func (t *tui) newPassphrase(ctx context.Context) (passphrase, made string, err error) {
	passphrase, err = t.secret(ctx, "Passphrase (leave empty to have one made):")
	switch {
	case errors.Is(err, errNoTerminal):
		return "", "", &failure{exitUsage, "there is no terminal to ask for a passphrase on", "Give --passphrase-file FILE or --recipient AGE1….", err}
	case err != nil:
		return "", "", err
	case passphrase == "":
		made = seal.NewPassphrase(exportWords)
		return made, made, nil
	}
	again, err := t.secret(ctx, "The passphrase again:")
	if err == nil && again != passphrase {
		err = &failure{code: exitSecret, what: "the two passphrases differ; nothing was exported"}
	}
	return passphrase, "", err
}

// envelopeFailure gives errors of an envelope their exit codes.
func envelopeFailure(err error) error {
	switch {
	case errors.Is(err, seal.ErrRecipient):
		return &failure{exitUsage, "--recipient is not an age recipient", "It begins with age1. Post-quantum ones (age1pq1…) go with none of another kind.", err}
	case errors.Is(err, seal.ErrWrongPassphrase):
		return &failure{exitSecret, "that passphrase does not open the file", "", err}
	case errors.Is(err, seal.ErrNoIdentity), errors.Is(err, seal.ErrIdentity), errors.Is(err, seal.ErrEnvelope):
		return &failure{exitSecret, err.Error(), "", err}
	}
	return err
}
