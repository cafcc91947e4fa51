package onion_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"ashpost/onion"
)

// childDir names the folder for a copy of this test binary that runs a service
// until it is killed.
const childDir = "ONION_TEST_CHILD_DIR"

func child(dir string) error {
	tor, err := onion.ChooseTor("", "../build/tor")
	if err != nil {
		return err
	}
	s, err := onion.New(onion.Config{Dir: dir, Target: filepath.Join(dir, "web.sock"), Tor: tor, Network: dead})
	if err != nil {
		return err
	}
	go func() {
		for changed := s.Changes(); s.State().Phase != onion.Bootstrapping; changed = s.Changes() {
			<-changed
		}
		fmt.Println("running")
	}()
	return s.Run(context.Background())
}

// A service killed with its whole process leaves no tor that goes on publishing.
func TestTorDiesWithItsParent(t *testing.T) {
	t.Parallel()
	needTor(t)
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	alive := process(t, dir) != 0
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait() // it was killed
	if err != nil || !alive {
		t.Fatalf("the child did not start a tor: %q, %v", line, err)
	}
	late := time.After(12 * time.Second) // tor itself looks for its owner every 15
	for process(t, dir) != 0 {
		select {
		case <-late:
			t.Fatal("tor outlives its parent")
		case <-time.After(20 * time.Millisecond):
		}
	}
}
