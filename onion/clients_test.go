package onion_test

import (
	"context"
	"crypto/ecdh"
	"encoding/base32"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ashpost/onion"
	"ashpost/onion/tortest"
)

// renewed waits until another tor than the one with that process has published.
func renewed(t *testing.T, s *onion.Service, dir string, before int) {
	t.Helper()
	await(t, s, "the end of that tor", func(onion.State) bool { return process(t, dir) != before })
	await(t, s, "publication", published)
}

// shutOut sees that a client does not get in where another one just did.
func shutOut(t *testing.T, c *tortest.Client, address string) {
	t.Helper()
	if err := tryFetch(t, c, address, 4*time.Second); err == nil {
		t.Error("whoever has no key gets in")
	}
}

// keyed is a client that has a key to one address.
func keyed(t *testing.T, address, key string) *tortest.Client {
	t.Helper()
	dir := t.TempDir()
	line := strings.TrimSuffix(address, ".onion") + ":descriptor:x25519:" + key + "\n"
	if err := os.WriteFile(filepath.Join(dir, "key.auth_private"), []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, err := needNetwork(t).network.Client(ctx, `ClientOnionAuthDir "`+dir+`"`)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestPrivateService(t *testing.T) {
	begun := time.Now()
	lap := func(what string) { t.Logf("%s after %v", what, time.Since(begun).Round(time.Millisecond)) }
	dir := t.TempDir()
	s, _ := start(t, onion.Config{Dir: dir, Target: target(t, dir), Tor: needTor(t), Network: needNetwork(t).network.Torrc()})
	address := await(t, s, "publication", published).Address
	anybody := needNetwork(t).client
	fetch(t, address)
	lap("public")

	tor := process(t, dir)
	key, err := onion.AddClient(dir, "first")
	if err != nil {
		t.Fatal(err)
	}
	renewed(t, s, dir, tor)
	first := keyed(t, address, key)
	fetchBy(t, first, address)
	lap("first")
	shutOut(t, anybody, address)
	lap("shut out")

	tor = process(t, dir)
	key, err = onion.AddClient(dir, "alice")
	if err != nil {
		t.Fatal(err)
	}
	alice := keyed(t, address, key)
	fetchBy(t, alice, address)
	lap("alice")
	if process(t, dir) != tor {
		t.Error("one more client ended everybody's circuits")
	}

	if err := onion.RemoveClient(dir, "alice"); err != nil {
		t.Fatal(err)
	}
	renewed(t, s, dir, tor)
	fetchBy(t, first, address)
	lap("first")
	shutOut(t, alice, address)

	if err := onion.RemoveClient(dir, "first"); err != nil {
		t.Fatal(err)
	}
	fetchBy(t, anybody, address)
	lap("public again")
}

func TestClientFiles(t *testing.T) {
	dir := t.TempDir()
	key, err := onion.AddClient(dir, "bob")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "hs", "authorized_clients", "bob.auth")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	encoding := base32.StdEncoding.WithPadding(base32.NoPadding)
	raw, err := encoding.DecodeString(key)
	if err != nil || len(key) != 52 {
		t.Fatalf("the key has %d characters: %v", len(key), err)
	}
	pair, err := ecdh.X25519().NewPrivateKey(raw)
	if err != nil {
		t.Fatal(err)
	}
	if want := "descriptor:x25519:" + encoding.EncodeToString(pair.PublicKey().Bytes()) + "\n"; string(b) != want {
		t.Errorf("the file is %q, want %q", b, want)
	}
	if st, err := os.Stat(file); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", st.Mode(), err)
	}
	if _, err := onion.AddClient(dir, "bob"); !errors.Is(err, onion.ErrClientExists) {
		t.Errorf("twice: %v", err)
	}
	if again, err := os.ReadFile(file); err != nil || string(again) != string(b) {
		t.Error("the second one changed the first")
	}
	for _, name := range []string{"", ".", "..", "a/b", "../x", "A", "a b", "a.auth", "-a", strings.Repeat("a", 33), "é", "a\n"} {
		if _, err := onion.AddClient(dir, name); !errors.Is(err, onion.ErrClientName) {
			t.Errorf("%q: %v", name, err)
		}
		if err := onion.RemoveClient(dir, name); !errors.Is(err, onion.ErrNoClient) {
			t.Errorf("removing %q: %v", name, err)
		}
	}
	if _, err := onion.AddClient(dir, "alice"); err != nil {
		t.Fatal(err)
	}
	if names, err := onion.Clients(dir); err != nil || strings.Join(names, " ") != "alice bob" {
		t.Errorf("%q, %v", names, err)
	}
	if err := onion.RemoveClient(dir, "bob"); err != nil {
		t.Fatal(err)
	}
	if err := onion.RemoveClient(dir, "bob"); !errors.Is(err, onion.ErrNoClient) {
		t.Errorf("again: %v", err)
	}
	if names, err := onion.Clients(dir); err != nil || strings.Join(names, " ") != "alice" {
		t.Errorf("%q, %v", names, err)
	}
	if left, err := os.ReadDir(filepath.Dir(file)); err != nil || len(left) != 1 {
		t.Errorf("%v, %v", left, err)
	}
}
