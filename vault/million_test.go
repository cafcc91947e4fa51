package vault_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
)

// BenchmarkMaintain is an hourly run over a million messages of which 10,000
// are due, alone and while clients ask, beside its floor: one sequential read
// of a slot file of that size.
func BenchmarkMaintain(b *testing.B) {
	const million, due = 1_000_000, 10_000
	clock := vaulttest.NewClock()
	dir := filepath.Join(b.TempDir(), "data")
	debug.SetMemoryLimit(160 << 20) // as serve sets it
	v, err := vault.Open(dir, vault.Options{Slots: 1 << 20, Clock: clock.Clock(), FileSystem: vaulttest.InPlace})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { v.Close() })
	if err := v.Maintain(); err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	now := func() time.Time { return v.Status().Now }
	if err := v.Populate(million-due, 100, now().Add(7*24*time.Hour)); err != nil {
		b.Fatal(err)
	}
	fmt.Fprintln(os.Stderr, "populated in", time.Since(began))
	again := func(b *testing.B) {
		b.StopTimer()
		if err := v.Populate(due, 100, now().Add(30*time.Second)); err != nil {
			b.Fatal(err)
		}
		clock.Advance(time.Minute)
		b.StartTimer()
		t0 := time.Now()
		if err := v.Maintain(); err != nil {
			b.Fatal(err)
		}
		fmt.Fprintln(os.Stderr, "maintained in", time.Since(t0))
		if n := v.Status().Destroyed; n < due {
			b.Fatal("destroyed", n)
		}
	}
	b.Run("alone", func(b *testing.B) {
		debug.FreeOSMemory()
		before := anonymous(b)
		most := watchMemory(b)
		for b.Loop() {
			again(b)
		}
		b.ReportMetric(float64(most()-before)/(1<<20), "MiB-more")
		b.ReportMetric(float64(before)/(1<<20), "MiB-before")
	})
	b.Run("asked", func(b *testing.B) {
		stop := ask(b, v, 4)
		for b.Loop() {
			again(b)
		}
		took := stop()
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "max-ms")
		b.ReportMetric(float64(len(took)), "requests")
	})
	b.Run("floor", func(b *testing.B) {
		for b.Loop() {
			f, err := os.Open(filepath.Join(dir, "slots"))
			if err != nil {
				b.Fatal(err)
			}
			if _, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{f}, make([]byte, 1<<20)); err != nil {
				b.Fatal(err)
			}
			f.Close()
		}
	})
}

// ask lets clients live through messages until the returned function is
// called, which gives how long each call took.
func ask(b *testing.B, v *vault.Vault, clients int) func() []time.Duration {
	var mu sync.Mutex
	var all []time.Duration
	ended := make(chan struct{})
	var asking sync.WaitGroup
	timed := func(call func() error) {
		began := time.Now()
		if err := call(); err != nil {
			b.Error(err)
		}
		took := time.Since(began)
		mu.Lock()
		all = append(all, took)
		mu.Unlock()
	}
	for range clients {
		asking.Go(func() {
			for {
				select {
				case <-ended:
					return
				default:
				}
				m := vaulttest.Draw(8 << 10)
				timed(func() error { return m.Put(v) })
				timed(func() error { _, err := v.Claim(m.Ref, m.Claim, m.Reader.Verifier()); return err })
				timed(func() error { return v.Acknowledge(m.Ref, m.Reader) })
			}
		})
	}
	return func() []time.Duration {
		close(ended)
		asking.Wait()
		slices.Sort(all)
		return all
	}
}

// anonymous is the anonymous memory of this process, in bytes.
func anonymous(b *testing.B) int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "RssAnon:")
	line, _, _ := strings.Cut(rest, "kB")
	n, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return n << 10
}

// watchMemory looks every millisecond until the returned function is called,
// which gives the most it saw.
func watchMemory(b *testing.B) func() int64 {
	ended, most := make(chan struct{}), make(chan int64)
	go func() {
		var peak int64
		for {
			peak = max(peak, anonymous(b))
			select {
			case <-ended:
				most <- peak
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	return func() int64 { close(ended); return <-most }
}
