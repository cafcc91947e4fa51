package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestNothingIsBequeathed: what the program was given open, its children are not.
func TestNothingIsBequeathed(t *testing.T) {
	given, other, err := os.Pipe()
	must(t, err)
	defer given.Close()
	defer other.Close()
	cmd := exec.Command("ashpost")
	cmd.ExtraFiles = []*os.File{given}
	r := startProcess(t.Fatalf, cmd, filepath.Join(t.TempDir(), "data"))
	defer r.end(syscall.SIGTERM)
	info, err := os.ReadFile(fmt.Sprintf("/proc/%d/fdinfo/3", r.Process.Pid))
	must(t, err)
	var flags int
	_, set, _ := strings.Cut(string(info), "flags:")
	if _, err := fmt.Sscanf(set, "%o", &flags); err != nil || flags&syscall.O_CLOEXEC == 0 {
		t.Errorf("descriptor 3 has flags %o, %v", flags, err)
	}
}

// TestNoHangUp: a service that was started with nohup outlives the log-out.
func TestNoHangUp(t *testing.T) {
	shell := exec.Command("sh", "-c", `trap "" HUP; exec ashpost "$@"`, "sh")
	r := startProcess(t.Fatalf, shell, filepath.Join(t.TempDir(), "data"))
	defer r.end(syscall.SIGTERM)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.Process.Pid))
	must(t, err)
	var ignored uint64
	_, set, _ := strings.Cut(string(status), "SigIgn:")
	if _, err := fmt.Sscanf(set, "%x", &ignored); err != nil || ignored>>(syscall.SIGHUP-1)&1 == 0 {
		t.Errorf("it ignores %x, %v", ignored, err)
	}
	if printed := r.end(syscall.SIGTERM); r.ProcessState.ExitCode() != 0 {
		t.Errorf("ended with %v: %s", r.ProcessState, printed)
	}
}
