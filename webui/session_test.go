package webui

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/labstack/echo/v4"

	"ashpost/webui/api"
	"ashpost/webui/api/channel"
)

// owned makes all further requests to the API go through an owner session.
func (r *rig) owned(i *age.HybridIdentity) *tap {
	tapped := r.sealed()
	r.client.Transport = ownedBy(i, r.client.Transport.(*channel.Transport))
	return tapped
}

func ownedBy(i *age.HybridIdentity, t *channel.Transport) *channel.Session {
	return &channel.Session{Transport: t, Recipient: i.Recipient().String(), Answer: func(challenge []byte) ([]byte, error) {
		text, err := age.Decrypt(bytes.NewReader(challenge), i)
		if err != nil {
			return nil, err
		}
		return io.ReadAll(text)
	}}
}

func newIdentity(t testing.TB) *age.HybridIdentity {
	t.Helper()
	i, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// begin asks for a session as a client of the channel does.
func (r *rig) begin(recipient string) reply {
	r.Helper()
	body, err := json.Marshal(channel.SessionRequest{Recipient: recipient})
	if err != nil {
		r.Fatal(err)
	}
	return r.do("POST", channel.SessionPath, body, "Content-Type", api.TypeJSON)
}

// TestOwner: handlers know the owner inside of a session, and nowhere else.
func TestOwner(t *testing.T) {
	r := start(t, setup{})
	r.s.echo.POST("/api/v1/owner", func(c echo.Context) error {
		write(c.Response(), 200, api.TypeBinary, []byte(ownerOf(c.Request())))
		return nil
	})
	i := newIdentity(t)
	asks := func(want string) {
		t.Helper()
		if a := r.do("POST", "/api/v1/owner", nil, "Ashpost-Owner", i.Recipient().String()); a.status != 200 || string(a.body) != want {
			t.Errorf("%d %q", a.status, a.body)
		}
	}
	plain := r.client.Transport
	asks("")
	r.sealed()
	asks("")
	r.client.Transport = plain
	r.owned(i)
	asks(i.Recipient().String())
	l := r.sent(1000)
	r.want(200, r.claim(l))
}

// TestWhereSessionsBegin: inside of a channel, and nowhere else.
func TestWhereSessionsBegin(t *testing.T) {
	r := start(t, setup{})
	i := newIdentity(t)
	plain := r.client.Transport
	r.refused(api.CodeBadRequest, r.begin(i.Recipient().String()))
	r.sealed()
	r.want(200, r.begin(i.Recipient().String()))
	r.refused(api.CodeBadRequest, r.begin("age1pq1"))
	for _, body := range []string{"{}", "[]", `{"recipient":7}`, `{"recipient":"x","more":1}`} {
		r.refused(api.CodeBadRequest, r.do("POST", channel.SessionPath, []byte(body), "Content-Type", api.TypeJSON))
	}
	r.client.Transport = plain
	r.owned(i)
	r.refused(api.CodeBadRequest, r.begin(i.Recipient().String()))
}

// TestBeginningsAreAlike: whoever the recipient is, and whatever there is for it.
func TestBeginningsAreAlike(t *testing.T) {
	r := start(t, setup{})
	tap := r.sealed()
	want := r.want(200, r.begin(newIdentity(t).Recipient().String()))
	for range 3 {
		got := r.want(200, r.begin(newIdentity(t).Recipient().String()))
		if len(got.body) != len(want.body) || len(got.header) != len(want.header) || got.header.Get("Content-Type") != api.TypeBinary {
			t.Errorf("%d bytes, %v", len(got.body), got.header)
		}
	}
	for i, record := range tap.records[2:] {
		if len(record) != len(tap.records[1]) {
			t.Errorf("record %d has %d bytes", i, len(record))
		}
	}
}

// TestRecordedSessionsChangeNothing: every request of a session, sent again as it
// was recorded, is refused.
func TestRecordedSessionsChangeNothing(t *testing.T) {
	r := start(t, setup{})
	tap := r.owned(newIdentity(t))
	l := r.letter(1000)
	r.want(201, r.put(l))
	r.want(200, r.claim(l))
	r.want(204, r.with(l.reader, "POST", l, api.PathAcknowledge))
	kept := r.sent(1000)
	for _, record := range slices.Clone(tap.records) {
		r.refused(api.CodeChannel, r.record(tap, record, asRecord...))
	}
	r.want(200, r.with(kept.manage, "GET", kept, api.PathState))
}

// TestLockEndsSessions: what was proven before a lock proves nothing after it, and
// a session begins while the vault is locked: an owner may destroy then.
func TestLockEndsSessions(t *testing.T) {
	r := start(t, setup{})
	tap := r.owned(newIdentity(t))
	l := r.sent(1000)
	before := len(tap.records)
	r.halt()
	r.turn(76 * time.Minute)
	r.refused(api.CodeLocked, r.with(l.manage, "GET", l, api.PathState))
	// The session was refused; a channel with another, and the request again.
	if n := len(tap.records) - before; n != 3 {
		t.Errorf("%d records", n)
	}
	if code := r.with(l.manage, "POST", l, api.PathRevoke).code(r); code != api.CodeNotProven && code != api.CodeGone {
		t.Errorf("%s", code)
	}
}

// TestChallengesOfACircuit: each counts as an opening does, and a session begun
// goes on.
func TestChallengesOfACircuit(t *testing.T) {
	r := start(t, setup{onion: true, limits: func(l *limits) { l.pace.openings = allowance{3, 1. / 3600, time.Minute} }})
	one := r.through(1)
	one.owned(newIdentity(t)) // two of three
	r.want(404, one.do("GET", "/api/v1/nothing", nil))
	two := r.through(1)
	two.sealed()
	if a := two.begin(newIdentity(t).Recipient().String()); a.status != http.StatusTooManyRequests || a.code(r) != api.CodeBusy || a.header.Get("Retry-After") == "" {
		t.Errorf("%d %s", a.status, a.body)
	}
	r.want(404, one.do("GET", "/api/v1/nothing", nil))
	other := r.through(2)
	other.owned(newIdentity(t))
	r.want(404, other.do("GET", "/api/v1/nothing", nil))
}
