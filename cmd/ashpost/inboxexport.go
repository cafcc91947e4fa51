package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"ashpost/webui/api"
)

// export writes messages as they are, for a machine without a network.
func (c *inboxReadCmd) export(ctx context.Context, m *mailbox, p *place) error {
	var wanted []api.Listed
	if c.Message != "" {
		one, err := m.find(ctx, c.Message)
		if err != nil {
			return err
		}
		wanted = append(wanted, one)
	} else if err := m.each(ctx, 0, func(l api.Listed) bool { wanted = append(wanted, l); return true }); err != nil {
		return err
	}
	saved := []savedFile{}
	for _, l := range wanted {
		name, err := m.exportOne(ctx, l, p)
		if err != nil {
			return err
		}
		saved = append(saved, savedFile{name, l.Size})
		if !c.JSON {
			m.t.say("saved %s (%s)", p.path(name), bytesWords(l.Size))
		}
	}
	if c.JSON {
		return m.t.json(saved)
	}
	if len(saved) == 0 {
		return noMessage("")
	}
	m.t.say("to open one, with the key file and age 1.3 or newer, in an empty folder:")
	return m.t.result("age -d -i " + quoted(c.Key) + " " + quoted(saved[0].Name) + " | tar -xv")
}

// exportOne writes one message under its number. It is on the medium when its
// name appears.
func (m *mailbox) exportOne(ctx context.Context, l api.Listed, p *place) (string, error) {
	if free, known := p.free(); known && free < l.Size {
		return "", refused(fmt.Sprintf("message %d needs %s in the folder, where %s are free", l.Serial, bytesWords(l.Size), bytesWords(free)), "Make room, or name another folder.")
	}
	const hidden = "export.age"
	f, err := p.create(hidden)
	if err != nil {
		return "", fileFailure("the message cannot be written", err)
	}
	err = m.owner.ReadMessage(ctx, m.id(), l, f, m.t.transfer(fmt.Sprintf("Receiving message %d", l.Serial), l.Size))
	if err == nil {
		err = f.Sync()
	}
	f.Close()
	if err != nil {
		p.remove(hidden)
		if errors.As(err, new(*os.PathError)) {
			err = fileFailure("the message cannot be written", err)
		}
		return "", endedMeanwhile(err)
	}
	name, err := p.keep(hidden, fmt.Sprintf("message-%d.age", l.Serial))
	if err != nil {
		return "", fileFailure("the message cannot be written", err)
	}
	return name, nil
}

// quoted is a file's name for a shell.
func quoted(name string) string {
	name = strings.Map(visible, name)
	if !strings.ContainsFunc(name, func(r rune) bool { return !strings.ContainsRune(plainInShell, r) }) {
		return name
	}
	return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
}

const plainInShell = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/"
