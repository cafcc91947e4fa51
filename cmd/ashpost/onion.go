package main

import (
	"errors"
	"os"
	"path/filepath"

	"ashpost/onion"
)

// onionCmd groups what is about the onion address and who may reach it.
type onionCmd struct {
	Address addressCmd  `cmd:"" help:"Print the onion address, as a QR code on a terminal too."`
	Export  exportCmd   `cmd:"" help:"Write the address's secret key into an encrypted file."`
	Import  importCmd   `cmd:"" help:"Take the address from such a file."`
	Page    pageCmd     `cmd:"" help:"Write a page for a web site that says how to reach the service."`
	Run     onionRunCmd `cmd:"" help:"Run Tor and the onion service alone, in front of \"ashpost serve --socket\"."`
	Client  clientCmd   `cmd:"" help:"Make the service private: only those with a key reach it."`
}

// torFolder is where the service of a data folder keeps Tor's state.
func (d dataFlag) torFolder() string { return filepath.Join(d.Data, "tor") }

// own refuses a data folder that is not this user's alone: what is put into it
// would be another user's to read, or out of reach of the one that runs the service.
// One that is not there, or that the disk does not show, is not refused here.
func (d dataFlag) own() error {
	if _, err := os.Stat(d.Data); err != nil {
		return nil
	}
	if says, next := openToOthers(d.Data); says != "" {
		return refused(says, next)
	}
	return nil
}

// onionFailure puts an error of the onion's folder into words.
func onionFailure(what string, err error) error {
	if errors.Is(err, onion.ErrNotOwner) {
		return refused("the data folder belongs to another user", "Run this as the user that runs the service.")
	}
	return fileFailure(what, err)
}
