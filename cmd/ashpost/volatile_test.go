package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ashpost/vault"
)

// onTmpfs makes a data folder on which nothing can be destroyed for sure.
func onTmpfs(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "ashpost-")
	if err != nil {
		t.Skipf("no tmpfs here: %v", err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "data")
}

// typed runs a command and returns what it printed and its exit code.
func typed(t *testing.T, stdin string, args ...string) (out, complaint string, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command("ashpost", args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()
}

// A folder that cannot destroy is refused in words, with the way out.
func TestServeRefusesFileSystem(t *testing.T) {
	data := onTmpfs(t)
	_, complaint, code := typed(t, "", "serve", "--no-tor", "--preview", "127.0.0.1:0", "--data", data)
	lines := strings.Split(complaint, "\n")
	if code != exitRefused || len(lines) != 3 || !strings.HasPrefix(lines[0], "ashpost: error: the data folder is on tmpfs, which ") ||
		!strings.HasPrefix(lines[1], "ashpost: hint: ") || !strings.Contains(lines[1], "--volatile") || strings.Contains(complaint, data) {
		t.Errorf("exit code %d\n%s", code, complaint)
	}
}

// There the service runs in memory if it may, says so wherever an operator
// looks, and forgets everything when it stops.
func TestServeVolatileIfNeeded(t *testing.T) {
	data := onTmpfs(t)
	address, stop := startService(t.Fatalf, data)
	link, complaint, code := typed(t, "text", "send", "--service", "http://"+address)
	if code != 0 {
		t.Errorf("send: %s", complaint)
	}
	status, _, _ := typed(t, "", "status", "--data", data)
	for _, line := range []string{"volatile    yes: ", "slots       in ", "file system tmpfs\n", "holds       1 message of "} {
		if !strings.Contains(status, line) {
			t.Errorf("no %q in\n%s", line, status)
		}
	}
	if state, _, _ := typed(t, "", "status", "--json", "--data", data); !strings.Contains(state, `"volatile":true`) {
		t.Errorf("%s", state)
	}
	printed := stop()
	for _, line := range []string{"ashpost: warning: the data folder is on tmpfs", "ashpost: messages are kept in memory only, "} {
		if !strings.Contains(printed, line) {
			t.Errorf("serve does not say %q\n%s", line, printed)
		}
	}
	again, stop := startService(t.Fatalf, data)
	defer stop()
	link = strings.Replace(link, address, again, 1)
	if out, complaint, code := typed(t, link, "open"); code != exitGone {
		t.Errorf("after a stop: exit code %d %q %s", code, out, complaint)
	}
}

// The operator sees on what the promise rests.
func TestStatusOfAKeepingService(t *testing.T) {
	s := report{State: "open", Storage: "disk", System: "ext4"}
	var out bytes.Buffer
	if err := s.print(&tui{out: &out}); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"volatile    no: ", "slots       on the disk; verified by reading the device\n", "file system ext4\n"} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("no %q in\n%s", line, &out)
		}
	}
	for percent, says := range map[int]string{0: "0 % of what ", vault.FullAt: "; new messages are refused, reading goes on"} {
		if words := filledWords(percent); !strings.Contains(words, says) {
			t.Error(words)
		}
	}
	if words := storageWords(vault.StorageCached); !strings.Contains(words, "verified by re-reading the page cache") {
		t.Error(words)
	}
}
