package main

import (
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestSpoofedShortFolder: after a crash the folder in /tmp that run/short names
// is free for others. Neither the status nor the next start follows the link
// where it leads to what is not this user's alone.
func TestSpoofedShortFolder(t *testing.T) {
	for name, c := range map[string]struct {
		spoof    func(t *testing.T, dir string) string // what short leads to
		followed bool
	}{
		"own":             {func(t *testing.T, dir string) string { return dir }, true},
		"open to others":  {func(t *testing.T, dir string) string { must(t, os.Chmod(dir, 0o755)); return dir }, false},
		"open to a group": {func(t *testing.T, dir string) string { must(t, os.Chmod(dir, 0o710)); return dir }, false},
		"sticky":          {func(t *testing.T, dir string) string { must(t, os.Chmod(dir, 0o700|os.ModeSticky)); return dir }, false},
		"a link to one's own": {func(t *testing.T, dir string) string {
			link := filepath.Join(t.TempDir(), "link")
			must(t, os.Symlink(dir, link))
			return link
		}, false},
		"another user's": {anothersFolder, false},
	} {
		t.Run(name, func(t *testing.T) {
			data, short := filepath.Join(t.TempDir(), "data"), shortTemp(t)
			asked := answerAdmin(t, short)
			bait := filepath.Join(short, "bait")
			must(t, os.WriteFile(bait, nil, 0o600))
			must(t, os.MkdirAll(filepath.Join(data, "run"), 0o700))
			must(t, os.Symlink(c.spoof(t, short), filepath.Join(data, "run", "short")))

			out, err := exec.Command("ashpost", "status", "--data", data).CombinedOutput()
			if followed := err == nil && len(asked) > 0; followed != c.followed {
				t.Errorf("the link is followed: %v, %v %s", followed, err, out)
			}
			startProcess(t.Fatalf, exec.Command("ashpost"), data).end(syscall.SIGTERM)
			if _, err := os.Stat(bait); (err != nil) != c.followed {
				t.Errorf("what lay there: %v", err)
			}
		})
	}
}

// shortTemp is short enough for a socket, unlike t.TempDir.
func shortTemp(t *testing.T) string {
	dir, err := os.MkdirTemp("", "s")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// anothersFolder is root's own, or one that root gives away.
func anothersFolder(t *testing.T, dir string) string {
	if os.Geteuid() == 0 {
		must(t, os.Chown(dir, stranger, stranger))
		return dir
	}
	info, err := os.Stat("/root")
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Fatalf("/root is not root's alone, so this cannot be tried: %v", err)
	}
	return "/root"
}

// answerAdmin is an impostor: a service that says it is open.
func answerAdmin(t *testing.T, dir string) (asked chan struct{}) {
	l, err := net.Listen("unix", filepath.Join(dir, "admin.sock"))
	must(t, err)
	asked = make(chan struct{}, 10)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		io.Copy(w, strings.NewReader(`{"state":"open"}`))
	})}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	return asked
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
