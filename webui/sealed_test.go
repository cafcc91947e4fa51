package webui

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"ashpost/webui/api"
	"ashpost/webui/api/channel"
)

// sealed makes all further requests to the API go through a channel.
func (r *rig) sealed() *tap {
	plain := &http.Client{Transport: r.client.Transport}
	tapped := &tap{RoundTripper: r.client.Transport}
	r.client.Transport = &channel.Transport{
		Base:  tapped,
		Plain: func(q *http.Request) bool { return q.URL.Path == api.PathService || !isAPI(q.URL.Path) },
		Recipient: func(context.Context, bool) (string, error) {
			var s api.Service
			a, err := plain.Get("http://" + r.host + api.PathService)
			if err != nil {
				return "", err
			}
			defer a.Body.Close()
			return s.Channel, json.NewDecoder(a.Body).Decode(&s)
		},
	}
	return tapped
}

// tap keeps the records that pass.
type tap struct {
	http.RoundTripper
	mu      sync.Mutex
	records [][]byte
	last    bool // the connection is closed behind the last answer
}

func (p *tap) RoundTrip(q *http.Request) (*http.Response, error) {
	if q.URL.Path != channel.Path {
		return p.RoundTripper.RoundTrip(q)
	}
	record, err := io.ReadAll(q.Body)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.records = append(p.records, record)
	p.mu.Unlock()
	q = q.Clone(q.Context())
	q.Body = io.NopCloser(bytes.NewReader(record))
	res, err := p.RoundTripper.RoundTrip(q)
	p.mu.Lock()
	p.last = err == nil && res.Close
	p.mu.Unlock()
	return res, err
}

// record sends the bytes of a record as they are.
func (r *rig) record(p *tap, record []byte, head ...string) reply {
	r.Helper()
	plain := *r
	plain.client = &http.Client{Transport: p.RoundTripper}
	return plain.do("POST", channel.Path, record, head...)
}

var asRecord = []string{"Content-Type", channel.ContentType}

// TestChannelAnswersAreTheSame: the same request inside and outside of a channel
// has the same status, body and headers of the contract.
func TestChannelAnswersAreTheSame(t *testing.T) {
	r := start(t, setup{})
	plain := r.client.Transport
	r.sealed()
	through := r.client.Transport
	l := r.sent(1000)
	for _, c := range []struct {
		method, path string
		body         string
		head         []string
	}{
		{"GET", api.MessagePath(api.PathState, l.ref), "", []string{"Authorization", api.Bearer(l.manage)}},
		{"GET", api.MessagePath(api.PathState, l.ref), "", []string{"Authorization", api.Bearer(api.NewKey())}},
		{"GET", api.MessagePath(api.PathState, l.ref), "", nil},
		{"POST", api.MessagePath(api.PathClaim, l.ref), "", []string{"Authorization", api.Bearer(l.claim), api.HeaderReader, l.reader.Verifier().Encode()}},
		{"GET", api.MessagePath(api.PathContent, l.ref), "", []string{"Authorization", api.Bearer(l.reader), "Range", "bytes=7-99"}},
		{"GET", api.MessagePath(api.PathContent, l.ref), "", []string{"Authorization", api.Bearer(l.reader), "Range", "bytes=7000-"}},
		{"POST", api.MessagePath(api.PathCommit, l.ref), "{", []string{"Authorization", api.Bearer(l.upload), "Content-Type", "application/json"}},
		{"PUT", api.MessagePath(api.PathMessage, l.ref), "x", []string{"Authorization", api.Bearer(l.upload)}},
		{"DELETE", api.MessagePath(api.PathMessage, l.ref), "", nil},
		{"GET", "/api/v1/nothing", "", nil},
		{"GET", "/api/v1/%2e", "", nil},
		{"GET", "/api/v1//x", "", nil},
	} {
		r.client.Transport = plain
		want := r.do(c.method, c.path, []byte(c.body), c.head...)
		r.client.Transport = through
		got := r.do(c.method, c.path, []byte(c.body), c.head...)
		if got.status != want.status || !bytes.Equal(got.body, want.body) {
			t.Errorf("%s %s: %d %s instead of %d %s", c.method, c.path, got.status, got.body, want.status, want.body)
		}
		for _, name := range []string{"Content-Type", "Content-Range", "Content-Length", "Allow", "Retry-After", api.HeaderSize, api.HeaderReading} {
			if got.header.Get(name) != want.header.Get(name) {
				t.Errorf("%s %s: %s is %q instead of %q", c.method, c.path, name, got.header.Get(name), want.header.Get(name))
			}
		}
	}
}

// TestRecordedRequestsChangeNothing: every request of a message's life, sent
// again as it was recorded, is refused, on its channel and without it.
func TestRecordedRequestsChangeNothing(t *testing.T) {
	r := start(t, setup{})
	tap := r.sealed()
	l := r.letter(1000)
	r.want(201, r.put(l))
	r.want(200, r.claim(l))
	r.want(204, r.with(l.reader, "POST", l, api.PathAcknowledge))
	kept := r.sent(1000)
	for i, record := range tap.records {
		r.refused(api.CodeChannel, r.record(tap, record, asRecord...))
		if bytes.Contains(record, []byte(l.ref.Encode())) || bytes.Contains(record, []byte("messages")) {
			t.Errorf("record %d can be read", i)
		}
	}
	r.want(200, r.with(kept.manage, "GET", kept, api.PathState))
}

// TestOneRefusalOfChannels: whatever is wrong with a record, the answer is one.
func TestOneRefusalOfChannels(t *testing.T) {
	r := start(t, setup{})
	tap := r.sealed()
	r.sent(1000)
	good := tap.records[0]
	changed := bytes.Clone(good)
	changed[len(changed)-1] ^= 1
	want := r.record(tap, good, asRecord...) // a replay
	for name, record := range map[string][]byte{
		"changed": changed, "cut": good[:len(good)/2], "short": {1}, "of zeros": make([]byte, 5000),
		"another version": append([]byte{2}, good[1:]...), "without its opening": append([]byte{1, 0}, good[2:]...),
	} {
		if got := r.record(tap, record, asRecord...); got.status != want.status || !bytes.Equal(got.body, want.body) {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	r.refused(api.CodeUnsupported, r.record(tap, good))
	r.refused(api.CodeTooLarge, r.record(tap, make([]byte, channel.RecordSize(api.PartSize)+1), asRecord...))
}

// TestLockEndsChannels: what was agreed before a lock opens nothing after it.
func TestLockEndsChannels(t *testing.T) {
	r := start(t, setup{})
	tap := r.sealed()
	l := r.sent(1000)
	before := len(tap.records)
	r.halt()
	r.turn(76 * time.Minute)
	r.refused(api.CodeLocked, r.with(l.manage, "GET", l, api.PathState))
	// The channel was refused, and another one opened: two records more.
	if n := len(tap.records) - before; n != 2 {
		t.Errorf("%d records", n)
	}
	if kind := tap.records[before][1]; kind != 0 {
		t.Errorf("the first was of kind %d", kind)
	}
}

// TestPagesAreNotInsideChannels: a channel leads to the API alone.
func TestPagesAreNotInsideChannels(t *testing.T) {
	r := start(t, setup{})
	r.sealed()
	through := r.client.Transport.(*channel.Transport)
	through.Plain = func(*http.Request) bool { return false }
	for _, path := range []string{"/", "/m/x", "/how", "/assets/x", channel.Path, "/api/v2/x"} {
		if a, err := r.try("GET", path, nil); err == nil {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	for _, path := range []string{"/api/v1/service?x=1", "/api/v1/../../how"} {
		if a, err := r.try("GET", path, nil); err == nil && (a.status != 400 || strings.Contains(string(a.body), "<html")) && a.status != 200 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}
