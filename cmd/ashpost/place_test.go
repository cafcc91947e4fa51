package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestPlaceReplacesNothing: neither a file nor what a link in the folder leads to.
func TestPlaceReplacesNothing(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "outside")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.txt"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "b.txt")); err != nil {
		t.Fatal(err)
	}
	p, err := openPlace(dir)
	if err != nil {
		t.Fatal(err)
	}
	for wanted, want := range map[string]string{"a.txt": "a (2).txt", "b.txt": "b (2).txt", ".bashrc": "_bashrc", "-rf": "_rf", "c": "c"} {
		f, err := p.create("hidden")
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
		if got, err := p.keep("hidden", wanted); err != nil || got != want {
			t.Errorf("%s is kept as %s, %v", wanted, got, err)
		}
	}
	p.close()
	if mine, err := os.ReadFile(filepath.Join(dir, "a.txt")); err != nil || string(mine) != "mine" {
		t.Errorf("a file was replaced: %v", err)
	}
	if _, err := os.Lstat(outside); err == nil {
		t.Error("a symbolic link was followed")
	}
	names, err := filepath.Glob(filepath.Join(dir, ".ashpost*"))
	if err != nil || len(names) > 0 {
		t.Errorf("the hidden folder is left: %v", names)
	}
}

// TestLongNames: a name of 100 bytes, the format's longest, keeps its number
// within what file systems take.
func TestLongNames(t *testing.T) {
	name := numbered(strings.Repeat("ß", 48)+".txt", 1000)
	if len(name) > 255 || !utf8.ValidString(name) || !strings.HasSuffix(name, " (1000).txt") {
		t.Errorf("%d bytes", len(name))
	}
}
