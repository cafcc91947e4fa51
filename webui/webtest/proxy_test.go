package webtest

import (
	"bytes"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/proxy"
)

func newProxy(t *testing.T, r Route) *Proxy {
	t.Helper()
	p, err := NewProxy(r)
	check(t, err)
	t.Cleanup(func() { check(t, p.Close()) })
	return p
}

// echo answers each connection with what it sent, after its end of stream.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = io.Copy(c, c)
			}()
		}
	}()
	return l.Addr().String()
}

func dial(t *testing.T, p *Proxy, dest string) (net.Conn, error) {
	t.Helper()
	d, err := proxy.SOCKS5("tcp", p.Addr(), nil, nil)
	check(t, err)
	c, err := d.Dial("tcp", dest)
	if err == nil {
		t.Cleanup(func() { c.Close() })
	}
	return c, err
}

func TestProxyRoutes(t *testing.T) {
	target := echo(t)
	_, port, _ := net.SplitHostPort(target)
	inner := newProxy(t, Route{Host: "inner.onion:80", Target: target})
	for _, c := range []struct {
		name  string
		route Route
		dest  string
		pass  bool
	}{
		{"loopback", Route{}, target, true},
		{"localhost", Route{}, "localhost:" + port, true},
		{"not loopback", Route{}, "192.0.2.1:80", false},
		{"a name that looks like loopback", Route{}, "127.0.0.1.example:80", false},
		{"the host", Route{Host: target}, target, true},
		{"another port", Route{Host: target}, "127.0.0.1:1", false},
		{"mapped", Route{Host: "test.onion:80", Target: target}, "test.onion:80", true},
		{"below the host", Route{Host: "test.onion:80", Target: target}, "www.test.onion:80", false},
		{"the target itself", Route{Host: "test.onion:80", Target: target}, target, false},
		{"through another proxy", Route{Host: "inner.onion:80", Socks: inner.Addr()}, "inner.onion:80", true},
		{"IPv6", Route{}, "[2001:db8::1]:443", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newProxy(t, c.route)
			conn, err := dial(t, p, c.dest)
			if (err == nil) != c.pass {
				t.Fatalf("dial: %v", err)
			}
			if refused := slices.Contains(p.Refused(), c.dest); refused == c.pass {
				t.Errorf("refused: %q", p.Refused())
			}
			if c.pass {
				testEcho(t, p, conn)
			}
		})
	}
}

func testEcho(t *testing.T, p *Proxy, conn net.Conn) {
	sent := bytes.Repeat([]byte("x"), 100_000)
	_, err := conn.Write(sent)
	check(t, err)
	check(t, conn.(interface{ CloseWrite() error }).CloseWrite())
	got, err := io.ReadAll(conn)
	if err != nil || !bytes.Equal(got, sent) {
		t.Fatalf("%d bytes back, %v", len(got), err)
	}
	if s := p.Stats(); s != (Stats{Conns: 1, Up: 100_000, Down: 100_000}) {
		t.Errorf("stats: %+v", s)
	}
}

func TestProxyCut(t *testing.T) {
	p := newProxy(t, Route{Host: "test.onion:80", Target: echo(t)})
	one, err := dial(t, p, "test.onion:80")
	check(t, err)
	_, err = one.Write([]byte("ping"))
	check(t, err)
	_, err = io.ReadFull(one, make([]byte, 4))
	check(t, err)
	if n := p.Cut(); n != 1 {
		t.Errorf("cut %d connections", n)
	}
	if n, err := one.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("after the cut: %d bytes, %v", n, err)
	}
	two, err := dial(t, p, "test.onion:80")
	check(t, err)
	p.CutAfter(10)
	_, err = two.Write([]byte("0123456789abcdef"))
	check(t, err)
	if got, _ := io.ReadAll(two); len(got) > 0 {
		t.Errorf("%q came back though the cut was on the way there", got)
	}
	three, err := dial(t, p, "test.onion:80")
	check(t, err)
	_, err = three.Write([]byte("again"))
	check(t, err)
	if _, err := io.ReadFull(three, make([]byte, 5)); err != nil {
		t.Errorf("after the cut: %v", err)
	}
}

func TestProxyDelay(t *testing.T) {
	target := echo(t)
	p := newProxy(t, Route{Host: target})
	c, err := dial(t, p, target)
	check(t, err)
	const delay = 50 * time.Millisecond
	p.SetDelay(delay)
	before := time.Now()
	_, err = c.Write([]byte("far"))
	check(t, err)
	_, err = io.ReadFull(c, make([]byte, 3))
	check(t, err)
	if took := time.Since(before); took < delay {
		t.Errorf("back after %v", took)
	}
}

func TestReadConnectRefuses(t *testing.T) {
	for name, input := range map[string]string{
		"nothing": "", "SOCKS4": "\x04\x01\x00\x50", "BIND": "\x05\x01\x00\x05\x02\x00\x01\x7f\x00\x00\x01\x00\x50",
		"an unknown kind": "\x05\x01\x00\x05\x01\x00\x09", "an empty name": "\x05\x01\x00\x05\x01\x00\x03\x00\x00\x50",
		"a cut name": "\x05\x01\x00\x05\x01\x00\x03\x09abc", "HTTP": "GET http://a/ HTTP/1.1\r\n\r\n",
	} {
		c := struct {
			io.Reader
			io.Writer
		}{strings.NewReader(input), io.Discard}
		if dest, err := readConnect(c); err == nil || dest != "" {
			t.Errorf("%s: %q, %v", name, dest, err)
		}
	}
	for _, r := range []Route{{Target: "a", Socks: "b"}, {Host: "test.onion:80"}} {
		if _, err := NewProxy(r); err == nil {
			t.Errorf("%+v is taken", r)
		}
	}
}
