package webui

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"filippo.io/age"

	"ashpost/webui/api/channel"
)

// BenchmarkChannel measures the life of a message as BenchmarkTrip does, with what
// its four requests travel in:
//
//	plain        the connection alone
//	channel      a channel that is kept
//	session      an owner session that is kept
//	new-channel  a channel for each trip: what it costs more is the set-up
//	new-session  a channel and an owner session for each trip
//
// The client is the same, on the same cores, and pays for it as the service does.
func BenchmarkChannel(b *testing.B) {
	owner := newIdentity(b)
	for _, clients := range []int{1, 32} {
		for _, way := range []string{"plain", "channel", "session", "new-channel", "new-session"} {
			b.Run(fmt.Sprintf("%s/%d", way, clients), func(b *testing.B) { benchChannel(b, clients, way, owner) })
		}
	}
}

func benchChannel(b *testing.B, clients int, way string, owner *age.HybridIdentity) {
	s, path := benchServer(b)
	begin := func(c *wire) http.RoundTripper {
		t := &channel.Transport{Base: c, Plain: func(*http.Request) bool { return way == "plain" },
			Recipient: func(context.Context, bool) (string, error) { return s.recipient() }}
		if strings.HasSuffix(way, "session") {
			return ownedBy(owner, t)
		}
		return t
	}
	measure(b, path, clients, preamble, func(c *wire) error {
		if c.way == nil || strings.HasPrefix(way, "new-") {
			c.way = begin(c)
		}
		return life(c.carried)
	})
}

// carried is ask by the way of the wire.
func (c *wire) carried(status int, line string, body []byte, head ...string) ([]byte, error) {
	method, path, _ := strings.Cut(line, " ")
	r, err := http.NewRequest(method, "http://bench"+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for _, h := range head {
		name, value, _ := strings.Cut(h, ": ")
		r.Header[name] = []string{value}
	}
	a, err := c.way.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer a.Body.Close()
	got := make([]byte, max(0, a.ContentLength)) // of a 204 it is not known
	if _, err := io.ReadFull(a.Body, got); err != nil || a.StatusCode != status {
		return nil, fmt.Errorf("answer %d, %w", a.StatusCode, err)
	}
	return got, nil
}

// RoundTrip sends a request over the wire as it is.
func (c *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	body := make([]byte, r.ContentLength)
	if _, err := io.ReadFull(r.Body, body); err != nil {
		return nil, err
	}
	var head []string
	for name, values := range r.Header {
		if values[0] != "" {
			head = append(head, name+": "+values[0])
		}
	}
	status, got, err := c.exchange(r.Method+" "+r.URL.Path, body, head)
	return &http.Response{StatusCode: status, Header: http.Header{}, ContentLength: int64(len(got)), Body: io.NopCloser(bytes.NewReader(got))}, err
}
