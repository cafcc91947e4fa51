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
	now := s.now()
	if s.open.get(r.channel.id, now) == r.channel { // or it ended meanwhile, and this with it
		s.pending.put(&open{shared: keys, owner: recipient}, now)
	}
	return challenge, nil
}
