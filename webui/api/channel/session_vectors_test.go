package channel

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
)

// sessionVectors are of one session inside of the channel of the vectors.
type sessionVectors struct {
	Identity   string   `json:"identity"` // the owner's
	Recipient  string   `json:"recipient"`
	Transcript string   `json:"transcript"` // T1
	Export     string   `json:"export"`
	K2         string   `json:"k2"`
	Bound      string   `json:"bound"` // H
	Challenge  string   `json:"challenge"`
	ID         string   `json:"id"`
	ClientKey  string   `json:"client_key"`
	ServiceKey string   `json:"service_key"`
	Records    []sealed `json:"records"`
	Answers    []sealed `json:"answers"`
	// What must be refused: by the service, by the client, and by the client
	// before it begins a session.
	BadRecords    []sealed       `json:"bad_records"`
	BadAnswers    []sealed       `json:"bad_answers"`
	BadChallenges []badChallenge `json:"bad_challenges"`
	BadRecipients []badRecipient `json:"bad_recipients"`
}

type badChallenge struct {
	Name      string `json:"name"`
	Challenge string `json:"challenge"`
}

type badRecipient struct {
	Name      string `json:"name"`
	Recipient string `json:"recipient"`
}

// When a bad record comes; else at once.
const (
	twice = "a second time"
	late  = "60 s after the challenge"
)

var sessionTexts = []sealed{
	{Name: "a session's first", Text: "GET /api/v1/inboxes/x/list/0\n\n"},
	{Name: "a session's second, with a body", Number: 1, Text: "PUT /api/v1/inboxes/x/notebook\nContent-Type: application/octet-stream\nAshpost-Inbox: i\nAshpost-Invite: j\nAshpost-Kind: inbox\nAshpost-Replaces: none\n\nb", More: 99},
}

var sessionAnswers = []sealed{{Name: "an answer in a session", Number: 3, Text: "200\nContent-Type: application/json\nContent-Length: 2\n\n{}"}}

func (v *sessionVectors) keys(t *testing.T, channel shared) shared {
	t.Helper()
	keys, err := channel.accept(v.Recipient, raw(t, v.Challenge), decrypt(t, v.Identity, raw(t, v.Challenge)))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// decrypt is what the owner's client does with a challenge.
func decrypt(t testing.TB, identity string, file []byte) []byte {
	t.Helper()
	i, err := age.ParseHybridIdentity(identity)
	if err != nil {
		t.Fatal(err)
	}
	text, err := answers(i)(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// answers is an Answer of a Session.
func answers(i age.Identity) func([]byte) ([]byte, error) {
	return func(file []byte) ([]byte, error) {
		r, err := age.Decrypt(bytes.NewReader(file), i)
		if err != nil {
			return nil, err
		}
		return io.ReadAll(r)
	}
}

// check holds a session's code to the words of PROTOCOL.md.
func (v *sessionVectors) check(t *testing.T, of *vectors, channel shared, service func() *Service) {
	k2, bound := raw(t, v.K2), sha256.Sum256(bytes.Join([][]byte{[]byte("ashpost/v1/session"), raw(t, v.Transcript), {1959 >> 8, 1959 & 255}, []byte(v.Recipient)}, nil))
	transcript := v.transcript(t)
	id := sha256.Sum256(append([]byte("ashpost/v1/session/id"), transcript[:]...))
	export, err := hkdf.Key(sha256.New, raw(t, of.K1), raw(t, v.Transcript), "ashpost/v1/channel/session", 32)
	if err != nil || hex.EncodeToString(export) != v.Export || hex.EncodeToString(bound[:]) != v.Bound {
		t.Errorf("what a session is bound to: %v", err)
	}
	if text := decrypt(t, v.Identity, raw(t, v.Challenge)); string(text) != "ashpost/v1/session"+string(k2)+string(bound[:]) || len(v.Challenge) != 2*1741 {
		t.Error("the challenge")
	}
	if c, s := v.rawKeys(t); hex.EncodeToString(id[:16]) != v.ID || c != v.ClientKey || s != v.ServiceKey {
		t.Error("the keys differ")
	}
	keys := v.keys(t, channel)
	if hex.EncodeToString(keys.id[:]) != v.ID || hex.EncodeToString(keys.transcript) != hex.EncodeToString(transcript[:]) {
		t.Error("the session is another")
	}
	v.checkRecords(t, keys, service)
	v.checkAnswers(t, keys)
	v.checkRefusals(t, channel, service)
}

// transcript is T2, from the specification's words.
func (v *sessionVectors) transcript(t *testing.T) [32]byte {
	t.Helper()
	return sha256.Sum256(bytes.Join([][]byte{raw(t, v.Transcript), {1959 >> 8, 1959 & 255}, []byte(v.Recipient), raw(t, v.Challenge)}, nil))
}

// rawKeys derives the keys from the specification's words, beside session.
func (v *sessionVectors) rawKeys(t *testing.T) (client, service string) {
	t.Helper()
	transcript := v.transcript(t)
	expand := func(info string) string {
		key, err := hkdf.Key(sha256.New, append(raw(t, v.Export), raw(t, v.K2)...), transcript[:], info, 32)
		if err != nil {
			t.Fatal(err)
		}
		return hex.EncodeToString(key)
	}
	return expand("ashpost/v1/session/client"), expand("ashpost/v1/session/service")
}

// awaiting is a service that waits for the session of the vectors.
func (v *sessionVectors) awaiting(keys shared, service func() *Service) *Service {
	s := service()
	s.pending.put(&open{shared: keys, owner: v.Recipient}, s.now())
	return s
}

func (v *sessionVectors) checkRecords(t *testing.T, keys shared, service func() *Service) {
	s := v.awaiting(keys, service)
	for _, r := range v.Records {
		c := &outgoing{shared: keys, next: r.Number, answered: true}
		record, _ := c.record([]byte(r.whole()))
		if !r.is(record) {
			t.Errorf("%s is sealed otherwise", r.Name)
		}
		q, err := s.Open(host, record)
		if err != nil || q.Owner != v.Recipient || !strings.HasPrefix(r.Text, q.Method+" "+q.Path+"\n") {
			t.Errorf("%s: %v", r.Name, err)
		}
	}
	for _, r := range v.BadRecords {
		s := v.awaiting(keys, service)
		switch r.When {
		case twice:
			if _, err := s.Open(host, raw(t, r.Sealed)); err != nil {
				t.Errorf("%s: the first time: %v", r.Name, err)
			}
		case late:
			now := s.now().Add(60 * time.Second)
			s.now = func() time.Time { return now }
		}
		if _, err := s.Open(host, raw(t, r.Sealed)); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", r.Name, err)
		}
	}
}

func (v *sessionVectors) checkAnswers(t *testing.T, keys shared) {
	read := func(a sealed, answer []byte) (string, error) {
		got, err := io.ReadAll(newFrameReader(bytes.NewReader(answer), -1, keys.service, keys.id, a.Number))
		return string(got), err
	}
	for _, a := range v.Answers {
		answer := frames(t, keys, a.Number, a.whole())
		if got, err := read(a, answer); !a.is(answer) || err != nil || got != a.whole() {
			t.Errorf("%s: %v", a.Name, err)
		}
	}
	for _, a := range v.BadAnswers {
		if _, err := read(a, raw(t, a.Sealed)); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", a.Name, err)
		}
	}
}

// checkRefusals also sees that the identity is not asked about a file of another
// form.
func (v *sessionVectors) checkRefusals(t *testing.T, channel shared, service func() *Service) {
	i, err := age.ParseHybridIdentity(v.Identity)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range v.BadChallenges {
		file := raw(t, c.Challenge)
		s := &Session{Recipient: v.Recipient, Answer: func(challenge []byte) ([]byte, error) {
			if !strings.HasPrefix(c.Name, "a challenge ") {
				t.Errorf("%s: the identity was used", c.Name)
			}
			return answers(i)(challenge)
		}}
		if _, err := s.answer(channel, 200, file); err == nil {
			t.Errorf("%s is answered", c.Name)
		}
	}
	for _, c := range v.BadRecipients {
		r := &Request{channel: &open{shared: channel}}
		if _, err := service().Challenge(r, c.Recipient); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
}
