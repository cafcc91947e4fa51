package onion_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"ashpost/onion"
)

// newKey is the file of a key as tor would make one.
func newKey(t *testing.T) onion.Key {
	t.Helper()
	file := append([]byte("== ed25519v1-secret: type0 ==\x00\x00\x00"), make([]byte, 64)...)
	rand.Read(file[32:])
	file[32] &= 248
	file[63] = file[63]&63 | 64
	k, err := onion.ParseKey(file)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// What Import leaves is what tor takes: it starts on the same address. What tor
// makes is what ReadKey takes.
func TestKeysAreTors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		lose []string // files that a crash in the middle leaves out
	}{{"whole", nil}, {"cut off", []string{"hostname", "hs_ed25519_public_key"}}} {
		dir, k := t.TempDir(), newKey(t)
		if err := onion.Import(dir, k, false); err != nil {
			t.Fatal(err)
		}
		for _, name := range c.lose {
			if err := os.Remove(filepath.Join(dir, "hs", name)); err != nil {
				t.Fatal(err)
			}
		}
		s, end := start(t, onion.Config{Dir: dir, Target: target(t, dir), Tor: needTor(t), Network: dead})
		got := await(t, s, "tor", func(s onion.State) bool { return s.Phase == onion.Bootstrapping && s.Address != "" })
		if got.Address != k.Address() {
			t.Errorf("%s: tor has %s, imported was %s", c.name, got.Address, k.Address())
		}
		if err := onion.Import(dir, newKey(t), true); !errors.Is(err, onion.ErrRunning) {
			t.Errorf("%s: while tor runs: %v", c.name, err)
		}
		end()
	}
	dir := t.TempDir()
	s, end := start(t, onion.Config{Dir: dir, Target: target(t, dir), Tor: needTor(t), Network: dead})
	address := await(t, s, "an address", func(s onion.State) bool { return s.Address != "" }).Address
	end()
	k, err := onion.ReadKey(dir)
	if err != nil || k.Address() != address {
		t.Errorf("%s was read as %s, %v", address, k.Address(), err)
	}
}

func TestImport(t *testing.T) {
	dir, first, second := t.TempDir(), newKey(t), newKey(t)
	if _, err := onion.ReadKey(dir); !errors.Is(err, onion.ErrNoAddress) {
		t.Errorf("an empty folder: %v", err)
	}
	if _, err := onion.Address(dir); !errors.Is(err, onion.ErrNoAddress) {
		t.Errorf("an empty folder: %v", err)
	}
	for range 2 { // the same again is no harm
		if err := onion.Import(dir, first, false); err != nil {
			t.Fatal(err)
		}
	}
	if err := onion.Import(dir, second, false); !errors.Is(err, onion.ErrOtherAddress) {
		t.Errorf("over another: %v", err)
	}
	holds(t, dir, first)
	if err := onion.Import(dir, second, true); err != nil {
		t.Fatal(err)
	}
	holds(t, dir, second)
	// A damaged key is somebody's address too.
	if err := os.WriteFile(filepath.Join(dir, "hs", "hs_ed25519_secret_key"), []byte("?"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := onion.Import(dir, first, false); !errors.Is(err, onion.ErrOtherAddress) {
		t.Errorf("over a damaged one: %v", err)
	}
}

// TestImportThatFails: a disk that does not take the new key costs nobody the old.
func TestImportThatFails(t *testing.T) {
	dir, first, second := t.TempDir(), newKey(t), newKey(t)
	if err := onion.Import(dir, first, false); err != nil {
		t.Fatal(err)
	}
	inTheWay := filepath.Join(dir, "hs", "hs_ed25519_secret_key.new")
	if err := os.MkdirAll(filepath.Join(inTheWay, "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := onion.Import(dir, second, true); err == nil {
		t.Error("the import claims success")
	}
	if err := os.RemoveAll(inTheWay); err != nil {
		t.Fatal(err)
	}
	holds(t, dir, first)
}

func holds(t *testing.T, dir string, want onion.Key) {
	t.Helper()
	k, err := onion.ReadKey(dir)
	if err != nil || !bytes.Equal(k.Bytes(), want.Bytes()) {
		t.Errorf("another key is there, %v", err)
	}
	if a, err := onion.Address(dir); err != nil || a != want.Address() {
		t.Errorf("the address is %s, %v", a, err)
	}
	files, err := os.ReadDir(filepath.Join(dir, "hs"))
	if err != nil || len(files) != 3 {
		t.Errorf("%v, %v", files, err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s has mode %v, %v", f.Name(), info.Mode(), err)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	f.Add([]byte("== ed25519v1-secret: type0 ==\x00\x00\x00"))
	f.Add(append([]byte("== ed25519v1-secret: type0 ==\x00\x00\x00"), make([]byte, 64)...))
	f.Fuzz(func(t *testing.T, file []byte) {
		k, err := onion.ParseKey(file)
		if err == nil && (!bytes.Equal(k.Bytes(), file) || !onion.IsAddress(k.Address())) {
			t.Errorf("%x gives %q", file, k.Address())
		}
	})
}
