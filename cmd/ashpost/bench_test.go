package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
	"ashpost/webui/api"
)

// BenchmarkColdStart runs `serve --no-tor` on a new folder until it says that it
// is open, beside its floor: the same program printing its version.
func BenchmarkColdStart(b *testing.B) {
	program := buildProgram(b)
	b.Run("serve", func(b *testing.B) {
		for b.Loop() {
			s := startBench(b, program, filepath.Join(b.TempDir(), "data"))
			b.StopTimer()
			s.stop(b)
			b.StartTimer()
		}
	})
	b.Run("floor", func(b *testing.B) {
		for b.Loop() {
			if err := exec.Command(program, "version").Run(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkIdle starts the service on 100,000 messages of 8 KiB, which is what a
// short text takes, and says how long it was until it was open and what it then
// holds.
func BenchmarkIdle(b *testing.B) {
	const messages = 100_000
	program, data := buildProgram(b), filepath.Join(b.TempDir(), "data")
	fillVault(b, data, messages)
	var m vaulttest.Memory
	for b.Loop() {
		s := startBench(b, program, data)
		b.StopTimer()
		time.Sleep(5 * time.Second) // idle; a measurement, no synchronisation
		m = vaulttest.MemoryOf(b, s.Process.Pid)
		s.stop(b)
		b.StartTimer()
	}
	b.ReportMetric(float64(m.All)/(1<<20), "MiB-RSS")
	b.ReportMetric(float64(m.Anonymous)/(1<<20), "MiB-anonymous")
}

// BenchmarkSendOpen sends and opens 1000 MiB with the commands, through a
// service with --max-message 1GiB, beside its floor: the same bytes copied to a
// file with one fsync a part. It says how much memory each process took.
func BenchmarkSendOpen(b *testing.B) {
	const size = 1000 << 20
	program, dir := buildProgram(b), b.TempDir()
	path := filepath.Join(dir, "large")
	writeNoise(b, path, size)
	s := startBench(b, program, filepath.Join(dir, "data"), "--max-message", "1GiB")
	defer s.stop(b)
	var send, open, floor time.Duration
	var sender, opener, server int64
	rounds := 0
	for b.Loop() {
		before := vaulttest.MemoryOf(b, s.Process.Pid).Anonymous
		watched := vaulttest.WatchMemory(b, s.Process.Pid)
		link, took, most := runBench(b, "", program, "send", "--service", "http://"+s.address, path)
		send, sender = send+took, max(sender, most)
		_, took, most = runBench(b, link, program, "open", "--out", filepath.Join(dir, "in"))
		open, opener = open+took, max(opener, most)
		server = max(server, watched()-before)
		began := time.Now()
		copyInParts(b, path, filepath.Join(dir, "copied"))
		floor += time.Since(began)
		b.StopTimer()
		if err := os.RemoveAll(filepath.Join(dir, "in")); err != nil {
			b.Fatal(err)
		}
		rounds++
		b.StartTimer()
	}
	speed := func(d time.Duration) float64 { return float64(rounds) * size / 1e6 / d.Seconds() }
	b.ReportMetric(speed(send), "send-MB/s")
	b.ReportMetric(speed(open), "open-MB/s")
	b.ReportMetric(speed(floor), "floor-MB/s")
	b.ReportMetric(float64(sender)/(1<<20), "send-MiB")
	b.ReportMetric(float64(opener)/(1<<20), "open-MiB")
	b.ReportMetric(float64(server)/(1<<20), "serve-MiB-more")
}

// buildProgram makes the program itself: this test's binary is larger.
func buildProgram(b *testing.B) string {
	b.Helper()
	program := filepath.Join(b.TempDir(), "ashpost")
	if out, err := exec.Command("go", "build", "-trimpath", "-o", program, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return program
}

type benched struct {
	*exec.Cmd
	address string
}

// startBench starts a service and waits until it says that it is open. Its
// listener is there before the first maintenance, so one request waits for both.
func startBench(b *testing.B, program, data string, flags ...string) *benched {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	s := &benched{address: l.Addr().String()}
	l.Close()
	s.Cmd = exec.Command(program, append([]string{"serve", "--no-tor", "--preview", s.address, "--data", data}, flags...)...)
	if err := s.Start(); err != nil {
		b.Fatal(err)
	}
	deadline := time.Now().Add(time.Minute)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
	for {
		answer, err := client.Get("http://" + s.address + api.PathService)
		if errors.Is(err, syscall.ECONNREFUSED) && time.Now().Before(deadline) {
			time.Sleep(time.Millisecond)
			continue
		}
		if err != nil {
			s.stop(b)
			b.Fatal(err)
		}
		var state api.Service
		err = json.NewDecoder(answer.Body).Decode(&state)
		answer.Body.Close()
		if err != nil || state.State != api.Open {
			s.stop(b)
			b.Fatalf("%+v %v", state, err)
		}
		return s
	}
}

func (s *benched) stop(b *testing.B) {
	s.Process.Signal(syscall.SIGTERM)
	if err := s.Wait(); err != nil {
		b.Error(err)
	}
}

// runBench runs a command and gives what it printed, how long it took and how
// much anonymous memory it held at most.
func runBench(b *testing.B, stdin, program string, args ...string) (string, time.Duration, int64) {
	b.Helper()
	var out, complaint bytes.Buffer
	cmd := exec.Command(program, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &complaint
	began := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	most := vaulttest.WatchMemory(b, cmd.Process.Pid)
	err := cmd.Wait()
	took := time.Since(began)
	if err != nil {
		b.Fatalf("%v\n%s", err, &complaint)
	}
	return out.String(), took, most()
}

// fillVault stores so many messages of 8 KiB that live for days.
func fillVault(b *testing.B, data string, n int) {
	b.Helper()
	v, err := vault.Open(data, vault.Options{Slots: 1 << 17})
	if err != nil {
		b.Fatal(err)
	}
	if err := v.Maintain(); err != nil {
		b.Fatal(err)
	}
	work := make(chan struct{})
	var all sync.WaitGroup
	for range 256 {
		all.Go(func() {
			for range work {
				m := vaulttest.Draw(8 << 10)
				m.Terms.Lifetime = 5 * 24 * time.Hour
				if err := m.Put(v); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for range n {
		work <- struct{}{}
	}
	close(work)
	all.Wait()
	if err := v.Close(); err != nil {
		b.Fatal(err)
	}
}

func writeNoise(b *testing.B, path string, size int64) {
	b.Helper()
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if _, err := io.CopyN(f, rand.NewChaCha8([32]byte{}), size); err != nil {
		b.Fatal(err)
	}
}

func copyInParts(b *testing.B, from, to string) {
	b.Helper()
	in, err := os.Open(from)
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		b.Fatal(err)
	}
	defer out.Close()
	for {
		n, err := io.CopyN(out, in, api.PartSize)
		if err := out.Sync(); err != nil {
			b.Fatal(err)
		}
		if err == io.EOF {
			return
		}
		if err != nil || n == 0 {
			b.Fatal(err)
		}
	}
}
