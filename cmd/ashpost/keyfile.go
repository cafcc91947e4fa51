package main

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"ashpost/cmd/ashpost/internal/seal"
)

// keyFlags name the key file that a command proves itself with.
type keyFlags struct {
	Key            string `required:"" placeholder:"FILE" help:"The key file."`
	PassphraseFile string `placeholder:"FILE" help:"The key file's passphrase is the first line of FILE. Left out: asked for."`
}

// identity opens the key file. A person at a terminal may try passphrases until
// one fits.
func (k keyFlags) identity(ctx context.Context, t *tui) (id seal.Identity, err error) {
	file, err := readSmall(k.Key)
	if err != nil {
		return id, &failure{exitRefused, "the key file cannot be read: " + cause(err), "Nothing was sent. ashpost inbox create makes one.", err}
	}
	protected, err := seal.KeyFileProtected(file)
	if err != nil {
		return id, keyFailure(err)
	}
	for {
		passphrase := ""
		if protected {
			if passphrase, err = k.passphrase(ctx, t); err != nil {
				return id, err
			}
		}
		t.progress("Opening the key file …")
		id, err = seal.ReadKeyFile(file, passphrase)
		if !errors.Is(err, seal.ErrWrongPassphrase) || k.PassphraseFile != "" {
			return id, keyFailure(err)
		}
		t.say("that passphrase does not open the key file")
	}
}

func (k keyFlags) passphrase(ctx context.Context, t *tui) (string, error) {
	if k.PassphraseFile != "" {
		return passphraseFile(k.PassphraseFile)
	}
	typed, err := t.secret(ctx, "Passphrase of the key file:")
	if errors.Is(err, errNoTerminal) {
		return "", &failure{exitUsage, "the key file needs its passphrase", "Give it with --passphrase-file FILE.", err}
	}
	return typed, err
}

// leastPassphrase keeps out what can be guessed: a key file is made to be opened
// quickly, as the passphrases that are made here cannot be.
const leastPassphrase = 20

// make writes the key file of a new identity and, unless the passphrase was
// given, shows the one that was made, once.
func (k keyFlags) make(ctx context.Context, t *tui, id seal.Identity, address string) error {
	passphrase, made := "", k.PassphraseFile == ""
	if made {
		passphrase = seal.NewPassphrase(seal.KeyFileWords)
	} else {
		var err error
		if passphrase, err = passphraseFile(k.PassphraseFile); err != nil {
			return err
		}
		if len(strings.TrimSpace(passphrase)) < leastPassphrase {
			return refused("the passphrase is too short for a key file", "Leave out --passphrase-file to have one made, or give one of 20 characters or more that nobody can guess.")
		}
	}
	if made && !t.asks() {
		return &failure{exitUsage, "there is no terminal to show the new passphrase on", "Give one with --passphrase-file FILE.", errNoTerminal}
	}
	file, err := seal.WriteKeyFile(id, address, passphrase)
	if err != nil {
		return keyFailure(err)
	}
	if err := writeNew(k.Key, file, 0o600); err != nil {
		return err
	}
	if !made {
		return nil
	}
	// The file is there first: a passphrase for nothing is no loss, and a file
	// whose passphrase was not seen has no inbox yet.
	return t.showOnce(ctx, "The passphrase of the key file. Write it down: it is not kept and not shown again.", passphrase)
}

// there says whether the key file is.
func (k keyFlags) there() (bool, error) {
	_, err := readSmall(k.Key)
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	}
	return false, fileFailure("the key file cannot be read", err)
}

// keyFailure gives errors of a key file their exit codes.
func keyFailure(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, seal.ErrWrongPassphrase):
		return &failure{exitSecret, "that passphrase does not open the key file", "", err}
	}
	return &failure{exitSecret, "this is not a key file of an inbox: " + err.Error(), "It is the file that ashpost inbox create, a page of the service or age-keygen -pq made.", err}
}
