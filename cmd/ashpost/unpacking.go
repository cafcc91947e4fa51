package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"ashpost/cmd/ashpost/internal/seal"
)

// unpacking is a message on its way out of its age file. Until the whole of it is
// verified, attachments lie in the hidden folder of the place.
type unpacking struct {
	place *place
	text  string
	parts []part
}

// part is an attachment in the hidden folder.
type part struct {
	hidden string
	name   string
	size   int64
}

// entries is what seal's readers of a link's message and of a letter share.
type entries interface {
	Next() (*seal.Attachment, error)
	Text() (text string, ok bool)
}

// unpack reads a message to its end. What it put down is on the disk for good, or
// gone again, when it returns.
func (u *unpacking) unpack(m entries) (err error) {
	defer func() {
		if err != nil {
			u.discard()
		}
	}()
	for {
		a, err := m.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if err := u.put(a); err != nil {
			return err
		}
	}
	u.text, _ = m.Text()
	return nil
}

// put writes an attachment under a number. It is synced: what comes next may
// destroy the only other copy.
func (u *unpacking) put(a *seal.Attachment) error {
	p := part{hidden: fmt.Sprint(len(u.parts)), name: a.Name, size: a.Size}
	f, err := u.place.create(p.hidden)
	if err != nil {
		return fileFailure("an attachment cannot be written", err)
	}
	u.parts = append(u.parts, p)
	_, err = io.Copy(f, a)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if errors.As(err, new(*os.PathError)) {
		return fileFailure("an attachment cannot be written", err)
	}
	return err
}

func (u *unpacking) discard() {
	for _, p := range u.parts {
		u.place.remove(p.hidden)
	}
	u.parts = nil
}

// publish moves the attachments to their names.
func (u *unpacking) publish() ([]savedFile, error) {
	saved := []savedFile{}
	for _, p := range u.parts {
		name, err := u.place.keep(p.hidden, p.name)
		if err != nil {
			return nil, fileFailure("an attachment cannot be saved", err)
		}
		saved = append(saved, savedFile{name, p.size})
	}
	return saved, nil
}
