package onion_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ashpost/onion"
)

const (
	aName = "aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3kead"
	aKey  = "XNB3WQ53IO5UHO2DXNB3WQ53IO5UHO2DXNB3WQ53IO5UHO2DXNBQ"
)

func TestParseClientKey(t *testing.T) {
	for _, text := range []string{
		aName + ":descriptor:x25519:" + aKey,
		strings.ToUpper(aName) + ":descriptor:x25519:" + strings.ToLower(aKey) + "\r\n\n",
	} {
		if k, err := onion.ParseClientKey(text); err != nil || k.Address() != aName+".onion" {
			t.Errorf("%q: %v, %v", text, k.Address(), err)
		}
	}
	for _, text := range []string{
		"", aKey, "descriptor:x25519:" + aKey, aName + ":descriptor:x25519:", aName + ":x25519:" + aKey,
		aName + ".onion:descriptor:x25519:" + aKey, aName[:55] + "e:descriptor:x25519:" + aKey,
		aName + ":descriptor:ed25519:" + aKey, aName + ":descriptor:x25519:" + aKey[:51], aName + ":descriptor:x25519:" + aKey + "A",
		aName + ":descriptor:x25519:" + aKey + "\r\nSETCONF SocksPort=9050",
		aName + ":descriptor:x25519:" + aKey + "\n" + aName + ":descriptor:x25519:" + aKey,
	} {
		_, err := onion.ParseClientKey(text)
		if !errors.Is(err, onion.ErrClientKey) || strings.Contains(err.Error(), aKey) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzParseClientKey(f *testing.F) {
	f.Add(aName + ":descriptor:x25519:" + aKey + "\n")
	f.Fuzz(func(t *testing.T, text string) {
		k, err := onion.ParseClientKey(text)
		if err == nil && !onion.IsAddress(k.Address()) {
			t.Errorf("%q", k.Address())
		}
	})
}

// A tor of one's own reaches a private service with its key, and says why not
// without, and with one that is not let in.
func TestClientKey(t *testing.T) {
	p, dir := needNetwork(t), t.TempDir()
	key, err := onion.AddClient(dir, "alice")
	if err != nil {
		t.Fatal(err)
	}
	s, _ := start(t, onion.Config{Dir: dir, Target: target(t, dir), Tor: needTor(t), Network: p.network.Torrc()})
	address := await(t, s, "publication", published).Address
	parsed := func(key string) onion.ClientKey {
		k, err := onion.ParseClientKey(strings.TrimSuffix(address, ".onion") + ":descriptor:x25519:" + key)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	for _, c := range []struct {
		name string
		key  onion.ClientKey
		want error
	}{
		{"the key", parsed(key), nil},
		{"none", onion.ClientKey{}, onion.ErrPrivate},
		{"another", parsed(aKey), onion.ErrShutOut},
	} {
		t.Run(c.name, func(t *testing.T) {
			state := filepath.Join(t.TempDir(), "state")
			client := ready(t, onion.ClientConfig{Dir: state, Tor: needTor(t), Network: p.network.Torrc(), Key: c.key})
			if c.want == nil {
				get(t, client, address)
				return
			}
			refuses(t, client.Dialer(), address, c.want)
		})
	}
}

// refuses waits for an error of a dialer: on a young network the descriptor is
// not found at once.
func refuses(t *testing.T, dial onion.DialContext, address string, want error) {
	t.Helper()
	for late := time.Now().Add(patience); ; {
		conn, err := dial(t.Context(), "tcp", address+":80")
		switch {
		case err == nil:
			conn.Close()
			t.Fatal("it is let in")
		case errors.Is(err, want):
			return
		case time.Now().After(late):
			t.Fatal(err)
		}
	}
}
