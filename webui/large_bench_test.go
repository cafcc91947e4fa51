package webui

import (
	"context"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync/atomic"
	"testing"
	"time"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
	"ashpost/webui/api"
)

// BenchmarkLarge takes a message of 1 GiB up and down over a unix socket, and
// beside it, in turn, writes as many bytes to a file with one fsync a part. It
// reports the three speeds, and by how much the anonymous memory grew of the
// one process that holds client and server.
func BenchmarkLarge(b *testing.B) {
	const size = 1 << 30
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(160 << 20)) // as serve sets it
	v, _ := openVault(b, &setup{vault: vault.Options{MaxMessage: size, Quota: 4 * size}}, new(atomic.Int64))
	s := build(v, Config{Hosts: func(bool) []string { return []string{"bench"} }}, unlimited())
	path := listenUnix(b, func(l net.Listener) error { return s.Serve(l, false) })
	b.Cleanup(func() { s.Shutdown(context.Background()) })
	c, err := api.NewClient("http://bench", func(ctx context.Context, _, _ string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
		if err == nil {
			_, err = io.WriteString(conn, preamble(1))
		}
		return conn, err
	})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	copied := filepath.Join(b.TempDir(), "copied")
	begin := func() io.Reader { return &noise{head: ageFile(200)} }
	var in, out, floor time.Duration
	var more int64
	rounds := 0
	for b.Loop() {
		debug.FreeOSMemory()
		before, most := vaulttest.MemoryOf(b, os.Getpid()).Anonymous, vaulttest.WatchMemory(b, os.Getpid())
		m := large{Client: c, claim: api.NewKey(), reader: api.NewKey()}
		in += took(b, func() error { return m.up(b.Context(), begin(), size) })
		out += took(b, func() error { return m.down(b.Context()) })
		more = max(more, most()-before)
		floor += took(b, func() error { return copyInParts(copied, io.LimitReader(begin(), size)) })
		b.StopTimer()
		if err := c.Acknowledge(b.Context(), m.ref, m.reader); err != nil {
			b.Fatal(err)
		}
		if err := v.Maintain(); err != nil { // gives the space back
			b.Fatal(err)
		}
		rounds++
		b.StartTimer()
	}
	speed := func(d time.Duration) float64 { return float64(rounds) * size / 1e6 / d.Seconds() }
	b.ReportMetric(speed(in), "in-MB/s")
	b.ReportMetric(speed(out), "out-MB/s")
	b.ReportMetric(speed(floor), "floor-MB/s")
	b.ReportMetric(speed(in)/speed(floor), "in:floor")
	b.ReportMetric(speed(out)/speed(floor), "out:floor")
	b.ReportMetric(float64(more)/(1<<20), "MiB-more")
}

// large is one message on its way.
type large struct {
	*api.Client
	claim, reader api.Key
	ref           api.Reference
}

func (m *large) up(ctx context.Context, src io.Reader, size int64) error {
	res, err := m.Reserve(ctx)
	if err != nil {
		return err
	}
	m.ref = res.Reference
	t := api.Terms{ExpiresIn: 3600, Reading: api.Once, Claim: m.claim.Verifier(), Manage: m.reader.Verifier()}
	_, err = m.UploadStream(ctx, res, io.LimitReader(src, size), size, t, func(int64) {})
	return err
}

func (m *large) down(ctx context.Context) error {
	got, err := m.Claim(ctx, m.ref, m.claim, m.reader.Verifier())
	if err != nil {
		return err
	}
	return m.Download(ctx, m.ref, m.reader, got, io.Discard, func(int64) {})
}

func took(b *testing.B, do func() error) time.Duration {
	began := time.Now()
	if err := do(); err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}

func copyInParts(path string, src io.Reader) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	part := make([]byte, api.PartSize)
	for {
		n, err := io.ReadFull(src, part)
		if n > 0 {
			if _, err := f.Write(part[:n]); err != nil {
				return err
			}
			if err := f.Sync(); err != nil {
				return err
			}
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// noise is an endless file with the beginning of a real one, cheap to make.
type noise struct {
	head  []byte
	block []byte
}

func (n *noise) Read(p []byte) (int, error) {
	if len(n.head) > 0 {
		k := copy(p, n.head)
		n.head = n.head[k:]
		return k, nil
	}
	if n.block == nil {
		n.block = make([]byte, 1<<20)
		rand.NewChaCha8([32]byte{}).Read(n.block)
	}
	return copy(p, n.block), nil
}
