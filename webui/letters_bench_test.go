package webui

import (
	"sync"
	"testing"
	"time"

	"ashpost/vault"
	"ashpost/webui/api"
)

// BenchmarkLetters measures what an owner of 10,000 messages waits for: one page of
// the list at each end, through a session, and one with the files of its messages, of
// the smallest size that there is.
func BenchmarkLetters(b *testing.B) {
	const letters = 10_000
	r := start(b, setup{vault: vault.Options{Slots: 1 << 17}})
	in := r.opened(1)
	fill(b, r.v, in, letters)
	owner := r.by(in.owners[0])
	b.Run("with files", func(b *testing.B) {
		client := r.clientOf(in.owners[0])
		for b.Loop() {
			if l, err := client.Letters(b.Context(), in.id, 0); err != nil || l.Files[api.MaxListed-1] == nil {
				b.Fatal(err)
			}
		}
	})
	for name, before := range map[string]uint64{"newest": 0, "oldest": api.MaxListed} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if l := owner.list(in, before); l.Count != letters || len(l.Messages) < api.MaxListed-1 {
					b.Fatalf("%d of %d", len(l.Messages), l.Count)
				}
			}
		})
	}
}

// fill puts letters into an inbox.
func fill(b *testing.B, v *vault.Vault, in *box, n int) {
	id, file := vault.InboxID(in.id), hybridFile(1, 8192+2000)
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			for range n / 32 {
				put(b, v, id, file)
			}
		})
	}
	for range n % 32 {
		put(b, v, id, file)
	}
	all.Wait()
}

func put(b *testing.B, v *vault.Vault, id vault.InboxID, file []byte) {
	ref, key, err := v.ReserveLetter(id, 0)
	if err == nil {
		_, err = v.Put(ref, key, file, vault.Terms{Inbox: &id, Lifetime: 24 * time.Hour})
	}
	if err != nil {
		b.Error(err)
	}
}
