package onion_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"ashpost/onion"
)

// stranger listens as something that is not Tor: it gives its lines one after
// another, each when it is spoken to, and records what it was told.
type stranger struct {
	address string
	heard   func() []byte // after it has gone
}

func listen(t *testing.T, lines ...string) stranger {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var heard bytes.Buffer
	var all sync.WaitGroup
	all.Go(func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		said := make([]byte, 512)
		for _, line := range lines {
			n, err := conn.Read(said)
			if err != nil {
				return
			}
			heard.Write(said[:n])
			io.WriteString(conn, line)
		}
		if lines == nil { // it says nothing, ever
			io.Copy(&heard, conn)
		}
	})
	close := sync.OnceFunc(func() { l.Close(); all.Wait() })
	t.Cleanup(close)
	return stranger{l.Addr().String(), func() []byte { close(); return heard.Bytes() }}
}

func TestFindSOCKSKnowsTor(t *testing.T) {
	p := needNetwork(t)
	const nobody = "127.0.0.1:1"
	tunnel := listen(t, "\x05\x00", "\x05\x07\x00\x01\x00\x00\x00\x00\x00\x00")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	got, err := onion.FindSOCKSAt(ctx, []string{nobody, tunnel.address, p.client.SOCKS})
	if err != nil || got != p.client.SOCKS {
		t.Errorf("%q, %v", got, err)
	}
}

func TestFindSOCKSKnowsStrangers(t *testing.T) {
	for name, lines := range map[string][]string{
		"a SOCKS proxy":         {"\x05\x00", "\x05\x07\x00\x01\x00\x00\x00\x00\x00\x00"},
		"one that grants":       {"\x05\x00", "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"},
		"one that wants a name": {"\x05\xff"},
		"a web server":          {"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"},
		"one that hangs up":     {""},
		"an echo":               {"\x05\x01\x00", "\x05"},
		"silence":               nil,
	} {
		t.Run(name, func(t *testing.T) {
			s := listen(t, lines...)
			limit := patience
			if lines == nil {
				limit = 2 * time.Second // it has to be reached first
			}
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			if got, err := onion.FindSOCKSAt(ctx, []string{s.address}); got != "" || !errors.Is(err, onion.ErrNoTor) || err != onion.ErrStranger {
				t.Errorf("%q, %v", got, err)
			}
			if bytes.Contains(s.heard(), []byte("onion")) {
				t.Error("it was told an onion")
			}
		})
	}
	if _, err := onion.FindSOCKSAt(t.Context(), []string{"127.0.0.1:1"}); err != onion.ErrNoTor {
		t.Errorf("nobody listens: %v", err)
	}
}
