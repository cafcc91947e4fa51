package onion

import (
	"errors"
	"net/textproto"
)

// ErrNoCircuit says that tor has no such circuit, any more or yet.
var ErrNoCircuit = errors.New("onion: no such circuit")

// CloseCircuit ends one circuit with all its streams. Its id is the low half of
// the source address in the line that precedes each stream.
func (s *Service) CloseCircuit(id uint32) error {
	s.mu.Lock()
	l := s.control
	s.mu.Unlock()
	if l == nil {
		return ErrNoCircuit
	}
	_, err := l.command("CLOSECIRCUIT %d", id)
	if _, refused := errors.AsType[*textproto.Error](err); refused {
		return ErrNoCircuit
	}
	return err
}

// govern makes l the connection on which commands are given.
func (s *Service) govern(l *link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.control = l
}
