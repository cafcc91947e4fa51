package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ashpost/webui/api"
)

// stranger is a user other than root, as which root runs what it tests: root
// may look into every process.
const stranger = 65534

// unprivileged gives a command for the program that is not root's, and a folder
// that is its user's. Nothing is skipped: without the right to change its user,
// a root that cannot test fails.
func unprivileged(t *testing.T, name string) (*exec.Cmd, string) {
	t.Helper()
	dir := t.TempDir()
	if os.Geteuid() != 0 {
		return exec.Command(name), dir
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, filepath.Base(path))
	copyFile(t, program, path)
	own := filepath.Join(dir, "own")
	if err := os.Mkdir(own, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(own, stranger, stranger); err != nil {
		t.Fatal(err)
	}
	for d := dir; d != os.TempDir() && len(d) > 1; d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil { // the test's own folders: others may pass
			t.Fatal(err)
		}
	}
	cmd := exec.Command(program)
	cmd.Dir = own
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: stranger, Gid: stranger}}
	return cmd, own
}

func copyFile(t *testing.T, to, from string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(out.Chmod(0o755), out.Close()); err != nil { // whatever the umask
		t.Fatal(err)
	}
}

// lookInto says whether processes of the same user can look into a process: whose
// its memory is, and whether it can be read.
func lookInto(t *testing.T, pid int, user *syscall.SysProcAttr) (owner uint32, readable bool) {
	t.Helper()
	var st unix.Stat_t
	if err := unix.Stat(fmt.Sprintf("/proc/%d/mem", pid), &st); err != nil {
		t.Fatal(err)
	}
	read := exec.Command("cat", fmt.Sprintf("/proc/%d/environ", pid)) // asks for the same right as mem
	read.SysProcAttr = user
	return st.Uid, read.Run() == nil
}

// TestNobodyLooksIntoTheService: no core file, and not dumpable, so that other
// processes of its user cannot read its memory.
func TestNobodyLooksIntoTheService(t *testing.T) {
	cmd, dir := unprivileged(t, "ashpost")
	user := uint32(os.Geteuid())
	if cmd.SysProcAttr != nil {
		user = stranger
	}
	idle, _ := unprivileged(t, "sleep") // shows that the measure can tell
	idle.Args = []string{"sleep", "60"}
	if err := idle.Start(); err != nil {
		t.Fatal(err)
	}
	defer idle.Wait()
	defer idle.Process.Kill()
	if owner, readable := lookInto(t, idle.Process.Pid, idle.SysProcAttr); owner != user || !readable {
		t.Fatalf("a usual process belongs to %d, readable %v: this shows nothing", owner, readable)
	}

	s := startProcess(t.Fatalf, cmd, filepath.Join(dir, "data"))
	t.Cleanup(func() { s.end(syscall.SIGTERM) })
	if owner, readable := lookInto(t, s.Process.Pid, cmd.SysProcAttr); owner != 0 || readable {
		t.Errorf("the service's memory belongs to %d, readable %v", owner, readable)
	}
	limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", s.Process.Pid))
	if err != nil || !regexp.MustCompile(`(?m)^Max core file size +0 +0 `).Match(limits) {
		t.Errorf("%v\n%s", err, limits)
	}
}

// TestCrashesPrintNothing: signals for which Go prints stacks whatever
// GOTRACEBACK says print neither stacks nor registers: their values are what
// the process works with.
func TestCrashesPrintNothing(t *testing.T) {
	for _, with := range []syscall.Signal{syscall.SIGQUIT, syscall.SIGABRT, syscall.SIGSEGV} {
		t.Run(with.String(), func(t *testing.T) { crashPrintsNothing(t, with) })
	}
}

func crashPrintsNothing(t *testing.T, with os.Signal) {
	const canary = "canary-of-the-data-folder"
	cmd := exec.Command("ashpost")
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "GOTRACEBACK=") })
	s := startProcess(t.Fatalf, cmd, filepath.Join(t.TempDir(), canary))
	client, err := api.NewClient("http://"+s.address, loopback)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	reserved, err := client.Reserve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	printed := s.end(with)
	noStacks(t, printed)
	for _, secret := range []string{canary, reserved.Reference.Encode(), reserved.UploadKey.Encode()} {
		if strings.Contains(printed, secret) {
			t.Errorf("a secret is printed: %s", printed)
		}
	}
}

// TestCrashIsShownToWhoAsks also shows that the measure above can tell.
func TestCrashIsShownToWhoAsks(t *testing.T) {
	cmd := exec.Command("ashpost")
	cmd.Env = append(os.Environ(), "GOTRACEBACK=single")
	printed := startProcess(t.Fatalf, cmd, filepath.Join(t.TempDir(), "data")).end(syscall.SIGABRT)
	if !stack.MatchString(printed) {
		t.Errorf("no stack in %q", printed)
	}
}

// stack matches what Go prints of goroutines, their calls with arguments, and
// registers.
var stack = regexp.MustCompile(`(?m)goroutine \d|\.go:\d|\(\{?0x|^r[a-z0-9]+ +0x`)

func noStacks(t *testing.T, printed string) {
	t.Helper()
	if at := stack.FindStringIndex(printed); at != nil {
		t.Errorf("a stack is printed:\n%.1500s", printed[at[0]:])
	}
}

// TestDataFolderLikeAPattern: a folder is a name, not a pattern: what a crash
// left in it is cleared, and nothing beside it.
func TestDataFolderLikeAPattern(t *testing.T) {
	for _, name := range []string{"[a", "[a]", "*", "-rf", strings.Repeat("long", 25)} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			beside := filepath.Join(dir, "a", "run", "kept")
			if err := os.MkdirAll(filepath.Dir(beside), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(beside, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			data := filepath.Join(dir, name)
			startProcess(t.Fatalf, exec.Command("ashpost"), data).end(syscall.SIGKILL)
			left, err := os.ReadDir(filepath.Join(data, "run"))
			if err != nil || len(left) == 0 {
				t.Fatalf("the crash left nothing to clear: %v", err)
			}
			short, _ := os.Readlink(filepath.Join(data, "run", "short")) // only of a long name
			s := startProcess(t.Fatalf, exec.Command("ashpost"), data)
			out, err := exec.Command("ashpost", "status", "--data", data).CombinedOutput()
			if err != nil || !strings.HasPrefix(string(out), "state       open") {
				t.Errorf("status: %v %s", err, out)
			}
			s.end(syscall.SIGTERM)
			if _, err := os.Stat(beside); err != nil {
				t.Error(err)
			}
			if len(name) > 90 != (short != "") {
				t.Errorf("the sockets are in %q", short)
			}
			if _, err := os.Stat(short); short != "" && err == nil {
				t.Error("the short folder of the crash is left")
			}
		})
	}
}

// TestTorOfTheWorkingFolder: what lies in the folder that serve is called in,
// or on a relative path of PATH, is never run.
func TestTorOfTheWorkingFolder(t *testing.T) {
	program, err := exec.LookPath("ashpost")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	ran := filepath.Join(dir, "ran")
	planted := filepath.Join(dir, "build", "tor", "usr", "bin")
	for _, place := range []string{planted, dir} {
		if err := os.MkdirAll(place, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(place, "tor"), []byte("#!/bin/sh\n: >"+ran+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]bool{"/nonexistent": false, "": false, ".": false, "build/tor/usr/bin": false, ":/nonexistent": false, planted: true} {
		cmd := exec.Command(program, "serve", "--volatile-if-needed", "--data", filepath.Join(t.TempDir(), "data"))
		cmd.Dir, cmd.Env = dir, []string{"PATH=" + path, "HOME=" + dir}
		limit := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
		out, err := cmd.CombinedOutput()
		limit.Stop()
		if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != exitOther || !strings.Contains(string(out), "error: no usable Tor") {
			t.Errorf("PATH=%s: %v %s", path, err, out)
		}
		_, err = os.Stat(ran)
		if (err == nil) != want {
			t.Errorf("PATH=%s: the planted Tor ran: %v", path, err == nil)
		}
		os.Remove(ran)
	}
}
