package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A message through a private service: who has no key to it, and who has one that
// was taken away, is told so.
func TestPrivateService(t *testing.T) {
	noTorHere(t)
	state, data := t.TempDir(), filepath.Join(t.TempDir(), "data")
	t.Setenv("XDG_STATE_HOME", state)
	keyOf := func(name string) (file string) {
		added := ashpost(t, "", "onion", "client", "add", name, "--data", data, "--json")
		var client struct{ Line string }
		if err := json.Unmarshal([]byte(added.out), &client); err != nil || client.Line == "" {
			t.Fatalf("%+v, %v", added, err)
		}
		file = filepath.Join(state, name)
		if err := os.WriteFile(file, []byte(client.Line+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	first := serve(t, data, "--tor-network", world.torrc)
	address := first.address()
	if _, err := first.stop(); err != nil {
		t.Fatal(err)
	}
	alice, bob := keyOf("alice"), keyOf("bob")
	if removed := ashpost(t, "", "onion", "client", "remove", "bob", "--data", data); removed.code != 0 {
		t.Fatalf("%+v", removed)
	}
	serve(t, data, "--tor-network", world.torrc).says(t, "ashpost: published: ")

	over := func(args ...string) []string { return append(args, "--tor-network", world.torrc) }
	send := ashpost(t, secret, over("send", "--service", address, "--client-key", alice)...)
	if send.code != 0 {
		t.Fatalf("%+v", send)
	}
	for name, c := range map[string]struct{ flags, says []string }{
		"without a key":          {nil, []string{"error: the service is private", "--client-key"}},
		"with one taken away":    {[]string{"--client-key", bob}, []string{"error: the service is private", "does not let this client key in"}},
		"with another service's": {[]string{"--client-key", other(t, alice)}, []string{"error: the client key is for another service"}},
	} {
		got := ashpost(t, send.out, over(append([]string{"open", "--out", t.TempDir()}, c.flags...)...)...)
		for _, want := range c.says {
			if got.code == 0 || got.out != "" || !strings.Contains(got.err, want) {
				t.Errorf("%s: %+v, want %q", name, got, want)
			}
		}
	}
	open := ashpost(t, send.out, over("open", "--out", t.TempDir(), "--client-key", alice)...)
	if open.code != 0 || open.out != secret {
		t.Errorf("%+v", open)
	}
	if left := processesNaming(t, state); len(left) > 0 {
		t.Errorf("still running: %q", left)
	}
}

// other is the key, for the service of this package's other tests.
func other(t *testing.T, file string) string {
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimSuffix(strings.TrimPrefix(world.service.address(), "http://"), ".onion")
	_, key, _ := strings.Cut(string(b), ":")
	if err := os.WriteFile(file+".other", []byte(name+":"+key), 0o600); err != nil {
		t.Fatal(err)
	}
	return file + ".other"
}
