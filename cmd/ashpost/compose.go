package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"ashpost/cmd/ashpost/internal/seal"
)

// message collects the text and the attachments.
func (c *sendCmd) message(ctx context.Context, t *tui) (m seal.Message, err error) {
	files := slices.DeleteFunc(slices.Clone(c.Files), func(name string) bool { return name == "-" })
	if m.Files, err = attachments(files); err != nil {
		return m, err
	}
	if len(c.Files) == 0 || len(files) < len(c.Files) {
		if m.Text, err = t.typedText(ctx); err != nil {
			return m, err
		}
	}
	return m, checked(m)
}

// checked refuses what seal would not take.
func checked(m seal.Message) error {
	if err := m.Check(); err != nil {
		return refused(err.Error(), "")
	}
	return nil
}

// typedText reads the text from standard input.
func (t *tui) typedText(ctx context.Context) (string, error) {
	if t.inTerminal {
		t.remark("Type the message. End it with Ctrl-D on a line of its own.")
	}
	text, err := t.input(ctx, seal.MaxText)
	if err != nil {
		return "", fileFailure("standard input cannot be read", err)
	}
	return string(text), nil
}

// attachments looks at the files to send.
func attachments(names []string) (files []seal.File, err error) {
	for i, name := range names {
		f, err := attachment(i+1, name)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// attachment looks at the nth file. A pipe or device has no size to announce.
func attachment(n int, name string) (seal.File, error) {
	info, err := os.Stat(name)
	if err != nil {
		return seal.File{}, unreadable(n, err)
	}
	if !info.Mode().IsRegular() {
		return seal.File{}, refused(fmt.Sprintf("attachment %d is not a regular file", n), "Pack a folder first, for example with tar or zip. Nothing was sent.")
	}
	open := func() (io.ReadCloser, error) { return os.Open(name) }
	f, err := open() // to find out now, not in the middle of sending
	if err != nil {
		return seal.File{}, unreadable(n, err)
	}
	f.Close()
	return seal.File{Name: filepath.Base(name), Size: info.Size(), Open: open}, nil
}

// unreadable names an attachment by its place: its name is nobody's business.
func unreadable(n int, err error) error {
	return &failure{exitRefused, fmt.Sprintf("attachment %d cannot be read: %s", n, cause(err)), "Nothing was sent.", err}
}
