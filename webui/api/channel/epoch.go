package channel

import (
	"time"

	"filippo.io/age"
)

// An epoch is one identity and the openings it has seen.
type epoch struct {
	identity  *age.HybridIdentity
	recipient string
	born      time.Time
	seen      map[ID]struct{}
}

// Forget drops every channel, session and identity, as when the vault locks, and makes a
// new identity.
func (s *Service) Forget() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current, s.before = nil, nil
	s.open, s.pending = keep(mostChannels, idleAfter), keep(mostPending, answerWithin)
	return s.renew()
}

// Recipient is what clients make openings for, renewed when it is an hour old.
func (s *Service) Recipient() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.freshen()
	if err != nil {
		return "", err
	}
	return s.current.recipient, nil
}

// Tidy drops what is too old. It is called every minute: where nobody asks for
// anything, keys would stay else.
func (s *Service) Tidy() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open.tidy(s.now())
	s.pending.tidy(s.now())
	return s.freshen()
}

// freshen renews the identity when it is old, and drops what is too old.
func (s *Service) freshen() error {
	now := s.now()
	if s.current == nil || now.Sub(s.current.born) >= renewAfter { // nil after a renewal that failed
		if err := s.renew(); err != nil {
			return err
		}
	}
	if s.before != nil && now.Sub(s.before.born) >= 2*renewAfter {
		s.before = nil
	}
	return nil
}

func (s *Service) renew() error {
	identity, err := age.GenerateHybridIdentity()
	if err != nil {
		return err
	}
	s.before = s.current
	s.current = &epoch{identity, identity.Recipient().String(), s.now(), map[ID]struct{}{}}
	return nil
}

// epochs is called with the service locked.
func (s *Service) epochs() []*epoch {
	if s.before == nil {
		return []*epoch{s.current}
	}
	return []*epoch{s.current, s.before}
}

// seen says whether an opening has opened its channel already: it was recorded,
// and sent once more, or its channel has ended. It is called with the service
// locked.
func (s *Service) seen(id ID) bool {
	for _, e := range s.epochs() {
		if _, again := e.seen[id]; again {
			return true
		}
	}
	return false
}
