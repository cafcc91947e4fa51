package onion_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ashpost/onion"
)

// obfs4proxy is where the program is; without it the test says what is missing.
func obfs4proxy(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("obfs4proxy")
	if err != nil {
		t.Skip("obfs4proxy is missing: apt-get install obfs4proxy")
	}
	return program
}

func bridge(t *testing.T, line string) onion.Bridge {
	t.Helper()
	b, err := onion.ParseBridge(line)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A service that reaches the network through a bridge alone is reached.
func TestBridgedService(t *testing.T) {
	program := obfs4proxy(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	line, err := needNetwork(t).network.Bridge(ctx, program)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s, end := start(t, onion.Config{Dir: dir, Target: target(t, dir), Tor: needTor(t), Network: needNetwork(t).network.Torrc(),
		Access: onion.Access{Bridges: []onion.Bridge{bridge(t, line)}}})
	state := await(t, s, "publication", published)
	fetch(t, state.Address)
	if state := s.State(); strings.Contains(fmt.Sprintf("%+v", state), "127.0.0.1") {
		t.Errorf("%+v", state)
	}
	end()
}

// A bridge that does not answer is called that.
func TestSilentBridge(t *testing.T) {
	t.Parallel()
	program := obfs4proxy(t)
	dir := t.TempDir()
	line := "obfs4 127.0.0.1:9 0123456789ABCDEF0123456789ABCDEF01234567 cert=" + strings.Repeat("A", 70) + " iat-mode=0"
	s, _ := start(t, onion.Config{Dir: dir, Target: target(t, dir), Tor: needTor(t), Network: dead,
		Access: onion.Access{Bridges: []onion.Bridge{bridge(t, line)}, Transports: map[string]string{"obfs4": program}}})
	bad := await(t, s, "trouble", func(s onion.State) bool { return s.Kind != "" })
	if bad.Kind != onion.BridgeFails || bad.Trouble == "" || bad.Advice == "" {
		t.Errorf("%+v", bad)
	}
}

// TestNothingBeforeABridge: nothing is connected to before there is a line, and
// then nothing but the bridge.
func TestNothingBeforeABridge(t *testing.T) {
	t.Parallel()
	authority, bridge := counted(t), counted(t)
	network := fmt.Sprintf("TestingTorNetwork 1\nDirAuthority one orport=%d no-v2 "+
		"v3ident=0000000000000000000000000000000000000001 127.0.0.1:%[1]d 0000000000000000000000000000000000000001\n", authority.port)
	dir := t.TempDir()
	file := filepath.Join(dir, "bridges")
	s, _ := start(t, onion.Config{Dir: filepath.Join(dir, "tor"), Target: target(t, dir), Tor: needTor(t), Network: network,
		Access: onion.Access{File: file, Required: true}})
	waiting := await(t, s, "a wish for bridges", func(s onion.State) bool { return s.Kind == onion.NeedsBridge })
	if waiting.Address == "" || !strings.Contains(waiting.Trouble, "no bridge line") || waiting.Progress > 0 {
		t.Errorf("%+v", waiting)
	}
	if err := os.WriteFile(file, []byte("nonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	await(t, s, "word of the bad line", func(s onion.State) bool { return strings.Contains(s.Trouble, "line 1") })
	if got := len(authority.came) + len(bridge.came); got != 0 {
		t.Errorf("%d connections before there was a bridge", got)
	}
	if err := os.WriteFile(file, fmt.Appendf(nil, "127.0.0.1:%d\n", bridge.port), 0o600); err != nil {
		t.Fatal(err)
	}
	select {
	case <-bridge.came:
	case <-time.After(patience):
		t.Error("the bridge is not connected to")
	}
	if len(authority.came) != 0 {
		t.Error("the authority was connected to directly")
	}
}

// counter counts connections, and closes them.
type counter struct {
	port int
	came chan struct{}
}

func counted(t *testing.T) counter {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := counter{l.Addr().(*net.TCPAddr).Port, make(chan struct{}, 100)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Close()
			select {
			case c.came <- struct{}{}:
			default: // enough
			}
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return c
}
