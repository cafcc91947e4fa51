package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The two parts as two processes: the one that holds the messages has no
// network at all, the one with Tor holds none. Either may start first, and end.
func TestTwoParts(t *testing.T) {
	dir := t.TempDir()
	meeting := filepath.Join(dir, "meet")
	if err := os.Mkdir(meeting, 0o700); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(meeting, "web")
	tor := runTor(t, filepath.Join(dir, "tor"), socket)
	vault := serveAlone(t, filepath.Join(dir, "data"), socket)
	address := vault.address()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	if err := vault.published(ctx); err != nil {
		t.Fatal(err)
	}
	sendsAndOpens(t, address)
	refusesSecond(t, filepath.Join(dir, "tor"), socket)

	if err := tor.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-tor.done
	vault.says(t, "ashpost: warning: The part of Ashpost with Tor is not running")
	if onion := vault.status(t)["onion"].(map[string]any); onion["phase"] != "starting" || "http://"+onion["address"].(string) != address {
		t.Errorf("without Tor: %v", onion)
	}
	again := runTor(t, filepath.Join(dir, "tor"), socket)
	if again.address() != address {
		t.Fatal("the address changed")
	}
	if err := again.published(ctx); err != nil {
		t.Fatal(err)
	}
	sendsAndOpens(t, address)
	if _, err := again.stop(); err != nil {
		t.Error(err)
	}
	if left := processesNaming(t, filepath.Join(dir, "tor")); len(left) > 0 {
		t.Errorf("still running: %q", left)
	}
}

// refusesSecond: while the part with Tor runs, nobody else runs on its folder or
// changes its address.
func refusesSecond(t *testing.T, data, socket string) {
	t.Helper()
	dir := t.TempDir()
	key, passphrase := filepath.Join(dir, "key.age"), filepath.Join(dir, "passphrase")
	check(t, os.WriteFile(passphrase, []byte("correct horse\n"), 0o600))
	if r := ashpost(t, "", "onion", "export", key, "--passphrase-file", passphrase, "--data", data); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	for _, args := range [][]string{
		{"onion", "run", "--data", data, "--target", socket, "--tor-network", world.torrc},
		{"onion", "import", key, "--passphrase-file", passphrase, "--data", data},
	} {
		if r := ashpost(t, "", args...); r.code != 7 || !strings.Contains(r.err, "running on this data folder") {
			t.Errorf("%s %s: %+v", args[0], args[1], r)
		}
	}
}

// sendsAndOpens is a round trip by the command line over Tor.
func sendsAndOpens(t *testing.T, address string) {
	t.Helper()
	send := ashpost(t, secret, "send", "--service", address, "--socks", world.socks)
	if send.code != 0 {
		t.Fatalf("%+v", send)
	}
	open := ashpost(t, strings.TrimSpace(send.out), "open", "--socks", world.socks, "--out", t.TempDir())
	if open.code != 0 || open.out != secret {
		t.Fatalf("%+v", open)
	}
}

func runTor(t *testing.T, data, socket string) *service {
	t.Helper()
	return process(t, exec.Command(world.binary, "onion", "run", "--data", data, "--target", socket, "--tor-network", world.torrc), data)
}

// serveAlone runs serve in a network namespace with nothing in it, which only
// root may make.
func serveAlone(t *testing.T, data, socket string) *service {
	t.Helper()
	cmd := exec.Command(world.binary, "serve", "--data", data, "--volatile-if-needed", "--socket", socket)
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	} else {
		t.Log("not root: the part that serves keeps its network in this run")
	}
	return process(t, cmd, data)
}
