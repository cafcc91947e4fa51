package webui

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/time/rate"
)

// unlimited are limits that are counted, but that no benchmark meets.
func unlimited() limits {
	l := standard()
	l.pace.requests.rate, l.pace.creates.rate, l.pace.bytes.rate, l.budget.creates.rate = rate.Inf, rate.Inf, rate.Inf, rate.Inf
	l.pace.openings.rate = rate.Inf
	l.budget.share = 1e6
	return l
}

// through is the rig as seen over one circuit of Tor.
func (r *rig) through(id uint32) *rig {
	transport := &http.Transport{
		DisableCompression: true, MaxIdleConnsPerHost: 32,
		DialContext: func(context.Context, string, string) (net.Conn, error) { return r.stream(id) },
	}
	r.Cleanup(transport.CloseIdleConnections)
	over := *r
	over.client = &http.Client{Transport: transport}
	return &over
}

// torSocket is what Tor would connect to.
func (r *rig) torSocket(fake bool) (net.Listener, error) {
	if fake {
		r.pipes = newPipes()
		r.pipes.onion = true
		return r.pipes, nil
	}
	r.socket = filepath.Join(r.TempDir(), "s")
	return net.Listen("unix", r.socket)
}

// stream opens a stream as Tor does.
func (r *rig) stream(id uint32) (net.Conn, error) {
	if r.pipes != nil {
		return r.pipes.through(id), nil
	}
	conn, err := net.Dial("unix", r.socket)
	if err == nil {
		conn.SetDeadline(time.Now().Add(time.Minute))
		_, err = io.WriteString(conn, preamble(id))
	}
	return conn, err
}

// open opens a stream and has a page over it, which it stays open after.
func (r *rig) open(id uint32) net.Conn {
	r.Helper()
	conn, err := r.stream(id)
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "GET /how HTTP/1.1\r\nHost: %s\r\n\r\n", r.host)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || res.StatusCode != 200 {
		r.Fatalf("a page over circuit %d: %v %v", id, res, err)
	}
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		r.Fatal(err)
	}
	return conn
}

// ended says whether the server has closed a stream on which it owes nothing.
func ended(t testing.TB, conn net.Conn) bool {
	t.Helper()
	n, err := conn.Read(make([]byte, 1))
	if n > 0 {
		t.Error("a byte came that nobody asked for")
	}
	late, ok := err.(net.Error)
	return err != nil && !(ok && late.Timeout())
}
