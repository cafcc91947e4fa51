package onion

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"os"
	"strings"
	"sync/atomic"

	"golang.org/x/net/proxy"
)

// Errors of a dialer. They name no destination, so that they may be shown.
var (
	ErrNotOnion    = errors.New("onion: not an onion address")
	ErrNoTor       = errors.New("onion: no Tor answers on the SOCKS port")
	ErrUnreachable = errors.New("onion: the service cannot be reached through Tor")
	ErrPrivate     = errors.New("onion: the service is private, and wants a client's key")
	ErrShutOut     = errors.New("onion: the service is private, and does not know this client's key")
)

// DialContext is the shape http.Transport wants.
type DialContext func(ctx context.Context, network, address string) (net.Conn, error)

// Dialer connects to onion services through the SOCKS port of a Tor, given as
// host:port. Names are passed to Tor as they are and never looked up here, and
// anything but a v3 onion address is refused. Every Dialer and every
// destination has SOCKS credentials of its own, by which Tor keeps their
// circuits apart. When nothing comes of a connection the next has new ones: Tor
// would put it on the same circuit, which can be dead for minutes.
func Dialer(socks string) DialContext { return dialer("tcp", socks) }

func dialer(kind, socks string) DialContext {
	var user credential
	user.renew()
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(address)
		host = strings.ToLower(host)
		if err != nil || !strings.HasPrefix(network, "tcp") || !IsAddress(host) {
			return nil, ErrNotOnion
		}
		near := &nearby{}
		// It fails on no input; the credentials are letters and digits.
		far, err := proxy.SOCKS5(kind, socks, &proxy.Auth{User: *user.Load(), Password: host}, near)
		if err != nil {
			return nil, err
		}
		conn, err := far.(proxy.ContextDialer).DialContext(ctx, "tcp", address)
		if err == nil {
			return &overCircuit{Conn: conn, user: &user}, nil
		}
		user.renew()
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case near.failed:
			return nil, ErrNoTor
		}
		return nil, refusal(err)
	}
}

// A credential is a user name at the SOCKS port, by which Tor chooses a circuit.
type credential struct{ atomic.Pointer[string] }

func (c *credential) renew() {
	name := rand.Text()
	c.Store(&name)
}

// overCircuit is a connection that tells when it was given up waiting.
type overCircuit struct {
	net.Conn
	user    *credential
	waiting atomic.Bool
}

func (c *overCircuit) Write(b []byte) (int, error) {
	c.waiting.Store(true)
	return c.Conn.Write(b)
}

func (c *overCircuit) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	switch {
	case n > 0:
		c.waiting.Store(false)
	case errors.Is(err, os.ErrDeadlineExceeded): // in the middle of an answer, perhaps
		c.waiting.Store(true)
	}
	return n, err
}

func (c *overCircuit) Close() error {
	if c.waiting.Swap(false) {
		c.user.renew()
	}
	return c.Conn.Close()
}

// Tor's own codes for onion services (socks-extensions.txt), as package socks,
// which does not know them, puts them into words.
const (
	missingAuth = "unknown code: 244"
	wrongAuth   = "unknown code: 245"
)

// refusal says why Tor did not connect, as far as it tells.
func refusal(err error) error {
	switch {
	case strings.HasSuffix(err.Error(), missingAuth):
		return ErrPrivate
	case strings.HasSuffix(err.Error(), wrongAuth):
		return ErrShutOut
	}
	return ErrUnreachable
}

// nearby dials the SOCKS port itself and remembers whether that failed.
type nearby struct {
	net.Dialer
	failed bool
}

func (n *nearby) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := n.Dialer.DialContext(ctx, network, address)
	n.failed = err != nil
	return conn, err
}
