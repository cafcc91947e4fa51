package channel

import (
	"crypto/subtle"
	"slices"
)

// SessionPath is the route, inside of a channel, on which an owner session begins.
const SessionPath = "/api/v1/session"

// SessionRequest is the body of a request to it.
type SessionRequest struct {
	Recipient string `json:"recipient"` // of the owner, age1pq1…
}

const (
	sessionLabel  = "ashpost/v1/session"
	challengeText = len(sessionLabel) + 32 + 32
	challengeSize = openingSize + 32
)

// challenge makes a challenge to a recipient, and the keys of the session that
// follows when it is answered.
func (s shared) challenge(recipient string) (challenge []byte, keys shared, err error) {
	k2 := random32()
	defer clear(k2)
	challenge, err = seal(recipient, []byte(sessionLabel), k2, s.bound(recipient))
	if err != nil {
		return nil, keys, err
	}
	keys, err = s.session(k2, recipient, challenge)
	return challenge, keys, err
}

// bound is the H of PROTOCOL.md: what a challenge says of the channel it was made
// for, and of the recipient.
func (s shared) bound(recipient string) []byte {
	return digest([]byte(sessionLabel), s.transcript, prefixed(recipient))
}

// accept takes the text of a challenge and derives the session's keys. A challenge
// made for another channel is refused: the service on this one passed it on.
func (s shared) accept(recipient string, challenge, text []byte) (shared, error) {
	if len(text) != challengeText || string(text[:len(sessionLabel)]) != sessionLabel ||
		subtle.ConstantTimeCompare(text[len(sessionLabel)+32:], s.bound(recipient)) != 1 {
		return shared{}, ErrRefused
	}
	return s.session(text[len(sessionLabel):][:32], recipient, challenge)
}

// session derives the keys of a session inside of this channel; PROTOCOL.md,
// "Owner sessions".
func (s shared) session(k2 []byte, recipient string, challenge []byte) (keys shared, err error) {
	keys.transcript = digest(s.transcript, prefixed(recipient), challenge)
	keys.id = ID(digest([]byte(sessionLabel+"/id"), keys.transcript)[:len(ID{})])
	secret := slices.Concat(s.export, k2)
	defer clear(secret)
	return keys, keys.directions(secret, sessionLabel)
}
