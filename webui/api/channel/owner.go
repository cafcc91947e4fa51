package channel

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"
)

// Session is an http.RoundTripper that sends the API's requests through an owner
// session: the service knows them to come from whoever holds an identity. It is
// safe for concurrent use.
//
// It opens a channel of its own, since what travels through one is known to be of
// one client, and the owner's requests are to be told from nobody else's. The
// opening and the session's beginning are one request. What Transport says of
// answers and refusals holds here; a refusal to begin a session is the answer to
// the request that needed it.
type Session struct {
	// Transport is the way to the service. Its own channel is not used.
	Transport *Transport
	// Recipient is the owner's.
	Recipient string
	// Answer decrypts a challenge with the owner's identity. It is given one age
	// file of exactly one hybrid stanza.
	Answer func(challenge []byte) ([]byte, error)

	mu     sync.Mutex
	now    *outgoing
	begins chan struct{} // closed when whoever begins a session is done
}

// RoundTrip implements http.RoundTripper. It holds the request's body in memory.
func (s *Session) RoundTrip(r *http.Request) (*http.Response, error) {
	return s.Transport.carry(r, s.session, s.drop)
}

// session gives the session that there is, or begins one. Whoever comes meanwhile
// waits for it.
func (s *Session) session(r *http.Request, again bool) (*outgoing, *http.Response, error) {
	for {
		s.mu.Lock()
		now, begins := s.now, s.begins
		if now == nil && begins == nil {
			s.begins = make(chan struct{})
		}
		s.mu.Unlock()
		switch {
		case now != nil:
			return now, nil, nil
		case begins == nil:
			return s.first(r, again)
		}
		select {
		case <-begins:
		case <-r.Context().Done():
			return nil, nil, r.Context().Err()
		}
	}
}

// first begins a session for itself and for whoever waits.
func (s *Session) first(r *http.Request, again bool) (c *outgoing, refusal *http.Response, err error) {
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.now = c
		close(s.begins)
		s.begins = nil
	}()
	return s.begin(r, again)
}

func (s *Session) drop(c *outgoing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now == c {
		s.now = nil
	}
}

// begin opens a channel and begins a session inside of it, in one round trip.
func (s *Session) begin(r *http.Request, fresh bool) (*outgoing, *http.Response, error) {
	c, err := s.Transport.open(r, fresh)
	if err != nil {
		return nil, nil, err
	}
	ask, err := s.ask(r)
	if err != nil {
		return nil, nil, err
	}
	text, err := requestText(ask)
	if err != nil {
		return nil, nil, err
	}
	answer, err := s.Transport.try(c, ask, text)
	if err != nil {
		return nil, nil, err
	}
	if answer.StatusCode >= 400 {
		answer.Request = r
		return nil, answer, nil
	}
	defer answer.Body.Close()
	challenge, err := io.ReadAll(io.LimitReader(answer.Body, challengeSize+1))
	if err != nil {
		return nil, nil, err
	}
	keys, err := s.answer(c.shared, answer.StatusCode, challenge)
	if err != nil {
		return nil, nil, ErrAnswer
	}
	return &outgoing{shared: keys, answered: true}, nil, nil
}

// ask makes the request that begins a session.
func (s *Session) ask(r *http.Request) (*http.Request, error) {
	body, err := json.Marshal(SessionRequest{s.Recipient})
	if err != nil {
		return nil, err
	}
	ask, err := http.NewRequestWithContext(r.Context(), http.MethodPost, r.URL.Scheme+"://"+r.URL.Host+SessionPath, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the request could not be made")
	}
	ask.Header.Set("Content-Type", "application/json")
	return ask, nil
}

// answer looks at a challenge before the identity does any work.
func (s *Session) answer(c shared, status int, challenge []byte) (shared, error) {
	if status != http.StatusOK || len(challenge) != challengeSize || !shaped(challenge) {
		return shared{}, ErrRefused
	}
	text, err := s.Answer(challenge)
	if err != nil {
		return shared{}, err
	}
	defer clear(text)
	return c.accept(s.Recipient, challenge, text)
}
