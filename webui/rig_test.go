package webui

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
	"ashpost/webui/api"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// A rig is a real server in front of a real vault, on a loopback port.
type rig struct {
	testing.TB
	v      *vault.Vault
	s      *Server
	host   string
	halt   func()        // ends the reaper, for what comes when it does not run
	later  *atomic.Int64 // nanoseconds by which the vault's clocks run ahead
	client *http.Client
	socket string // Tor's, of an onion
	pipes  *pipes // instead of it
	tapped *tap   // of an owner's session
}

type setup struct {
	vault  vault.Options
	limits func(*limits)
	onion  bool // on Tor's socket; circuits are dialled with through
	pipes  bool // that socket is pipes on fake time
	locked bool // the maintenance that would open the vault does not run
	close  func(circuit uint32) error

	policy   Policy
	contact  *Contact
	operator *Operator
}

func start(t testing.TB, o setup) *rig {
	t.Helper()
	r := &rig{TB: t, later: new(atomic.Int64)}
	r.v, r.halt = openVault(t, &o, r.later)
	l := standard()
	if o.limits != nil {
		o.limits(&l)
	}
	listen := func() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") }
	if o.onion {
		listen = func() (net.Listener, error) { return r.torSocket(o.pipes) }
	}
	listener, err := listen()
	if err != nil {
		t.Fatal(err)
	}
	r.host = listener.Addr().String()
	if o.onion {
		r.host = "test.onion"
	}
	r.s = build(r.v, Config{Hosts: func(bool) []string { return []string{r.host} }, CloseCircuit: o.close,
		Policy: o.policy, Contact: o.contact, Operator: o.operator}, l)
	done := make(chan error, 1)
	go func() { done <- r.s.Serve(listener, !o.onion) }()
	transport := &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 32}
	r.client = &http.Client{Transport: transport}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := r.s.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return r
}

// openVault opens a vault whose clocks can be turned, and waits until its
// maintenance has opened it.
func openVault(t testing.TB, o *setup, later *atomic.Int64) (v *vault.Vault, halt func()) {
	begin := time.Now()
	o.vault.Clock = vault.Clock{
		Wall: func() time.Time { return time.Now().Add(time.Duration(later.Load())) },
		Boot: func() time.Duration { return time.Since(begin) + time.Duration(later.Load()) },
	}
	if begin.Year() < 2020 { // fake time
		later.Store(int64(50 * 365 * 24 * time.Hour))
	}
	if o.vault.Slots == 0 {
		o.vault.Slots = 4096
	}
	if o.vault.FileSystem == nil {
		o.vault.FileSystem = vaulttest.InPlace
	}
	v, err := vault.Open(filepath.Join(t.TempDir(), "data"), o.vault)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan struct{})
	go func() {
		defer close(ran)
		if !o.locked {
			v.Run(ctx)
		}
	}()
	halt = func() { cancel(); <-ran }
	t.Cleanup(func() {
		halt()
		if err := v.Close(); err != nil {
			t.Errorf("closing the vault: %v", err)
		}
	})
	for deadline := time.Now().Add(time.Minute); !o.locked && !v.Status().Open; {
		if time.Now().After(deadline) {
			t.Fatalf("the vault stays locked: %s", v.Status().Cause)
		}
		time.Sleep(time.Millisecond) // polling: Run has no other sign
	}
	return v, halt
}

// turn moves the vault's clocks forward.
func (r *rig) turn(d time.Duration) { r.later.Add(int64(d)) }

// A reply is an answer read to its end.
type reply struct {
	status int
	header http.Header
	body   []byte
	last   bool // the connection is closed behind it
}

func (a reply) code(t testing.TB) api.Code {
	t.Helper()
	var e api.Error
	if err := json.Unmarshal(a.body, &e); err != nil {
		t.Fatalf("status %d with a body that is no refusal: %q", a.status, a.body)
	}
	return e.Code
}

// do sends one request. head alternates names and values.
func (r *rig) do(method, path string, body []byte, head ...string) reply {
	r.Helper()
	a, err := r.try(method, path, body, head...)
	if err != nil {
		r.Fatalf("%s: %v", method, err)
	}
	return a
}

func (r *rig) try(method, path string, body []byte, head ...string) (reply, error) {
	req, err := http.NewRequest(method, "http://"+r.host+path, bytes.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	for i := 0; i < len(head); i += 2 {
		req.Header.Add(head[i], head[i+1])
	}
	res, err := r.client.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	return reply{res.StatusCode, res.Header, got, res.Close}, err
}

// raw sends bytes over a connection of its own and reads until it is closed
// or the first answer has come.
func (r *rig) raw(request string) (answer string, closed bool) {
	r.Helper()
	conn, err := net.Dial("tcp", r.host)
	if err != nil {
		r.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute))
	go io.WriteString(conn, strings.ReplaceAll(request, "HOST", r.host)) // the server may stop reading
	var seen bytes.Buffer
	in := bufio.NewReader(io.TeeReader(conn, &seen))
	res, err := http.ReadResponse(in, nil)
	if err != nil {
		return seen.String(), true
	}
	io.Copy(io.Discard, res.Body)
	return seen.String(), res.Close
}

func (r *rig) dial() *net.TCPConn {
	r.Helper()
	conn, err := net.Dial("tcp", r.host)
	if err != nil {
		r.Fatal(err)
	}
	conn.SetDeadline(time.Now().Add(time.Minute))
	return conn.(*net.TCPConn)
}
