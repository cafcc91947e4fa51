package onion_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ashpost/onion"
)

// ready runs a tor of its own until the test ends, and waits until it is ready.
func ready(t *testing.T, conf onion.ClientConfig) *onion.Client {
	t.Helper()
	c, err := onion.NewClient(conf)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	late := time.After(patience)
	for {
		changed := c.Changes()
		if c.State().Progress == 100 {
			return c
		}
		select {
		case <-changed:
		case <-late:
			t.Fatalf("not ready: %+v", c.State())
		}
	}
}

// A tor of one's own reaches a service, and publishes nothing.
func TestClient(t *testing.T) {
	p, dir := needNetwork(t), t.TempDir()
	s, _ := start(t, onion.Config{Dir: dir, Target: target(t, dir), Tor: needTor(t), Network: p.network.Torrc()})
	address := await(t, s, "publication", published).Address
	for name, state := range map[string]string{
		"short": filepath.Join(t.TempDir(), "a state"),
		"long":  filepath.Join(t.TempDir(), strings.Repeat("d", 100)),
	} {
		t.Run(name, func(t *testing.T) {
			c := ready(t, onion.ClientConfig{Dir: state, Tor: needTor(t), Network: p.network.Torrc()})
			get(t, c, address)
			if _, err := os.Stat(filepath.Join(state, "hs")); err == nil {
				t.Error("it has an address")
			}
		})
	}
}

// A client that cannot be leaves no folder behind.
func TestClientRefused(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	if _, err := onion.NewClient(onion.ClientConfig{Dir: filepath.Join(temp, strings.Repeat("d", 100))}); err == nil {
		t.Error("a client without a tor")
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// get fetches the page of an onion, with as many tries as it takes: each has a dialer,
// and so a circuit, of its own, since one on which nothing comes stays for minutes.
func get(t *testing.T, c *onion.Client, address string) {
	t.Helper()
	late := time.Now().Add(patience)
	for {
		transport := &http.Transport{DialContext: c.Dialer(), DisableKeepAlives: true}
		answer, err := (&http.Client{Transport: transport, Timeout: 10 * time.Second}).Get("http://" + address + "/")
		if err == nil {
			_, err = io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
		}
		if err == nil {
			return
		}
		if time.Now().After(late) {
			t.Fatal(err)
		}
	}
}
