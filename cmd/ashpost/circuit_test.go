package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/webui/api"
)

// TestBrokenCircuits passes a message through a real service over connections
// none of which lives long: no byte is lost, one reader gets it, and it is gone.
func TestBrokenCircuits(t *testing.T) {
	t.Parallel()
	address, stop := startService(t.Fatalf, filepath.Join(t.TempDir(), "data"))
	t.Cleanup(func() { stop() })
	lives := []int64{api.PartSize / 3, api.PartSize * 5 / 4, 2000, api.PartSize * 3 / 2}
	var dialled, broken atomic.Int32
	client, err := api.NewClient("http://"+address, func(ctx context.Context, network, to string) (net.Conn, error) {
		conn, err := loopback(ctx, network, to)
		if err != nil {
			return nil, err
		}
		life := lives[int(dialled.Add(1))%len(lives)]
		return &circuit{Conn: conn, left: life, broken: &broken}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	file := make([]byte, 3*api.PartSize)
	rand.Read(file)
	link := seal.Link{Service: "http://" + address, Token: seal.NewToken()}
	message := seal.Message{Files: []seal.File{memory("random", file)}}

	reserved, err := client.Reserve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	link.Reference = reserved.Reference
	keys, reader := link.Keys(), api.NewKey()
	terms := api.Terms{ExpiresIn: 600, Reading: api.Once, Claim: api.Key(keys.Claim).Verifier(), Manage: api.NewKey().Verifier()}
	if _, err := upload(t.Context(), &tui{}, client, reserved, terms, seal.SealedSize(message), func(w io.Writer) error { return seal.Seal(w, keys, "", message) }); err != nil {
		t.Fatalf("upload: %v", err)
	}
	got, err := client.Claim(t.Context(), link.Reference, keys.Claim, reader.Verifier())
	if err != nil {
		t.Fatalf("claim: %v", err)
	}
	if _, err := client.Claim(t.Context(), link.Reference, keys.Claim, api.NewKey().Verifier()); !errors.Is(err, api.ErrGone) {
		t.Errorf("a second reader: %v", err)
	}
	var back bytes.Buffer
	if err := client.Download(t.Context(), link.Reference, reader, got, &back, func(int64) {}); err != nil {
		t.Fatalf("download: %v", err)
	}
	opened, err := seal.Open(&back, keys, "")
	if err == nil {
		err = opened.Verify()
	}
	if err != nil {
		t.Fatalf("the message changed on its way: %v", err)
	}
	for range 2 {
		if err := client.Acknowledge(t.Context(), link.Reference, reader); err != nil {
			t.Errorf("acknowledge: %v", err)
		}
	}
	if _, err := client.Claim(t.Context(), link.Reference, keys.Claim, reader.Verifier()); !errors.Is(err, api.ErrGone) {
		t.Errorf("after it was destroyed: %v", err)
	}
	if broken.Load() == 0 {
		t.Error("no connection broke: this shows nothing")
	}
	t.Logf("%d connections broke", broken.Load())
}

// circuit is a connection that breaks after so many bytes, either way.
type circuit struct {
	net.Conn
	left   int64
	broken *atomic.Int32
}

func (c *circuit) spend(n int) error {
	if left := atomic.AddInt64(&c.left, -int64(n)); left < 0 {
		c.broken.Add(1)
		c.Conn.Close()
		return syscall.ECONNRESET
	}
	return nil
}

func (c *circuit) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err == nil {
		err = c.spend(n)
	}
	return n, err
}

func (c *circuit) Write(p []byte) (int, error) {
	if err := c.spend(len(p)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}
