package vault_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

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

// BenchmarkErase is revoking one message, beside its floor: one 4 KiB write
// and fdatasync on the same disk.
func BenchmarkErase(b *testing.B) {
	b.Run("vault", func(b *testing.B) {
		v := benchVault(b)
		for b.Loop() {
			b.StopTimer()
			m := vaulttest.Draw(8 << 10)
			if err := m.Put(v); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			if _, err := v.Revoke(m.Ref, m.Manage); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("floor", func(b *testing.B) {
		f, err := os.Create(filepath.Join(b.TempDir(), "floor"))
		if err != nil {
			b.Fatal(err)
		}
		defer f.Close()
		page := make([]byte, 4096)
		for b.Loop() {
			if _, err := f.WriteAt(page, 0); err != nil {
				b.Fatal(err)
			}
			if err := unix.Fdatasync(int(f.Fd())); err != nil {
				b.Fatal(err)
			}
		}
	})
}
