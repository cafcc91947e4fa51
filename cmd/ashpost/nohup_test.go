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
