package onion_test

import (
	"os"
	"runtime"
	"testing"

	"ashpost/onion"
)

// TestRestartsLeaveNothing starts and ends a service fifty times: no process,
// no goroutine and no open file stays behind.
func TestRestartsLeaveNothing(t *testing.T) {
	dir := t.TempDir()
	conf := onion.Config{Dir: dir, Target: target(t, t.TempDir()), Tor: needTor(t), Network: dead}
	var address string
	var goroutines, files int
	for n := range 50 {
		s, end := start(t, conf)
		up := await(t, s, "tor", func(s onion.State) bool { return s.Phase == onion.Bootstrapping && s.Address != "" })
		end()
		if pid := process(t, dir); pid != 0 {
			t.Fatalf("after %d starts tor runs on as process %d", n+1, pid)
		}
		if n == 0 { // the runtime has its own files open by now
			address, goroutines, files = up.Address, runtime.NumGoroutine(), openFiles(t)
		}
		if up.Address != address {
			t.Fatalf("start %d has another address", n+1)
		}
	}
	// Some may be about to end; a leak would be of fifty.
	if g, f := runtime.NumGoroutine(), openFiles(t); g > goroutines+10 || f > files+10 {
		t.Errorf("%d goroutines and %d files became %d and %d", goroutines, files, g, f)
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}
