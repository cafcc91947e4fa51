package api

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// host is what the client believes it speaks to; the dialer leads to the test's server.
const host = "secretaddress.onion"

var hurried = pace{
	idle:     time.Minute,
	try:      time.Minute,
	floor:    16 << 20,
	patience: time.Minute,
	resends:  8,
	pause:    time.Millisecond,
	longest:  5 * time.Millisecond,
}

// against makes a client of a server with this handler.
func against(t *testing.T, h http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return dialling(t, server.Listener.Addr().String())
}

// dialling makes a client whose every connection goes to one address.
func dialling(t *testing.T, address string) *Client {
	t.Helper()
	c, err := NewClient("http://"+host, func(ctx context.Context, network, asked string) (net.Conn, error) {
		if asked != host+":80" {
			t.Errorf("the client dials %s", asked)
		}
		var d net.Dialer
		return d.DialContext(ctx, network, address)
	})
	if err != nil {
		t.Fatal(err)
	}
	c.pace = hurried
	t.Cleanup(c.Close)
	return c
}

// raw serves fixed bytes to every connection, then closes it. It takes the whole
// request in first: closing with something unread resets the connection.
func raw(t *testing.T, answer func(net.Conn)) *Client {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.SetDeadline(time.Now().Add(time.Minute))
			if r, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				io.Copy(io.Discard, r.Body)
				answer(conn)
			}
			conn.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	client := dialling(t, l.Addr().String())
	client.pace.patience = 100 * time.Millisecond // such a service never mends
	return client
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", TypeJSON)
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

// secretless fails if an error could tell a log where a message is.
func secretless(t *testing.T, err error, secrets ...string) {
	t.Helper()
	text := fmt.Sprintf("%v %+v %s", err, err, err)
	for _, s := range append(secrets, host, "127.0.0.1", "/api/") {
		if strings.Contains(text, s) {
			t.Errorf("the error says too much: %q", text)
		}
	}
}

// allocated is the least memory f took in three runs: other goroutines take some
// now and then.
func allocated(f func()) uint64 {
	least := uint64(math.MaxUint64)
	for range 3 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	return least
}
