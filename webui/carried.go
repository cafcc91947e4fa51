package webui

import (
	"errors"

	"ashpost/vault"
	"ashpost/webui/api"
)

// letters gives a list along with the files of small messages. The list fixes how
// long the answer is; what is destroyed while it is on its way is zeros in it.
func (s *Server) letters(in *call) (answer, error) {
	l, err := s.listed(in)
	if err != nil {
		return answer{}, err
	}
	c := &carried{vault: s.vault, inbox: in.inbox, facts: l.Facts()}
	which, size := l.Carried()
	for _, i := range which {
		c.files = append(c.files, l.Messages[i])
	}
	size += int64(len(c.facts))
	return answer{down: &download{read: c.read, size: size, last: size - 1}}, nil
}

// carried gives facts, and then the files one after the other. It holds none of them.
type carried struct {
	vault *vault.Vault
	inbox vault.InboxID
	facts []byte
	files []api.Listed // still to be given
}

// read fills p with as many whole files as it has room for, so that none is destroyed
// with one half of it given. A buffer of the stream has room for any that is carried.
func (c *carried) read(p []byte, at int64) (n int, err error) {
	if facts := int64(len(c.facts)); at < facts {
		n = copy(p, c.facts[at:])
	}
	for len(c.files) > 0 && int64(len(p)-n) >= c.files[0].Size {
		size := int(c.files[0].Size)
		if err := c.file(p[n:n+size], c.files[0].Message); err != nil {
			return n, err
		}
		n, c.files = n+size, c.files[1:]
	}
	return n, nil
}

// file reads a whole file, or zeros when it is gone: an owner does not lose sight of
// all for one.
func (c *carried) file(p []byte, ref api.Reference) error {
	content, err := c.vault.Letter(c.inbox, vault.Reference(ref))
	if err == nil {
		_, err = content.ReadAt(p, 0)
	}
	if errors.Is(err, vault.ErrGone) {
		clear(p)
		err = nil
	}
	return err
}
