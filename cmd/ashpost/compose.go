package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"

	"ashpost/cmd/ashpost/internal/seal"
)

// message collects the text and the attachments.
func (c *sendCmd) message(ctx context.Context, t *tui) (m seal.Message, err error) {
	for _, name := range c.Files {
		if name == "-" {
			continue
		}
		f, err := attachment(name)
		if err != nil {
			return m, err
		}
		m.Files = append(m.Files, f)
	}
	if len(c.Files) == 0 || slices.Contains(c.Files, "-") {
		if t.inTerminal {
			t.remark("Type the message. End it with Ctrl-D on a line of its own.")
		}
		text, err := t.input(ctx, seal.MaxText)
		if err != nil {
			return m, fileFailure("standard input cannot be read", err)
		}
		m.Text = string(text)
	}
	if err := m.Check(); err != nil {
		return m, refused(err.Error(), "")
	}
	return m, nil
}

// attachment looks at a file. A pipe or device has no size to announce.
func attachment(name string) (seal.File, error) {
	info, err := os.Stat(name)
	if err != nil {
		return seal.File{}, &failure{exitRefused, "an attachment cannot be read: " + cause(err), "", err}
	}
	if !info.Mode().IsRegular() {
		return seal.File{}, refused("an attachment is not a regular file", "Pack a folder first, for example with tar or zip.")
	}
	open := func() (io.ReadCloser, error) { return os.Open(name) }
	f, err := open() // to find out now, not in the middle of sending
	if err != nil {
		return seal.File{}, &failure{exitRefused, "an attachment cannot be read: " + cause(err), "", err}
	}
	f.Close()
	return seal.File{Name: filepath.Base(name), Size: info.Size(), Open: open}, nil
}
