package onion_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"ashpost/onion"
)

// fetchTor runs the script with only these programs on PATH, all if none are
// named.
func fetchTor(t *testing.T, dest string, programs ...string) (output string, err error) {
	t.Helper()
	cmd := exec.Command("/bin/sh", "fetch-tor.sh", dest)
	if len(programs) > 0 {
		bin := t.TempDir()
		for _, name := range programs {
			path, err := exec.LookPath(name)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(path, filepath.Join(bin, name)); err != nil {
				t.Fatal(err)
			}
		}
		cmd.Env = []string{"PATH=" + bin}
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestFetchTorTwiceAtOnce(t *testing.T) {
	if _, err := onion.FindTor("../build/tor"); err != nil { // if it is there, there is nothing to fetch
		t.Fatal(err)
	}
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if out, err := fetchTor(t, "../build/tor"); err != nil || strings.Contains(out, "fetching") {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	both.Wait()
}

func TestFetchTorSaysWhatIsMissing(t *testing.T) {
	basics := []string{"mkdir", "rm", "awk", "grep", "sed"}
	out, err := fetchTor(t, t.TempDir(), basics...)
	if err == nil || !strings.HasPrefix(out, "fetch-tor: error: apt-get is missing") || strings.Count(out, "\n") != 1 {
		t.Errorf("without apt-get: %v: %s", err, out)
	}
	if out, err := fetchTor(t, "", basics...); err == nil || !strings.Contains(out, "give one folder") {
		t.Errorf("without a folder: %v: %s", err, out)
	}
	if out, err := fetchTor(t, "/proc/nowhere", basics...); err == nil || !strings.Contains(out, "choose one that you may write to") {
		t.Errorf("with a folder that cannot be made: %v: %s", err, out)
	}
}
