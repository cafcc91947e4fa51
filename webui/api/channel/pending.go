package channel

import "time"

// The bounds of sessions whose owner has not answered yet.
const (
	answerWithin = time.Minute
	mostPending  = 1024
)

// Challenge begins an owner session inside the channel that r came through. What
// it gives is for the holder of that recipient's identity, who alone can send the
// session's first record, which proves it; see [Request].Owner. It is work with
// keys, so whoever may ask for it needs a limit.
//
// It knows nothing of recipients. [ErrRefused] says that this is none, or that r
// came through a session already.
func (s *Service) Challenge(r *Request, recipient string) ([]byte, error) {
	if r.channel.owner != "" {
		return nil, ErrRefused
	}
	challenge, keys, err := r.channel.challenge(recipient)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[r.channel.id] == r.channel { // or it ended meanwhile, and its sessions with it
		s.await(&open{shared: keys, owner: recipient, used: s.now()})
	}
	return challenge, nil
}

// await keeps a session until its owner answers. It is called with the service
// locked, and drops the one that waits for longest when there are too many.
func (s *Service) await(c *open) {
	if len(s.pending) >= mostPending {
		if first := s.dropUnanswered(); len(s.pending) >= mostPending {
			delete(s.pending, first.id)
		}
	}
	s.pending[c.id] = c
}

// dropUnanswered gives the one that waits for longest of those that stay.
func (s *Service) dropUnanswered() (first *open) {
	for id, c := range s.pending {
		if s.now().Sub(c.used) >= answerWithin {
			delete(s.pending, id)
		} else if first == nil || c.used.Before(first.used) {
			first = c
		}
	}
	return first
}

// waiting gives the session of an id that its owner may still answer. It is called
// with the service locked.
func (s *Service) waiting(id ID) *open {
	if c := s.pending[id]; c != nil && s.now().Sub(c.used) < answerWithin {
		return c
	}
	return nil
}

// prove makes a session of a pending one: a record under its keys has opened. It
// is called with the service locked.
func (s *Service) prove(c *open) {
	delete(s.pending, c.id)
	s.makeRoom()
	s.open[c.id] = c
}
