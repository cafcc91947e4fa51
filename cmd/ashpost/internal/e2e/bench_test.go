package e2e

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"ashpost/onion"
	"ashpost/webui/api"
)

const (
	largeFile = 8 << 20
	smallFile = 1 << 10
)

// BenchmarkThroughTor compares the service with a bare server of the same bytes,
// each behind a Tor of its own on the same private network, in turns.
func BenchmarkThroughTor(b *testing.B) {
	ref, key := storeLarge(b)
	ours := fetcher{http.Client{Transport: dialling(b)}, world.service.address()}
	bare := fetcher{http.Client{Transport: dialling(b)}, bareService(b)}
	content := api.MessagePath(api.PathContent, ref)
	b.Run("8MiB", func(b *testing.B) {
		var floor, got time.Duration
		for b.Loop() {
			floor += bare.fetch(b, "/large", nil)
			got += ours.fetch(b, content, &key)
		}
		b.ReportMetric(floor.Seconds()/got.Seconds(), "of-bare")
		b.ReportMetric(float64(largeFile*b.N)/got.Seconds()/1e6, "MB/s")
	})
	b.Run("1KB", func(b *testing.B) {
		var floor, got []time.Duration
		for b.Loop() {
			floor = append(floor, bare.fetch(b, "/small", nil))
			got = append(got, ours.fetch(b, "/api/v1/service", nil))
		}
		b.ReportMetric(milliseconds(median(floor)), "bare-p50-ms")
		b.ReportMetric(milliseconds(median(got)-median(floor)), "added-p50-ms")
	})
}

// fetcher fetches from one service, over one circuit and one connection.
type fetcher struct {
	http.Client
	service string
}

func (v *fetcher) fetch(b *testing.B, path string, key *api.Key) time.Duration {
	b.Helper()
	r, err := http.NewRequest(http.MethodGet, v.service+path, nil)
	if err != nil {
		b.Fatal(err)
	}
	if key != nil {
		r.Header.Set("Authorization", api.Bearer(*key))
	}
	began := time.Now()
	answer, err := v.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	if wait, err := strconv.Atoi(answer.Header.Get("Retry-After")); err == nil && answer.StatusCode == http.StatusTooManyRequests {
		time.Sleep(time.Duration(wait) * time.Second) // on a fast machine a circuit meets its limit
		return v.fetch(b, path, key)
	}
	n, err := io.Copy(io.Discard, answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK || key != nil && n < largeFile {
		b.Fatalf("%d bytes, %s: %v", n, answer.Status, err)
	}
	return time.Since(began)
}

func dialling(b *testing.B) *http.Transport {
	t := &http.Transport{DialContext: onion.Dialer(world.socks), DisableCompression: true}
	b.Cleanup(t.CloseIdleConnections)
	return t
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// storeLarge puts a message of 8 MiB into the service, readable until its expiry.
func storeLarge(b *testing.B) (api.Reference, api.Key) {
	b.Helper()
	client, err := api.NewClient(world.service.address(), api.Dial(onion.Dialer(world.socks)))
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	hold, err := client.Reserve(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	var claim api.Key
	rand.Read(claim[:])
	file := sealed(b)
	terms := api.Terms{ExpiresIn: 3600, Reading: api.UntilExpiry, Claim: claim.Verifier(), Manage: claim.Verifier()}
	if _, err := client.UploadStream(b.Context(), hold, bytes.NewReader(file), int64(len(file)), terms, func(int64) {}); err != nil {
		b.Fatal(err)
	}
	return hold.Reference, claim
}

// sealed is an age file of a little more than largeFile bytes.
func sealed(b *testing.B) []byte {
	b.Helper()
	recipient, err := age.NewScryptRecipient("benchmark")
	if err != nil {
		b.Fatal(err)
	}
	recipient.SetWorkFactor(10)
	var file bytes.Buffer
	w, err := age.Encrypt(&file, recipient)
	if err == nil {
		_, err = w.Write(make([]byte, largeFile))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		b.Fatal(err)
	}
	return file.Bytes()
}

// bareService publishes a server of fixed bytes and gives its address.
func bareService(b *testing.B) string {
	b.Helper()
	dir := b.TempDir()
	socket := filepath.Join(dir, "bare.sock")
	l, err := net.Listen("unix", socket)
	if err != nil {
		b.Fatal(err)
	}
	pages := http.NewServeMux()
	for name, size := range map[string]int{"large": largeFile, "small": smallFile} {
		content := make([]byte, size)
		rand.Read(content)
		pages.HandleFunc("/"+name, func(w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
		})
	}
	server := &http.Server{Handler: pages}
	go server.Serve(plain{l})
	b.Cleanup(func() { server.Close() })
	return publish(b, onion.Config{Dir: filepath.Join(dir, "tor"), Target: socket, Network: world.network.Torrc()})
}

// plain takes the line off each stream that names its circuit.
type plain struct{ net.Listener }

func (p plain) Accept() (net.Conn, error) {
	c, err := p.Listener.Accept()
	for one := make([]byte, 1); err == nil && one[0] != '\n'; {
		_, err = c.Read(one)
	}
	return c, err
}

func publish(b *testing.B, c onion.Config) string {
	b.Helper()
	var err error
	if c.Tor, err = onion.FindTor(filepath.Join(world.root, "build", "tor")); err != nil {
		b.Fatal(err)
	}
	s, err := onion.New(c)
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	b.Cleanup(func() { cancel(); <-done })
	for {
		changed := s.Changes()
		if state := s.State(); state.Published {
			return "http://" + strings.TrimSpace(state.Address)
		}
		select {
		case <-changed:
		case <-time.After(2 * time.Minute):
			b.Fatal("not published")
		}
	}
}
