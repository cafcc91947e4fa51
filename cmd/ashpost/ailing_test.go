package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ashpost/webui/api"
)

// ownDisk mounts an ext4 file system of its own. Only root may mount.
func ownDisk(t *testing.T) (mount string) {
	t.Helper()
	base := t.TempDir()
	image, mount := filepath.Join(base, "image"), filepath.Join(base, "mount")
	must(t, errors.Join(os.Mkdir(mount, 0o700), os.WriteFile(image, nil, 0o600), os.Truncate(image, 256<<20)))
	mkfs, err := exec.LookPath("mkfs.ext4")
	if err != nil {
		mkfs = "/sbin/mkfs.ext4"
	}
	if out, err := exec.Command(mkfs, "-q", "-F", image).CombinedOutput(); err != nil {
		t.Skipf("no file system of its own can be made: %v %s", err, out)
	}
	if out, err := exec.Command("mount", "-o", "loop", image, mount).CombinedOutput(); err != nil {
		t.Skipf("only root can mount: %s", out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", mount).CombinedOutput(); err != nil {
			t.Errorf("umount: %v %s", err, out)
		}
	})
	return mount
}

// TestServeOnAilingDisk: on a disk that is read-only or full the service comes
// up and says why it is locked, instead of ending and being started for ever.
func TestServeOnAilingDisk(t *testing.T) {
	for name, ail := range map[string]func(t *testing.T, mount, data string){
		"read-only": func(t *testing.T, mount, _ string) {
			if out, err := exec.Command("mount", "-o", "remount,ro", mount).CombinedOutput(); err != nil {
				t.Fatalf("remount: %v %s", err, out)
			}
		},
		"full": func(t *testing.T, mount, data string) {
			must(t, errors.Join(os.Remove(filepath.Join(data, "ballast")), os.RemoveAll(filepath.Join(data, "run"))))
			f, err := os.Create(filepath.Join(mount, "filler"))
			must(t, err)
			defer f.Close()
			for b := make([]byte, 1<<20); len(b) > 0; {
				if n, err := f.Write(b); err != nil {
					b = b[:(len(b)-n)/2]
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			mount := ownDisk(t)
			data := filepath.Join(mount, "data")
			startProcess(t.Fatalf, exec.Command("ashpost"), data).end(syscall.SIGTERM)
			ail(t, mount, data)

			r := launch(t.Fatalf, exec.Command("ashpost"), data)
			defer r.end(syscall.SIGTERM)
			if cause := lockedBy(t, r.address, r.ended); cause != "disk" {
				t.Fatalf("locked by %q\n%s", cause, r.end(syscall.SIGTERM))
			}
			page, err := http.Get("http://" + r.address + "/")
			must(t, err)
			page.Body.Close()
			if page.StatusCode != http.StatusServiceUnavailable {
				t.Errorf("the page: %s", page.Status)
			}
			out, complaint, code := typed(t, "", "status", "--data", data)
			if code != exitLocked || !strings.Contains(complaint, "the disk is full or read-only") {
				t.Errorf("status: %d %s %s", code, out, complaint)
			}
			_, complaint, code = typed(t, "", "unlock", "--data", data)
			if code != exitLocked || !strings.Contains(complaint, "ends by itself") {
				t.Errorf("unlock: %d %s", code, complaint)
			}
			_, complaint, code = typed(t, "", "serve", "--no-tor", "--preview", "127.0.0.1:0", "--data", data)
			if code != exitOther || !strings.Contains(complaint, "already running") {
				t.Errorf("a second service: %d %s", code, complaint)
			}
			if printed := r.end(syscall.SIGTERM); r.ProcessState.ExitCode() != 0 {
				t.Errorf("ended with %v\n%s", r.ProcessState, printed)
			}
			for _, dir := range spareFolders(data) {
				if _, err := os.Stat(dir); err == nil {
					t.Errorf("%s is left", dir)
				}
			}
		})
	}
}

// lockedBy waits for a service in another process and returns why it is
// locked; empty when it ended or is open.
func lockedBy(t *testing.T, address string, ended chan error) string {
	t.Helper()
	client, err := api.NewClient("http://"+address, loopback)
	must(t, err)
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		if s, err := client.Service(ctx); err == nil && s.Cause != "starting" {
			return s.Cause
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return ""
		case err := <-ended:
			ended <- err
			return ""
		}
	}
}
