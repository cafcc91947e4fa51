package webui

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"ashpost/webui/api"
)

// TestTwoListeners: Tor's socket and the preview are told apart by the
// listener, not by anything in the request.
func TestTwoListeners(t *testing.T) {
	v, _ := openVault(t, &setup{}, new(atomic.Int64))
	s := New(v, Config{Hosts: func(preview bool) []string {
		if preview {
			return []string{"127.0.0.1:8080"}
		}
		return []string{"a.onion"}
	}})
	done := make(chan error, 2)
	var conns []net.Conn
	for _, preview := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "s")
		l, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		go func() { done <- s.Serve(l, preview) }()
		conn, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
		if !preview {
			io.WriteString(conn, preamble(257))
		}
		own, other := "a.onion", "127.0.0.1:8080"
		if preview {
			own, other = other, own
		}
		for _, host := range []string{own, other} { // the other's closes the connection
			fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nX-Preview: true\r\n\r\n", api.PathService, host)
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			want := fmt.Sprintf(`"preview":%v`, preview)
			if host == other {
				want = "unknown host"
			}
			if err != nil || !strings.Contains(string(body), want) {
				t.Errorf("%v %s", err, body)
			}
		}
	}
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	for _, conn := range conns {
		if err := <-done; err != nil {
			t.Error(err)
		}
		if n, err := conn.Read(make([]byte, 1)); err == nil {
			t.Errorf("%d bytes after the end", n)
		}
		conn.Close()
	}
	l := newPipes()
	if err := s.Serve(l, false); !errors.Is(err, http.ErrServerClosed) {
		t.Errorf("serving after the end: %v", err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Error("the listener stays open")
	}
}

// TestShutdownCutsDownloads: a reader who stalls does not hold up the end.
func TestShutdownCutsDownloads(t *testing.T) {
	r := start(t, setup{})
	l := r.sentInParts(32 << 20)
	r.want(200, r.claim(l))
	res := r.stalled(l)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.s.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("shutdown: %v", err)
	}
	if _, err := io.ReadAll(res.Body); err == nil {
		t.Error("the download ended as if it were whole")
	}
}
