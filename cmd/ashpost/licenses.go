package main

import (
	_ "embed"

	"ashpost/onion"
	"ashpost/webui"
)

// moduleLicenses is Ashpost's own licence and those of the Go modules linked
// into it. licenses_test.go writes it (-update) and fails if one is missing.
//
//go:embed licenses/modules.txt
var moduleLicenses string

// licensesCmd prints what a copy of the program must be accompanied by.
type licensesCmd struct{}

func (c *licensesCmd) Run(t *tui) error {
	pages, err := webui.Notice()
	if err != nil {
		return err
	}
	tor, err := onion.Licenses()
	if err != nil {
		return err
	}
	for _, text := range []string{moduleLicenses, pages, tor} {
		if text == "" {
			continue
		}
		if err := t.result(text); err != nil {
			return err
		}
	}
	return nil
}
