package api

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"
)

// Dial reaches the service. It is the only way out a [Client] knows.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// Client speaks the contract with one service. It is safe for concurrent use.
type Client struct {
	base      string // http://HOST
	http      *http.Client
	transport *http.Transport
	pace      pace
	recipient atomic.Pointer[string] // of the service's channels, as it said last
	met       atomic.Bool            // it answered before: a refused connection may pass
}

// pace says how long the client waits for what.
type pace struct {
	idle     time.Duration // a connection on which nothing moves is broken
	try      time.Duration // one try, a large body aside
	floor    int64         // bytes a second a large body must make
	patience time.Duration // no new try this long after the last progress
	resends  int           // so often a request that broke on its way counts as progress
	pause    time.Duration // before the second try; doubles
	longest  time.Duration // of the pauses
}

// Over Tor a first answer may take half a minute, and a broken circuit is replaced within a few seconds.
var unhurried = pace{
	idle:     60 * time.Second,
	try:      2 * time.Minute,
	floor:    4 << 10,
	patience: 90 * time.Second,
	resends:  8,
	pause:    500 * time.Millisecond,
	longest:  10 * time.Second,
}

// NewClient makes a client of the service at "http://HOST". Nothing is sent yet.
func NewClient(service string, dial Dial) (*Client, error) {
	u, err := url.Parse(service)
	if err != nil || u.Scheme != "http" || u.Host == "" || u.User != nil ||
		u.RawQuery != "" || u.Fragment != "" || (u.Path != "" && u.Path != "/") {
		return nil, errors.New("the address of a service is http://HOST and nothing more")
	}
	c := &Client{base: "http://" + u.Host, pace: unhurried}
	c.transport = &http.Transport{
		Proxy: nil, // HTTP_PROXY and its kin must not lead requests elsewhere
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			if err != nil {
				return nil, dialError{err}
			}
			return &watched{Conn: conn, idle: c.pace.idle}, nil
		},
		DisableCompression:     true, // nobody may answer with a compression bomb
		MaxResponseHeaderBytes: MaxHTTPHeader,
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        30 * time.Second,
		Protocols:              new(http.Protocols),
	}
	c.transport.Protocols.SetHTTP1(true)
	c.http = &http.Client{
		Transport: c.transport,
		// A redirect could carry a key to another host or off the onion.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

// Close ends the idle connections.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// watched is a connection that breaks when nothing moves on it. Both deadlines
// move together: while a part goes up, no answer is due yet.
type watched struct {
	net.Conn
	idle  time.Duration
	taken atomic.Pointer[time.Time] // when it last took bytes
}

func (w *watched) Read(p []byte) (int, error) {
	w.SetDeadline(time.Now().Add(w.idle))
	return w.Conn.Read(p)
}

func (w *watched) Write(p []byte) (int, error) {
	now := time.Now()
	w.SetDeadline(now.Add(w.idle))
	n, err := w.Conn.Write(p)
	if n > 0 {
		w.taken.Store(&now)
	}
	return n, err
}
