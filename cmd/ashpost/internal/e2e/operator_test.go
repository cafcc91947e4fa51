package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"ashpost/webui/webtest"
)

// Ctrl-C stops everything within three seconds, Tor included; a second start
// keeps the address; a second process on the folder is turned away.
func TestStartStopStart(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	first := serve(t, data, "--tor-network", world.torrc)
	address := first.address()
	second := serve(t, data, "--tor-network", world.torrc)
	second.says(t, "ashpost: error: another Ashpost is already running")
	const limit, tries = 3 * time.Second, 3 // it takes a hundredth of that: only a loaded machine needs another try
	for try := 1; ; try++ {
		first.says(t, "ashpost: published: ")
		took, err := first.stop()
		if t.Logf("stopped after %v", took); err != nil || took > limit && try == tries {
			t.Errorf("stopping took %v, %v", took, err)
		}
		if left := processesNaming(t, data); len(left) > 0 {
			t.Errorf("still running: %q", left)
		}
		first = serve(t, data, "--tor-network", world.torrc)
		if again := first.address(); again != address {
			t.Error("the address changed")
		}
		if took <= limit || try == tries {
			return
		}
	}
}

// processesNaming lists the processes whose command line names the folder.
func processesNaming(t *testing.T, dir string) (found []string) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if b, err := os.ReadFile(f); err == nil && strings.Contains(string(b), dir) {
			found = append(found, strings.ReplaceAll(string(b), "\x00", " "))
		}
	}
	return found
}

// An operator with a fault: the mark cannot be written, so the service stops
// itself, says so everywhere, and opens a minute after the fault is gone.
func TestLockedServiceSaysSo(t *testing.T) {
	t.Parallel() // it waits for a minute
	s := serveStopped(t)
	url := s.says(t, "ashpost: preview on this machine: ")
	s.says(t, "ashpost: warning: locked: the last maintenance failed")
	if state := s.status(t); state["state"] != "locked" || state["cause"] != "maintenance" {
		t.Errorf("%v", state)
	}
	if r := ashpost(t, "text", "send", "--service", url); r.code != 5 || !strings.Contains(r.err, "locked") {
		t.Errorf("%+v", r)
	}
	visitor, err := webtest.Chromium(t.Context(), webtest.Options{Width: 390, Height: 844})
	if err != nil {
		t.Fatal(err)
	}
	defer visitor.Close()
	p := &person{visitor, t, nil}
	p.goes(url)
	p.sees("This service has stopped itself")
	p.shoots("stopped")
	if err := os.Remove(filepath.Join(s.data, "mark.new")); err != nil {
		t.Fatal(err)
	}
	s.says(t, "ashpost: open: destruction is proven") // within a minute
	if r := ashpost(t, "text", "send", "--service", url); r.code != 0 {
		t.Errorf("%+v", r)
	}
}

// serveStopped starts a service whose mark cannot be written.
func serveStopped(t *testing.T) *service {
	data := filepath.Join(t.TempDir(), "data")
	for _, dir := range []string{data, filepath.Join(data, "mark.new")} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return serve(t, data, "--no-tor", "--preview", "127.0.0.1:0")
}

// A service that keeps messages in memory only says so on every page.
func TestVolatileServiceSaysSo(t *testing.T) {
	s := serve(t, filepath.Join(t.TempDir(), "data"), "--volatile", "--no-tor", "--preview", "127.0.0.1:0")
	s.says(t, "ashpost: messages are kept in memory only")
	url := s.says(t, "ashpost: preview on this machine: ")
	visitor, err := webtest.Chromium(t.Context(), webtest.Options{Width: 390, Height: 844})
	if err != nil {
		t.Fatal(err)
	}
	defer visitor.Close()
	p := &person{visitor, t, nil}
	for _, page := range []string{"", "how"} {
		p.goes(url + page)
		p.sees("This service keeps messages in memory only: they are lost when it stops.")
	}
}

// A damaged slot file: the service says so, and the operator's word starts it
// anew.
func TestUnlockAfterDamage(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "slots"), []byte("damage"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, data, "--no-tor", "--preview", "127.0.0.1:0")
	const preview = "ashpost: preview on this machine: "
	if _, err := s.out.wait(t.Context(), s.done, preview); err != nil && strings.Contains(err.Error(), "the data folder is on ") {
		t.Skip("the temporary folder cannot destroy, so no slots can lie on it")
	}
	url := s.says(t, preview)
	s.says(t, "ashpost: warning: locked: the data folder is damaged")
	if r := ashpost(t, "no\n", "unlock", "--data", data); r.code != 7 || !strings.Contains(r.err, "every message is lost") {
		t.Errorf("%+v", r)
	}
	if r := ashpost(t, "text", "send", "--service", url); r.code != 5 {
		t.Errorf("%+v", r)
	}
	if r := ashpost(t, "unlock\n", "unlock", "--data", data); r.code != 0 {
		t.Errorf("%+v", r)
	}
	if r := ashpost(t, "text", "send", "--service", url); r.code != 0 {
		t.Errorf("%+v", r)
	}
}

// Without a way to the Tor network the service stays up and says why.
func TestNoWayToTor(t *testing.T) {
	t.Parallel()
	torrc := filepath.Join(t.TempDir(), "torrc")
	// Port 9 of this machine: nobody listens there.
	lines := regexp.MustCompile(`(127\.0\.0\.1:|orport=)\d+`).ReplaceAllString(world.network.Torrc(), "${1}9")
	if err := os.WriteFile(torrc, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, filepath.Join(t.TempDir(), "data"), "--tor-network", torrc)
	s.says(t, "ashpost: onion address: ")
	s.says(t, "ashpost: warning: ")
	s.says(t, "ashpost: hint: ")
	if state := s.status(t); state["state"] != "open" {
		t.Errorf("%v", state)
	}
	t.Logf("%s", s.out)
}

// The binary of make binary needs no Tor but its own, and runs it from memory.
func TestTorInside(t *testing.T) {
	if os.Getenv("ASHPOST_BINARY") == "" {
		t.Skip("for a binary with a Tor inside: make test-binary")
	}
	out, err := exec.Command(world.binary, "status", "--json", "--data", world.service.data).Output()
	if err != nil {
		t.Fatal(err)
	}
	var status struct {
		Onion struct {
			Phase string
			Tor   struct{ Version, Place, Why string }
		}
	}
	if err := json.Unmarshal(out, &status); err != nil {
		t.Fatal(err)
	}
	if o := status.Onion; o.Phase != "published" || o.Tor.Place != "memory" || o.Tor.Version == "" || o.Tor.Why != "" {
		t.Errorf("%+v", o)
	}
}
