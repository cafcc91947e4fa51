package onion_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"ashpost/onion"
	"ashpost/onion/tortest"
)

// patience is for a loaded machine; what is waited for takes seconds.
const patience = 90 * time.Second

// await follows a service until its state satisfies enough.
func await(t *testing.T, s *onion.Service, what string, enough func(onion.State) bool) onion.State {
	t.Helper()
	late := time.After(patience)
	for {
		changed := s.Changes()
		state := s.State()
		if enough(state) {
			return state
		}
		select {
		case <-changed:
		case <-late:
			t.Fatalf("waited in vain for %s: %+v", what, state)
		}
	}
}

func published(s onion.State) bool   { return s.Published }
func unpublished(s onion.State) bool { return !s.Published }

// target serves HTTP on a unix socket until the test ends. It answers with the
// host asked for, and the id of the circuit in a header.
func target(t *testing.T, dir string) string {
	t.Helper()
	socket := filepath.Join(dir, "web.sock")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Circuit", r.RemoteAddr)
			io.WriteString(w, "hello "+r.Host)
		}),
	}
	done := make(chan struct{})
	go func() { defer close(done); server.Serve(named{l}) }()
	t.Cleanup(func() { server.Close(); <-done })
	return socket
}

// named takes the line off the front of each stream that names its circuit.
type named struct{ net.Listener }

func (n named) Accept() (net.Conn, error) {
	c, err := n.Listener.Accept()
	if err != nil {
		return nil, err
	}
	var line []byte
	for one := make([]byte, 1); !bytes.HasSuffix(line, []byte("\n")); line = append(line, one...) {
		if _, err := c.Read(one); err != nil {
			break // net/http finds the same
		}
	}
	var high, low uint32
	fmt.Sscanf(string(line), "PROXY TCP6 fc00:dead:beef:4dad::%x:%x ", &high, &low) // else 0, which no circuit is
	return circuit{c, high<<16 | low}, nil
}

type circuit struct {
	net.Conn
	id uint32
}

func (c circuit) RemoteAddr() net.Addr {
	return &net.UnixAddr{Name: strconv.FormatUint(uint64(c.id), 10), Net: "unix"}
}

// start runs a service and returns what ends it and waits.
func start(t *testing.T, c onion.Config) (s *onion.Service, end func()) {
	t.Helper()
	s, err := onion.New(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	ended := false
	end = func() {
		if ended {
			return
		}
		ended = true
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(patience): // a loaded machine takes its time to kill a process
			t.Error("Run does not return")
		}
	}
	t.Cleanup(end)
	return s, end
}

// fetch gets the page of an onion, on circuits of its own each time.
func fetch(t *testing.T, address string) {
	t.Helper()
	fetchBy(t, needNetwork(t).client, address)
}

func fetchBy(t *testing.T, c *tortest.Client, address string) {
	t.Helper()
	late := time.Now().Add(patience)
	for {
		// A circuit through a relay that was just busy is given up early.
		err := tryFetch(t, c, address, 10*time.Second)
		if err == nil {
			return
		}
		if time.Now().After(late) {
			t.Fatal(err)
		}
	}
}

func tryFetch(t *testing.T, c *tortest.Client, address string, within time.Duration) error {
	transport := &http.Transport{DialContext: onion.Dialer(c.SOCKS)}
	defer transport.CloseIdleConnections()
	answer, err := (&http.Client{Transport: transport, Timeout: within}).Get("http://" + address + "/")
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && string(body) != "hello "+address {
		t.Fatalf("the page is %q", body)
	}
	return err
}

// process finds the tor that runs on a state folder; 0 if there is none.
func process(t *testing.T, dir string) int {
	t.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range lines {
		b, _ := os.ReadFile(file) // it may have ended meanwhile
		if strings.Contains(string(b), filepath.Join(dir, "torrc")) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			return pid
		}
	}
	return 0
}
