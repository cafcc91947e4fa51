package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const anAddress = "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion"

// TestSocketsOfTheSystem: sockets that the system made and handed over are
// served, whatever their folder, and are still there afterwards.
func TestSocketsOfTheSystem(t *testing.T) {
	dir := t.TempDir()
	must(t, os.Chmod(dir, 0o755))
	web := filepath.Join(dir, "web.sock")
	// A shell gives itself the variables that name its own process.
	cmd := exec.Command("sh", "-c", `LISTEN_PID=$$ LISTEN_FDS=2 exec "$0" serve --data "$1" --volatile-if-needed --socket "$2"`,
		program(t), filepath.Join(dir, "data"), web)
	for _, path := range []string{web, web + controlSuffix} {
		cmd.ExtraFiles = append(cmd.ExtraFiles, handedOver(t, path))
	}
	var printed strings.Builder
	cmd.Stdout, cmd.Stderr = &printed, &printed
	must(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill() })

	control, err := net.Dial("unix", web+controlSuffix) // queued until it is served
	must(t, err)
	defer control.Close()
	fmt.Fprintf(control, `{"address":%q,"phase":"published","progress":100,"published":true}`+"\n", anAddress)
	if status := untilOpen(t, web); status != http.StatusOK {
		t.Errorf("the service answers %d", status)
	}
	must(t, cmd.Process.Signal(syscall.SIGTERM))
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v: %s", err, &printed)
	}
	for _, path := range []string{web, web + controlSuffix} {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("a socket of the system's is gone: %v", err)
		}
	}
}

// program is this test binary, which testscript's TestMain lets be ashpost.
func program(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("ashpost")
	must(t, err)
	return path
}

func handedOver(t *testing.T, path string) *os.File {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	must(t, err)
	l.SetUnlinkOnClose(false)
	f, err := l.File()
	must(t, err)
	l.Close()
	t.Cleanup(func() { f.Close() })
	return f
}

// untilOpen asks until the service knows its address and gives what it answers.
func untilOpen(t *testing.T, socket string) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
		must(t, err)
		deadline, _ := ctx.Deadline()
		conn.SetDeadline(deadline)
		fmt.Fprintf(conn, "PROXY TCP6 fc00:dead:beef:4dad::0:101 ::1 257 80\r\nGET /api/v1/service HTTP/1.1\r\nHost: %s\r\n\r\n", anAddress)
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		must(t, err)
		answer.Body.Close()
		conn.Close()
		if answer.StatusCode != http.StatusBadRequest { // unknown host, so far
			return answer.StatusCode
		}
	}
}

// TestOneSocketIsNotEnough: without the control socket the service would wait
// for its address for ever.
func TestOneSocketIsNotEnough(t *testing.T) {
	dir := t.TempDir()
	web := filepath.Join(dir, "web.sock")
	cmd := exec.Command("sh", "-c", `LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" serve --data "$1" --volatile-if-needed --socket "$2"`,
		program(t), filepath.Join(dir, "data"), web)
	cmd.ExtraFiles = []*os.File{handedOver(t, web)}
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "one of the two sockets") {
		t.Errorf("%v: %s", err, out)
	}
}

// TestSocketInUse: another service's socket is left alone, a dead one replaced.
func TestSocketInUse(t *testing.T) {
	dir := t.TempDir()
	must(t, os.Chmod(dir, 0o700))
	path := filepath.Join(dir, "web")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	must(t, err)
	l.SetUnlinkOnClose(false)
	if _, _, err := meetingPoint(path); err == nil || !strings.Contains(err.Error(), "another program") {
		t.Errorf("in use: %v", err)
	}
	l.Close()
	web, control, err := meetingPoint(path)
	must(t, err)
	web.Close()
	control.Close()
}
