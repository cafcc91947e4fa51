package onion

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

const (
	oneOnion   = "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion"
	otherOnion = "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion"
)

// proxyStandIn answers as Tor's SOCKS port does, records what it was asked, and
// gives back what it is sent.
type proxyStandIn struct {
	address string
	mu      sync.Mutex
	users   []string // "user:password"
	names   []string
	reply   byte
}

func newProxyStandIn(t *testing.T, reply byte) *proxyStandIn {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxyStandIn{address: l.Addr().String(), reply: reply}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { defer conn.Close(); p.answer(conn) })
		}
	})
	t.Cleanup(func() { l.Close(); all.Wait() })
	return p
}

// answer goes through RFC 1928 and 1929, a message a step.
func (p *proxyStandIn) answer(conn net.Conn) {
	field := func(fixed int) []byte { // fixed bytes, the last of them a length
		head := make([]byte, fixed)
		if _, err := io.ReadFull(conn, head); err != nil {
			return nil
		}
		body := make([]byte, head[fixed-1])
		io.ReadFull(conn, body)
		return body
	}
	field(2) // the methods
	conn.Write([]byte{5, 2})
	user := string(field(2)) + ":" + string(field(1))
	conn.Write([]byte{1, 0})
	name := string(field(5)) // version, command, reserved, type 3 (a name), length
	io.ReadFull(conn, make([]byte, 2))
	p.mu.Lock()
	p.users, p.names = append(p.users, user), append(p.names, name)
	p.mu.Unlock()
	conn.Write([]byte{5, p.reply, 0, 1, 0, 0, 0, 0, 0, 0})
	io.Copy(conn, conn)
}

func TestDialerRefuses(t *testing.T) {
	p := newProxyStandIn(t, 0)
	dial := Dialer(p.address)
	for _, address := range []string{
		"example.com:80", "127.0.0.1:80", "[::1]:80", "localhost:80", "x.onion:80", oneOnion,
		"www." + oneOnion + ":80", oneOnion + ".example.com:80", ":80", "",
	} {
		if _, err := dial(t.Context(), "tcp", address); !errors.Is(err, ErrNotOnion) {
			t.Errorf("%q: %v", address, err)
		}
	}
	if _, err := dial(t.Context(), "udp", oneOnion+":80"); !errors.Is(err, ErrNotOnion) {
		t.Errorf("udp: %v", err)
	}
	if len(p.names) != 0 {
		t.Errorf("the proxy was asked for %q", p.names)
	}
}

func TestDialerIsolates(t *testing.T) {
	p := newProxyStandIn(t, 0)
	first, second := Dialer(p.address), Dialer(p.address)
	for _, d := range []struct {
		dial DialContext
		name string
	}{{first, oneOnion}, {first, oneOnion}, {first, otherOnion}, {second, oneOnion}} {
		conn, err := d.dial(t.Context(), "tcp", d.name+":80")
		if err != nil {
			t.Fatal(err)
		}
		conn.Close()
	}
	u := p.users
	if u[0] != u[1] || u[0] == u[2] || u[0] == u[3] || u[2] == u[3] {
		t.Errorf("credentials: %q", u)
	}
	if p.names[0] != oneOnion || p.names[2] != otherOnion {
		t.Errorf("names: %q", p.names)
	}
}

// TestDialerLeavesDeadCircuits: other credentials lead around a circuit on which
// nothing came; one that answers is kept.
func TestDialerLeavesDeadCircuits(t *testing.T) {
	p := newProxyStandIn(t, 0)
	dial := Dialer(p.address)
	try := func(use func(net.Conn)) {
		t.Helper()
		conn, err := dial(t.Context(), "tcp", oneOnion+":80")
		if err != nil {
			t.Fatal(err)
		}
		use(conn)
		conn.Close()
	}
	asks := func(c net.Conn) { c.Write([]byte("ask\n")) }
	try(asks)
	answered := func(c net.Conn) { asks(c); io.ReadFull(c, make([]byte, 4)) }
	try(answered)
	try(func(net.Conn) {})
	try(func(c net.Conn) { // an answer that breaks off
		answered(c)
		c.SetReadDeadline(time.Unix(1, 0))
		c.Read(make([]byte, 1))
	})
	p.reply = 1
	if _, err := dial(t.Context(), "tcp", oneOnion+":80"); err == nil {
		t.Fatal("connected")
	}
	p.reply = 0
	try(func(net.Conn) {})
	if u := p.users; u[0] == u[1] || u[1] != u[2] || u[2] != u[3] || u[3] == u[4] || u[4] == u[5] {
		t.Errorf("credentials: %q", u)
	}
}

func TestDialerErrors(t *testing.T) {
	const hostUnreachable = 4
	p := newProxyStandIn(t, hostUnreachable)
	if _, err := Dialer(p.address)(t.Context(), "tcp", oneOnion+":80"); err != ErrUnreachable {
		t.Errorf("an unreachable service: %v", err)
	}
	if _, err := Dialer("127.0.0.1:1")(t.Context(), "tcp", oneOnion+":80"); err != ErrNoTor {
		t.Errorf("no Tor: %v", err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := Dialer(p.address)(ended, "tcp", oneOnion+":80"); err != context.Canceled {
		t.Errorf("a cancelled dial: %v", err)
	}
}
