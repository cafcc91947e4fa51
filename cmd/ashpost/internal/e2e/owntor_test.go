package e2e

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Without a Tor on this machine, send and open start one of their own, directly
// or through a bridge; it is gone afterwards, and its state stays.
func TestOwnTor(t *testing.T) {
	noTorHere(t)
	state := t.TempDir()
	t.Setenv("XDG_STATE_HOME", state)
	passesThrough(t, state)
	dir := filepath.Join(state, "ashpost")
	for _, place := range []string{dir, filepath.Join(dir, "private-1")} {
		if st, err := os.Stat(place); err != nil || st.Mode().Perm() != 0o700 {
			t.Errorf("%v, %v", st, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "private-2")); err == nil {
		t.Error("the second command did not reuse the first one's state")
	}
}

// noTorHere skips a test that wants a Tor of the command's own.
func noTorHere(t *testing.T) {
	t.Helper()
	for _, port := range []string{"9050", "9150"} {
		if conn, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
			conn.Close()
			t.Skip("something listens on port " + port + " of this machine: it would be used instead")
		}
	}
}

func TestOwnTorThroughABridge(t *testing.T) {
	program, err := exec.LookPath("obfs4proxy")
	if err != nil {
		t.Skip("obfs4proxy is missing: apt-get install obfs4proxy")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	line, err := world.network.Bridge(ctx, program)
	if err != nil {
		t.Fatal(err)
	}
	state := t.TempDir()
	t.Setenv("XDG_STATE_HOME", state)
	file := filepath.Join(state, "bridges")
	if err := os.WriteFile(file, []byte(line+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	passesThrough(t, state, "--bridges", file)
}

// passesThrough passes a message with these flags.
func passesThrough(t *testing.T, state string, flags ...string) {
	t.Helper()
	flags = append(flags, "--tor-network", world.torrc)
	send := ashpost(t, secret, append([]string{"send", "--service", world.service.address()}, flags...)...)
	if send.code != 0 {
		t.Fatalf("%+v", send)
	}
	open := ashpost(t, send.out, append([]string{"open", "--out", t.TempDir()}, flags...)...)
	if open.code != 0 || open.out != secret {
		t.Errorf("%+v", open)
	}
	if strings.Contains(send.err+open.err, "127.0.0.1") {
		t.Errorf("an address is printed: %s%s", send.err, open.err)
	}
	if left := processesNaming(t, state); len(left) > 0 {
		t.Errorf("still running: %q", left)
	}
}
