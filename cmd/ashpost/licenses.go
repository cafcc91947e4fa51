package main

import (
	"compress/gzip"
	_ "embed"
	"io"
	"strings"

	"ashpost/onion"
	"ashpost/webui"
)

// moduleLicenses is Ashpost's own licence and those of the Go modules linked
// into it, compressed: a binary is small. licenses_test.go writes it (-update)
// and fails if one is missing.
//
//go:embed licenses.txt.gz
var packedLicenses string

func moduleLicenses() (string, error) {
	r, err := gzip.NewReader(strings.NewReader(packedLicenses))
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(r)
	return string(b), err
}

// licensesCmd prints what a copy of the program must be accompanied by.
type licensesCmd struct{}

func (c *licensesCmd) Run(t *tui) error {
	modules, err := moduleLicenses()
	if err != nil {
		return err
	}
	tor, err := onion.Licenses()
	if err != nil {
		return err
	}
	for _, text := range []string{modules, webui.Notice(), tor} {
		if text == "" {
			continue
		}
		if err := t.result(text); err != nil {
			return err
		}
	}
	return nil
}
