package main

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ashpost/onion"
)

func newOnionKey() (onion.Key, error) {
	file := append([]byte("== ed25519v1-secret: type0 ==\x00\x00\x00"), make([]byte, 64)...)
	rand.Read(file[32:])
	file[32] &= 248
	file[63] = file[63]&63 | 64
	return onion.ParseKey(file)
}

// TestExportAtATerminal: a passphrase is asked for twice, or made and shown once.
func TestExportAtATerminal(t *testing.T) {
	key, err := newOnionKey()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	data, file := filepath.Join(dir, "data"), filepath.Join(dir, "key.age")
	if err := onion.Import(filepath.Join(data, "tor"), key, false); err != nil {
		t.Fatal(err)
	}
	s := begin(t, "onion", "export", "--data", data, file)
	s.answer("Passphrase", "one\n")
	s.answer("again", "other\n")
	if shown, code := s.end(); code != exitSecret || !strings.Contains(shown, "differ") {
		t.Errorf("exit code %d: %s", code, shown)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("a file was made all the same")
	}
	s = begin(t, "onion", "export", "--data", data, file)
	s.answer("Passphrase", "\n")
	shown, code := s.end()
	made := regexp.MustCompile(`(?m)^(?:[a-z]+-){9,}[a-z]+`).FindString(shown) // a word of the list has a hyphen
	if code != 0 || made == "" {
		t.Fatalf("exit code %d: %s", code, shown)
	}
	s = begin(t, "onion", "import", "--data", filepath.Join(dir, "other"), file)
	s.answer("Passphrase", made+"\n")
	if shown, code := s.end(); code != 0 || !strings.Contains(shown, key.Address()) {
		t.Errorf("exit code %d: %s", code, shown)
	}
}
