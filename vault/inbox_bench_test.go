package vault_test

import (
	"testing"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
)

// BenchmarkInbox is what a large inbox costs: a page of the newest and one of
// the oldest of 10,000 letters, and opening a vault that holds them; beside it,
// opening one with as many messages behind links.
func BenchmarkInbox(b *testing.B) {
	const many = 10_000
	o := vault.Options{Slots: 1 << 17, FileSystem: vaulttest.InPlace}
	fill := func(b *testing.B, dir string, letters bool) (in box) {
		v, err := vault.Open(dir, o)
		must(b, err)
		must(b, v.Maintain())
		in = opened(b, v, vault.KindInbox)
		for range many {
			m := vaulttest.Draw(100)
			if letters {
				to(in)(m)
			}
			must(b, m.Put(v))
		}
		must(b, v.Close())
		return in
	}
	for name, letters := range map[string]bool{"letters": true, "links": false} {
		b.Run(name, func(b *testing.B) {
			dir := vaulttest.FastDir(b)
			in := fill(b, dir, letters)
			b.Run("open", func(b *testing.B) {
				for b.Loop() {
					v, err := vault.Open(dir, o)
					must(b, err)
					must(b, v.Close())
				}
			})
			if !letters {
				return
			}
			v, err := vault.Open(dir, o)
			must(b, err)
			defer v.Close()
			must(b, v.Maintain())
			for name, before := range map[string]uint64{"newest": 0, "oldest": 101} {
				b.Run(name, func(b *testing.B) {
					for b.Loop() {
						if l, err := v.Letters(in.id, before, 100); err != nil || len(l.Letters) != 100 {
							b.Fatal(len(l.Letters), err)
						}
					}
				})
			}
			b.Logf("destroyed in %v", timed(b, func() error { return v.DestroyInbox(in.id) }))
		})
	}
}
