package main

import (
	"errors"
	"strings"

	"rsc.io/qr"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/onion"
)

type addressCmd struct {
	JSON bool `name:"json" help:"Print the result as JSON."`
	dataFlag
}

// address is the result of onion address in JSON.
type address struct {
	Address string `json:"address"`
	URL     string `json:"url"`
	Words   string `json:"words"`
}

// readAddress is the address of the service on a data folder, whether it runs
// or not.
func (d dataFlag) readAddress() (address, error) {
	a, err := onion.Address(d.torFolder())
	if errors.Is(err, onion.ErrNoAddress) {
		return address{}, noAddress(err)
	}
	if err != nil {
		return address{}, onionFailure("the address cannot be read", err)
	}
	return address{a, "http://" + a + "/", seal.Fingerprint("onion", []byte(a))}, nil
}

func noAddress(err error) error {
	return &failure{exitOther, "there is no onion address in this data folder",
		"Name the folder with --data. The address is made when the service first starts.", err}
}

func (c *addressCmd) Run(t *tui) error {
	a, err := c.readAddress()
	if err != nil {
		return err
	}
	if c.JSON {
		return t.json(a)
	}
	if t.errTerminal {
		if code, err := qr.Encode(a.URL, qr.L); err == nil { // an address always fits
			t.block(drawQR(code))
		}
	}
	t.say("in words, to compare: %s", a.Words)
	return t.result(strings.Map(visible, a.URL))
}
