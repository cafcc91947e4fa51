package webui

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"ashpost/vault"
	"ashpost/webui/api"
)

// BenchmarkTrip measures a message's whole life over a unix socket, with the
// same client against servers that do nothing but what durability costs.
//
//	ashpost   reserve, put, claim, acknowledge on a real vault
//	floor     four requests to net/http, three of them with an fdatasync
//	create    two requests, fdatasync on the first
//	both      two requests, fdatasync on each
//
// Where requests overlap, the floors' fdatasyncs are shared as the vault's are.
func BenchmarkTrip(b *testing.B) {
	for _, clients := range []int{1, 32} {
		b.Run(fmt.Sprintf("ashpost/%d", clients), func(b *testing.B) { benchAshpost(b, clients) })
		b.Run(fmt.Sprintf("floor/%d", clients), func(b *testing.B) { benchFloor(b, clients, "nsss") })
		b.Run(fmt.Sprintf("create/%d", clients), func(b *testing.B) { benchFloor(b, clients, "sn") })
		b.Run(fmt.Sprintf("both/%d", clients), func(b *testing.B) { benchFloor(b, clients, "ss") })
	}
}

const benchSize = 1024

func benchAshpost(b *testing.B, clients int) {
	_, path := benchServer(b)
	measure(b, path, clients, preamble, func(c *wire) error { return life(c.ask) })
}

func benchServer(b *testing.B) (*Server, string) {
	v, _ := openVault(b, &setup{vault: vault.Options{Slots: 1 << 16}}, new(atomic.Int64))
	s := build(v, Config{Hosts: func(bool) []string { return []string{"bench"} }}, unlimited())
	path := listenUnix(b, func(l net.Listener) error { return s.Serve(l, false) })
	b.Cleanup(func() { s.Shutdown(context.Background()) })
	return s, path
}

var benchFile = ageFile(benchSize)

// life takes one message through all of its life.
func life(ask func(status int, line string, body []byte, head ...string) ([]byte, error)) error {
	got, err := ask(201, "POST "+api.PathReservations, nil)
	if err != nil {
		return err
	}
	base := api.Base + "/messages/" + string(got[14:36])
	upload, key := string(got[52:95]), api.NewKey()
	proof := key.Verifier().Encode()
	if _, err = ask(201, "PUT "+base, benchFile, "Authorization: Bearer "+upload, "Content-Type: "+api.TypeBinary,
		api.HeaderExpiresIn+": 3600", api.HeaderReading+": once", api.HeaderClaim+": "+proof, api.HeaderManage+": "+proof); err != nil {
		return err
	}
	bearer := "Authorization: " + api.Bearer(key)
	got, err = ask(200, "POST "+base+"/claim", nil, bearer, api.HeaderReader+": "+proof)
	if err != nil || !bytes.Equal(got, benchFile) {
		return fmt.Errorf("claim: %d bytes, %w", len(got), err)
	}
	_, err = ask(204, "POST "+base+"/acknowledge", nil, bearer)
	return err
}

// benchFloor does one request a letter: s with fdatasync, n without.
func benchFloor(b *testing.B, clients int, steps string) {
	g := newGroup(b)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.URL.Path == "/s" && g.commit() != nil {
			w.WriteHeader(500)
			return
		}
		w.Write(body)
	})}
	path := listenUnix(b, server.Serve)
	b.Cleanup(func() { server.Close() })
	measure(b, path, clients, func(uint32) string { return "" }, func(c *wire) error {
		for i := range steps {
			var body []byte
			if i == len(steps)/4 {
				body = make([]byte, benchSize)
			}
			if _, err := c.ask(200, "POST /"+steps[i:i+1], body); err != nil {
				return err
			}
		}
		return nil
	})
}

func listenUnix(b *testing.B, serve func(net.Listener) error) string {
	path := filepath.Join(b.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		b.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); serve(l) }()
	b.Cleanup(func() { l.Close(); <-done })
	return path
}

// measure runs b.N trips, shared by so many clients with a connection each,
// which begins with first.
func measure(b *testing.B, path string, clients int, first func(id uint32) string, trip func(*wire) error) {
	var left atomic.Int64
	left.Store(int64(b.N))
	var all sync.WaitGroup
	cpu := cpuTime()
	b.ResetTimer()
	for i := range clients {
		conn, err := net.Dial("unix", path)
		if err != nil {
			b.Fatal(err)
		}
		io.WriteString(conn, first(uint32(i+1)))
		all.Go(func() {
			defer conn.Close()
			c := &wire{conn: conn, in: bufio.NewReader(conn)}
			for left.Add(-1) >= 0 {
				if err := trip(c); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "trips/s")
	b.ReportMetric(float64((cpuTime()-cpu).Microseconds())/float64(b.N), "cpu-µs/trip")
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u) // cannot fail for the process itself
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// wire is as little client as possible, the same for all servers.
type wire struct {
	conn net.Conn
	in   *bufio.Reader
	out  bytes.Buffer
	way  http.RoundTripper // of BenchmarkChannel
}

func (c *wire) ask(status int, line string, body []byte, head ...string) ([]byte, error) {
	got, answer, err := c.exchange(line, body, head)
	if err == nil && got != status {
		err = fmt.Errorf("answer %d", got)
	}
	return answer, err
}

func (c *wire) exchange(line string, body []byte, head []string) (status int, answer []byte, err error) {
	c.out.Reset()
	fmt.Fprintf(&c.out, "%s HTTP/1.1\r\nHost: bench\r\nContent-Length: %d\r\n", line, len(body))
	for _, h := range head {
		c.out.WriteString(h + "\r\n")
	}
	c.out.WriteString("\r\n")
	c.out.Write(body)
	if _, err := c.conn.Write(c.out.Bytes()); err != nil {
		return 0, nil, err
	}
	first, err := c.in.ReadString('\n')
	if err != nil || len(first) < len("HTTP/1.1 200") {
		return 0, nil, fmt.Errorf("answer %q, %w", first, err)
	}
	status, _ = strconv.Atoi(first[len("HTTP/1.1 "):][:3])
	size := 0
	for h := ""; err == nil && h != "\r\n"; h, err = c.in.ReadString('\n') {
		if n, ok := strings.CutPrefix(h, "Content-Length: "); ok {
			size, _ = strconv.Atoi(strings.TrimSpace(n))
		}
	}
	if err != nil {
		return 0, nil, err
	}
	answer = make([]byte, size)
	_, err = io.ReadFull(c.in, answer)
	return status, answer, err
}

// group shares one fdatasync among the writes that came while the last ran.
type group struct {
	file *os.File
	asks chan chan error
}

func newGroup(b *testing.B) *group {
	f, err := os.Create(filepath.Join(b.TempDir(), "slots"))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := f.Write(make([]byte, 16<<20)); err != nil {
		b.Fatal(err)
	}
	if err := f.Sync(); err != nil {
		b.Fatal(err)
	}
	g := &group{file: f, asks: make(chan chan error, 64)}
	b.Cleanup(func() { close(g.asks); f.Close() })
	go g.run()
	return g
}

func (g *group) commit() error {
	done := make(chan error, 1)
	g.asks <- done
	return <-done
}

func (g *group) run() {
	slot := make([]byte, 256)
	for at := int64(0); ; {
		first, open := <-g.asks
		if !open {
			return
		}
		waiting := []chan error{first}
		for range len(g.asks) {
			waiting = append(waiting, <-g.asks)
		}
		var err error
		for range waiting {
			at = (at + 256) % (16 << 20)
			if _, e := g.file.WriteAt(slot, at); e != nil {
				err = e
			}
		}
		if e := syscall.Fdatasync(int(g.file.Fd())); e != nil {
			err = e
		}
		for _, w := range waiting {
			w <- err
		}
	}
}
