package vault_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
)

func benchVault(b *testing.B) *vault.Vault {
	b.Helper()
	v, err := vault.Open(b.TempDir()+"/data", vault.Options{FileSystem: vaulttest.InPlace})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { v.Close() })
	if err := v.Maintain(); err != nil {
		b.Fatal(err)
	}
	return v
}

// together runs f b.N times over n goroutines.
func together(b *testing.B, n int, f func()) {
	work := make(chan struct{})
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			for range work {
				f()
			}
		})
	}
	for b.Loop() {
		work <- struct{}{}
	}
	close(work)
	all.Wait()
}

// BenchmarkLife is reserve, put, claim and acknowledge of 8 KiB: four durable
// steps, the first two of which are one call.
func BenchmarkLife(b *testing.B) {
	for _, clients := range []int{1, 32} {
		b.Run(fmt.Sprint(clients), func(b *testing.B) {
			v := benchVault(b)
			together(b, clients, func() {
				m := vaulttest.Draw(8 << 10)
				if err := m.Put(v); err != nil {
					b.Error(err)
				}
				if _, err := v.Claim(m.Ref, m.Claim, m.Reader.Verifier()); err != nil {
					b.Error(err)
				}
				if err := v.Acknowledge(m.Ref, m.Reader); err != nil {
					b.Error(err)
				}
			})
		})
	}
}

// BenchmarkErase is revoking one message, and in turn with it its floor: one
// 4 KiB write and fdatasync on the same disk. It reports both medians.
func BenchmarkErase(b *testing.B) {
	v := benchVault(b)
	f, err := os.Create(filepath.Join(b.TempDir(), "floor"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	page := make([]byte, 4096)
	write := func() error {
		if _, err := f.WriteAt(page, 0); err != nil {
			return err
		}
		return unix.Fdatasync(int(f.Fd()))
	}
	if err := write(); err != nil { // the block is there from now on
		b.Fatal(err)
	}
	var erase, floor []time.Duration
	for b.Loop() {
		b.StopTimer()
		m := vaulttest.Draw(8 << 10)
		if err := m.Put(v); err != nil {
			b.Fatal(err)
		}
		floor = append(floor, timed(b, write))
		b.StartTimer()
		erase = append(erase, timed(b, func() error { _, err := v.Revoke(m.Ref, m.Manage); return err }))
	}
	e, p := median(erase), median(floor)
	b.ReportMetric(milliseconds(e), "p50-ms")
	b.ReportMetric(milliseconds(p), "floor-p50-ms")
	b.ReportMetric(float64(e)/float64(p), "p50:floor")
}

func timed(b *testing.B, do func() error) time.Duration {
	began := time.Now()
	if err := do(); err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}
