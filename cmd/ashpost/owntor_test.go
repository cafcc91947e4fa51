package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestTorFolders: commands that run at the same time share no state folder, and
// the next one takes the first that is free.
func TestTorFolders(t *testing.T) {
	state := t.TempDir()
	t.Setenv("XDG_STATE_HOME", state)
	claim := func(want string, private ...bool) (release func()) {
		t.Helper()
		dir, release, err := claimTorFolder(private != nil)
		if err != nil || dir != filepath.Join(state, "ashpost", want) {
			t.Fatalf("%s, %v", dir, err)
		}
		return release
	}
	first := claim("tor-1")
	second := claim("tor-2")
	first()
	claim("tor-1")()
	second()
	claim("private-1", true)() // where nothing of the public network's is
	if err := os.Chmod(filepath.Join(state, "ashpost"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, _, err := claimTorFolder(false); explain(err).code != exitRefused {
		t.Errorf("a folder that others can enter: %v", err)
	}
	t.Setenv("XDG_STATE_HOME", "relative")
	t.Setenv("HOME", "")
	if _, _, err := claimTorFolder(false); explain(err).code != exitRefused {
		t.Errorf("no folder at all: %v", err)
	}
}

// TestHoldTor: one at a time; where the disk has no folder, nobody is kept.
func TestHoldTor(t *testing.T) {
	dir := t.TempDir()
	release, err := holdTor(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := holdTor(dir); explain(err).code != exitRefused {
		t.Errorf("a second one: %v", err)
	}
	release()
	for _, dir := range []string{dir, filepath.Join(dir, "missing")} {
		if release, err = holdTor(dir); err != nil {
			t.Fatal(err)
		}
		release()
	}
}
