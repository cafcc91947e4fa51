package onion

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// What tor has started ends with it, even if it ignores what it is told.
func TestNothingOutlivesTor(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	ends, err := os.OpenFile(fifo, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer ends.Close()
	var said bytes.Buffer
	script := `trap "" TERM HUP INT; exec 3>"$0"; sleep 1000 >&3 2>&3 3>&- & echo $!`
	if err := (Tor{Path: "/bin/sh"}).Run(t.Context(), &said, "-c", script, fifo); err != nil {
		t.Fatal(err)
	}
	started, err := strconv.Atoi(strings.TrimSpace(said.String()))
	if err != nil {
		t.Fatal(err)
	}
	if err := ends.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := ends.Read(make([]byte, 1)); err != io.EOF { // of the last writer
		t.Errorf("it runs on: %v", err)
		unix.Kill(started, unix.SIGKILL)
	}
}
