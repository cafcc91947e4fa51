package channel

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"filippo.io/age"
)

// owned is a rig whose requests come from an owner.
type owned struct {
	*rig
	session *Session
	owners  []string // of the requests that came, but for the beginnings
	began   int
	mu      sync.Mutex
}

func newOwned(t *testing.T) *owned {
	t.Helper()
	r := newRig(t)
	o := &owned{rig: r, session: r.ownedBy(newIdentity(t))}
	r.handle = o.serve
	return o
}

func (r *rig) ownedBy(i *age.HybridIdentity) *Session {
	return &Session{Transport: r.transport, Recipient: i.Recipient().String(), Answer: answers(i)}
}

func (o *owned) serve(q *Request) (int, http.Header, []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if q.Path != SessionPath {
		o.owners = append(o.owners, q.Owner)
		return 200, http.Header{}, q.Body
	}
	o.began++
	return o.begin(q)
}

// begin is what a service does on SessionPath.
func (r *rig) begin(q *Request) (int, http.Header, []byte) {
	var asked SessionRequest
	if err := json.Unmarshal(q.Body, &asked); err != nil {
		r.t.Error(err)
	}
	challenge, err := r.service.Challenge(q, asked.Recipient)
	if err != nil {
		return 400, http.Header{}, []byte("no")
	}
	return 200, http.Header{}, challenge
}

func (o *owned) ask(body string) ([]byte, error) {
	q, err := http.NewRequest("PUT", "http://"+host+"/api/v1/x", strings.NewReader(body))
	if err != nil {
		o.t.Fatal(err)
	}
	answer, err := o.session.RoundTrip(q)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	return io.ReadAll(answer.Body)
}

func (o *owned) must(body string) {
	o.t.Helper()
	if got, err := o.ask(body); err != nil || string(got) != body {
		o.t.Fatalf("%q: %v", got, err)
	}
}

// TestSession: the opening and the beginning are one round trip, and each request
// one more.
func TestSession(t *testing.T) {
	o := newOwned(t)
	for n := range 3 {
		o.must(strings.Repeat("x", n*frameSize))
		if len(o.records) != n+2 || len(o.owners) != n+1 || o.owners[n] != o.session.Recipient {
			t.Fatalf("%d records, %d of an owner", len(o.records), len(o.owners))
		}
	}
	if o.records[0][1] != 1 || o.records[1][1] != 0 || bytes.Equal(o.records[0][2:18], o.records[1][2:18]) {
		t.Error("the session is no other than its channel")
	}
	if len(o.service.pending.byID) != 0 || len(o.service.open.byID) != 2 {
		t.Errorf("%d pending, %d open", len(o.service.pending.byID), len(o.service.open.byID))
	}
	for _, record := range o.records {
		if bytes.Contains(record, []byte(o.session.Recipient[:40])) {
			t.Error("the owner can be read")
		}
	}
}

// TestSessionLeavesTheAnonymousChannel: what an owner does is in a channel of its
// own.
func TestSessionLeavesTheAnonymousChannel(t *testing.T) {
	o := newOwned(t)
	if _, _, err := o.send("GET", "/api/v1/x", nil, nil); err != nil {
		t.Fatal(err)
	}
	o.must("x")
	if _, _, err := o.send("GET", "/api/v1/x", nil, nil); err != nil {
		t.Fatal(err)
	}
	if o.records[0][1] != 1 || o.records[1][1] != 1 || !bytes.Equal(o.records[0][2:18], o.records[3][2:18]) || bytes.Equal(o.records[0][2:18], o.records[1][2:18]) {
		t.Error("the owner's session began in the other channel")
	}
	if strings.Join(o.owners, " ") != " "+o.session.Recipient+" " {
		t.Error("an owner is named outside of the session")
	}
}

func TestSessionInParallel(t *testing.T) {
	o := newOwned(t)
	var asked atomic.Int32
	o.transport.Recipient = func(context.Context, bool) (string, error) { asked.Add(1); return o.service.Recipient() }
	for range 2 { // and after the session has ended
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() {
				for range 4 {
					o.must("x")
				}
			})
		}
		all.Wait()
		if err := o.service.Forget(); err != nil {
			t.Fatal(err)
		}
	}
	if asked.Load() != 2 || o.began != 2 || len(o.owners) != 128 {
		t.Errorf("%d recipients asked for, %d sessions, %d requests", asked.Load(), o.began, len(o.owners))
	}
}

// TestRecordedSessionsAreRefused: every record of a session, and of its channel,
// replayed at once, after the session went and after a lock.
func TestRecordedSessionsAreRefused(t *testing.T) {
	o := newOwned(t)
	for range 70 { // more than the window
		o.must("x")
	}
	replay := func(when string) {
		t.Helper()
		for i, record := range o.records {
			if _, err := o.service.Open(host, bytes.Clone(record)); !errors.Is(err, ErrRefused) {
				t.Errorf("%s: record %d: %v", when, i, err)
			}
		}
		if len(o.service.pending.byID) != 0 {
			t.Errorf("%s: a replay began a session", when)
		}
	}
	replay("at once")
	o.service.mu.Lock()
	o.service.open = keep(mostChannels, idleAfter)
	o.service.mu.Unlock()
	replay("after the session went")
	if err := o.service.Forget(); err != nil {
		t.Fatal(err)
	}
	replay("after a lock")
}

// TestChallengeIsNotPassedOn: a service in the middle has a channel to the owner
// and one to the true service, and passes the challenge on.
func TestChallengeIsNotPassedOn(t *testing.T) {
	middle, genuine := newOwned(t), newOwned(t)
	middle.handle = func(q *Request) (int, http.Header, []byte) {
		if q.Path != SessionPath {
			t.Error("the owner goes on")
		}
		answer, got, err := genuine.send(q.Method, q.Path, q.Header, q.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, http.Header{}, got
	}
	if _, err := middle.ask("x"); !errors.Is(err, ErrAnswer) {
		t.Errorf("%v", err)
	}
	if len(genuine.service.pending.byID) != 1 || len(genuine.owners) != 0 {
		t.Error("the challenge did not come from the true service")
	}
}

// TestStrangersProveNothing: who cannot read the challenge has no session, and who
// knows it, but not the channel, neither.
func TestStrangersProveNothing(t *testing.T) {
	o := newOwned(t)
	stranger := newIdentity(t)
	o.session.Answer = answers(stranger)
	if _, err := o.ask("x"); !errors.Is(err, ErrAnswer) || len(o.owners) != 0 {
		t.Errorf("%v", err)
	}
	owner := newIdentity(t)
	c, challenge := o.challenged(owner.Recipient().String())
	text := decrypt(t, owner.String(), challenge)
	c.export = make([]byte, 32)
	keys, err := c.accept(owner.Recipient().String(), challenge, text)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.service.Open(host, recorded(t, keys, 0, "GET /api/v1/x\n\n")); !errors.Is(err, ErrRefused) || errors.Is(err, ErrUnknown) {
		t.Errorf("without the channel's export: %v", err)
	}
}

// challenged opens a channel and asks for a challenge in it.
func (o *owned) challenged(recipient string) (shared, []byte) {
	o.t.Helper()
	q, _ := http.NewRequest("POST", "http://"+host+SessionPath, nil)
	c, err := o.transport.open(q, false)
	if err != nil {
		o.t.Fatal(err)
	}
	record, _ := c.record([]byte("POST " + SessionPath + "\n\n"))
	r, err := o.service.Open(host, record)
	if err != nil {
		o.t.Fatal(err)
	}
	challenge, err := o.service.Challenge(r, recipient)
	if err != nil || len(challenge) != challengeSize {
		o.t.Fatalf("%d bytes, %v", len(challenge), err)
	}
	return c.shared, challenge
}

// TestPendingSessionsGo: after a minute, with a lock, and the one that waits for
// longest when there are too many.
func TestPendingSessionsGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOwned(t)
		owner := newIdentity(t)
		pending := func() []byte {
			c, challenge := o.challenged(owner.Recipient().String())
			keys, err := c.accept(owner.Recipient().String(), challenge, decrypt(t, owner.String(), challenge))
			if err != nil {
				t.Fatal(err)
			}
			return recorded(t, keys, 0, "GET /api/v1/x\n\n")
		}
		opens := func(record []byte) error {
			_, err := o.service.Open(host, record)
			return err
		}
		early, late, stays := pending(), pending(), pending()
		time.Sleep(answerWithin - 1)
		if err := opens(early); err != nil {
			t.Errorf("before the minute is over: %v", err)
		}
		if err := o.service.Tidy(); err != nil || len(o.service.pending.byID) != 2 {
			t.Errorf("%d pending, %v", len(o.service.pending.byID), err)
		}
		time.Sleep(1)
		if err := opens(late); !errors.Is(err, ErrUnknown) {
			t.Errorf("after a minute: %v", err)
		}
		if err := o.service.Tidy(); err != nil || len(o.service.pending.byID) != 0 {
			t.Errorf("%d pending, %v", len(o.service.pending.byID), err)
		}
		if err := opens(stays); !errors.Is(err, ErrUnknown) {
			t.Errorf("tidied: %v", err)
		}
		locked := pending()
		if err := o.service.Forget(); err != nil {
			t.Fatal(err)
		}
		if err := opens(locked); !errors.Is(err, ErrUnknown) {
			t.Errorf("after a lock: %v", err)
		}
	})
}

func TestRoomForPendingSessions(t *testing.T) {
	o := newOwned(t)
	now := time.Now()
	o.service.now = func() time.Time { now = now.Add(time.Millisecond); return now }
	id := func(n int) ID { return ID{byte(n), byte(n >> 8)} }
	for n := range mostPending + 1 {
		o.service.pending.put(&open{shared: shared{id: id(n)}}, o.service.now())
	}
	if len(o.service.pending.byID) != mostPending || o.service.pending.get(id(0), now) != nil || o.service.pending.get(id(1), now) == nil {
		t.Errorf("%d pending", len(o.service.pending.byID))
	}
	o.service.pending.tidy(now.Add(answerWithin))
	if len(o.service.pending.byID) != 0 || o.service.pending.order.Len() != 0 {
		t.Errorf("%d pending: those that are over stay", len(o.service.pending.byID))
	}
}

// TestSessionsCountAmongChannels: a proven one takes a place, and the idlest goes.
func TestSessionsCountAmongChannels(t *testing.T) {
	o := newOwned(t)
	now := time.Now()
	o.service.now = func() time.Time { now = now.Add(time.Millisecond); return now }
	for n := range mostChannels {
		id := ID{byte(n), byte(n >> 8)}
		o.service.open.put(&open{shared: shared{id: id}}, now)
	}
	o.must("x")
	if len(o.service.open.byID) != mostChannels {
		t.Errorf("%d open", len(o.service.open.byID))
	}
}

// TestEndedSessionIsBegunAgain: after a lock, a rest, and once only.
func TestEndedSessionIsBegunAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOwned(t)
		o.must("x")
		if err := o.service.Forget(); err != nil {
			t.Fatal(err)
		}
		o.must("x")
		time.Sleep(idleAfter)
		o.must("x")
		if o.began != 3 || len(o.records) != 8 {
			t.Errorf("%d sessions, %d records", o.began, len(o.records))
		}
		o.between = func(record []byte) []byte {
			if record[1] == 0 {
				return nil // every session ends as soon as it began
			}
			return record
		}
		if _, err := o.ask("x"); !errors.Is(err, ErrAnswer) || o.began != 4 {
			t.Errorf("%d sessions, %v", o.began, err)
		}
		o.between = func([]byte) []byte { return nil }
		if _, err := o.ask("x"); !errors.Is(err, ErrAnswer) {
			t.Errorf("a service that opens nothing: %v", err)
		}
	})
}

// TestChannelThatEndedMeanwhile: a challenge answers, and the session is none.
func TestChannelThatEndedMeanwhile(t *testing.T) {
	o := newOwned(t)
	o.handle = func(q *Request) (int, http.Header, []byte) {
		if err := o.service.Forget(); err != nil {
			t.Error(err)
		}
		return o.begin(q)
	}
	if _, err := o.ask("x"); !errors.Is(err, ErrAnswer) || len(o.service.pending.byID) != 0 {
		t.Errorf("%d pending, %v", len(o.service.pending.byID), err)
	}
}

// TestForgetWhileARecordOpens: none is accepted of a channel that has ended.
func TestForgetWhileARecordOpens(t *testing.T) {
	o := newOwned(t)
	o.must("x")
	for id := range o.service.open.byID {
		c := o.service.open.get(id, o.service.now())
		o.service.open.drop(id)
		if err := o.service.take(c, 99); !errors.Is(err, ErrUnknown) {
			t.Errorf("%v", err)
		}
	}
}

func TestNoSessionInASession(t *testing.T) {
	o := newOwned(t)
	inside := 0
	o.handle = func(q *Request) (int, http.Header, []byte) {
		if q.Path == SessionPath {
			return o.begin(q)
		}
		inside++
		if _, err := o.service.Challenge(q, o.session.Recipient); !errors.Is(err, ErrRefused) {
			t.Errorf("a session in a session: %v", err)
		}
		return 200, http.Header{}, nil
	}
	if _, err := o.ask(""); err != nil || inside != 1 {
		t.Fatal(err)
	}
}

// TestRefusedBeginning: what the service says instead of a challenge is the answer
// to the request, if it is a refusal.
func TestRefusedBeginning(t *testing.T) {
	for status, refusal := range map[int]bool{429: true, 404: true, 500: true, 200: false, 201: false, 204: false, 302: false} {
		o := newOwned(t)
		o.handle = func(q *Request) (int, http.Header, []byte) {
			if q.Path != SessionPath {
				t.Error("the request was sent without a session")
			}
			return status, http.Header{"Retry-After": {"7"}}, []byte(`{"code":"busy"}`)
		}
		q, err := http.NewRequest("GET", "http://"+host+"/api/v1/x", nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := o.session.RoundTrip(q)
		if refusal && (err != nil || answer.StatusCode != status || answer.Request != q || answer.Header.Get("Retry-After") != "7") || !refusal && !errors.Is(err, ErrAnswer) {
			t.Errorf("%d: %v", status, err)
		}
	}
}

// TestWaitingForASession: who waits for a session that another begins may leave.
func TestWaitingForASession(t *testing.T) {
	o := newOwned(t)
	asked, let := make(chan bool), make(chan bool)
	o.transport.Recipient = func(context.Context, bool) (string, error) {
		asked <- true
		<-let
		return o.service.Recipient()
	}
	done := make(chan error)
	go func() { _, err := o.ask("x"); done <- err }()
	<-asked
	ctx, leave := context.WithCancel(context.Background())
	leave()
	q, err := http.NewRequestWithContext(ctx, "GET", "http://"+host+"/api/v1/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.session.RoundTrip(q); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	close(let)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestChallengesAreAlike: nothing is looked up, so that no recipient is known by
// its challenge.
func TestChallengesAreAlike(t *testing.T) {
	o := newOwned(t)
	sizes := map[int]bool{}
	for range 20 {
		_, challenge := o.challenged(newIdentity(t).Recipient().String())
		sizes[len(challenge)] = true
		if !shaped(challenge) {
			t.Error("a challenge of another form")
		}
	}
	if len(sizes) != 1 {
		t.Errorf("%v", sizes)
	}
}

// FuzzChallenge: no challenge but one for this channel gives keys, and no text
// makes the client fail otherwise.
func FuzzChallenge(f *testing.F) {
	owner := newIdentity(f)
	recipient := owner.Recipient().String()
	c, err := derive(make([]byte, 32), host, recipient, make([]byte, openingSize))
	if err != nil {
		f.Fatal(err)
	}
	challenge, _, err := c.challenge(recipient)
	if err != nil {
		f.Fatal(err)
	}
	text := decrypt(f, owner.String(), challenge)
	f.Add(challenge, text)
	f.Add(challenge[1:], text[1:])
	f.Fuzz(func(t *testing.T, challenge, text []byte) {
		s := &Session{Recipient: recipient, Answer: func(asked []byte) ([]byte, error) {
			if len(asked) != challengeSize || !shaped(asked) {
				t.Error("the identity is asked about another form of file")
			}
			return text, nil
		}}
		bound := bytes.HasPrefix(text, []byte(sessionLabel)) && bytes.HasSuffix(text, c.bound(recipient)) && len(text) == challengeText
		if _, err := s.answer(c, 200, challenge); err == nil && !bound {
			t.Errorf("%x was taken", text)
		}
	})
}

// FuzzRecipient: what is taken for a recipient has one spelling.
func FuzzRecipient(f *testing.F) {
	f.Add(newIdentity(f).Recipient().String())
	f.Add("age1pq1")
	f.Fuzz(func(t *testing.T, recipient string) {
		_, err := seal(recipient, nil)
		if err == nil {
			to, again := age.ParseHybridRecipient(recipient)
			if again != nil || to.String() != recipient || len(recipient) != recipientSize {
				t.Errorf("%q", recipient)
			}
		} else if !errors.Is(err, ErrRefused) {
			t.Error(err)
		}
	})
}
