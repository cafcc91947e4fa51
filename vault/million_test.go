package vault_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
)

// BenchmarkMillion is a vault of a million messages:
//
//	open       opening it
//	first      the maintenance after that, which also looks for orphans
//	maintain   an hourly run with 10,000 due: time and memory
//	asked      the same while four clients live through messages, and how long
//	           each of their calls took
//	collect    closing and opening Badger, for which requests wait; a run does
//	           it only when the value log has space to give back
//	floor      one sequential read of the slot file from the disk
func BenchmarkMillion(b *testing.B) {
	const million, due = 1_000_000, 10_000
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(160 << 20)) // as serve sets it
	clock, dir := vaulttest.NewClock(), filepath.Join(b.TempDir(), "data")
	var v *vault.Vault
	open := func(b *testing.B) {
		var err error
		if v, err = vault.Open(dir, vault.Options{Slots: 1 << 20, Clock: clock.Clock(), FileSystem: vaulttest.InPlace}); err != nil {
			b.Fatal(err)
		}
	}
	must := func(b *testing.B, err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	open(b)
	defer func() { v.Close() }()
	must(b, v.Maintain())
	must(b, v.Populate(million-due, 100, v.Status().Now.Add(7*24*time.Hour)))
	run := func(b *testing.B) {
		b.StopTimer()
		must(b, v.Populate(due, 100, v.Status().Now.Add(30*time.Second)))
		clock.Advance(time.Minute)
		b.StartTimer()
		must(b, v.Maintain())
		if n := v.Status().Destroyed; n != due {
			b.Fatalf("%d destroyed", n)
		}
	}
	must(b, v.Close())
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			v.Close()
			b.StartTimer()
			open(b)
		}
	})
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			v.Close()
			open(b)
			b.StartTimer()
			must(b, v.Maintain())
		}
	})
	b.Run("maintain", func(b *testing.B) {
		debug.FreeOSMemory()
		before, most := vaulttest.MemoryOf(b, os.Getpid()).Anonymous, int64(0)
		for b.Loop() {
			watched := vaulttest.WatchMemory(b, os.Getpid())
			run(b)
			most = max(most, watched())
		}
		b.ReportMetric(float64(most-before)/(1<<20), "MiB-more")
		b.ReportMetric(float64(before)/(1<<20), "MiB-before")
	})
	b.Run("asked", func(b *testing.B) {
		stop := ask(b, v, 4)
		for b.Loop() {
			run(b)
		}
		took := stop()
		b.ReportMetric(milliseconds(took[len(took)*99/100]), "p99-ms")
		b.ReportMetric(milliseconds(took[len(took)-1]), "most-ms")
		b.ReportMetric(float64(len(took)), "calls")
	})
	b.Run("collect", func(b *testing.B) {
		for b.Loop() {
			must(b, v.ReopenHeap())
		}
	})
	b.Run("floor", func(b *testing.B) {
		for b.Loop() {
			must(b, readDirect(filepath.Join(dir, "slots")))
		}
	})
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// readDirect reads a file past the page cache, a MiB at a time.
func readDirect(path string) error {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_DIRECT, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	page, err := unix.Mmap(-1, 0, 1<<20, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return err
	}
	defer unix.Munmap(page)
	for err == nil {
		_, err = f.Read(page)
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// ask lets clients live through messages until the returned function is
// called, which gives how long each call took, sorted.
func ask(b *testing.B, v *vault.Vault, clients int) func() []time.Duration {
	var mu sync.Mutex
	var all []time.Duration
	timed := func(call func() error) {
		began := time.Now()
		err := call()
		took := time.Since(began)
		mu.Lock()
		defer mu.Unlock()
		all = append(all, took)
		if err != nil {
			b.Error(err)
		}
	}
	ended := make(chan struct{})
	var asking sync.WaitGroup
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
