package vault

import (
	"sync/atomic"
	"time"

	badger "github.com/dgraph-io/badger/v4"
)

// HastenPatience makes the seconds of waiting for the disk shorter.
func (v *Vault) HastenPatience(tick time.Duration) { v.patience.tick = tick }

// Hung is how many operations were given up and are not through.
func (v *Vault) Hung() int64 { return v.patience.hung.Load() }

// KeepChunks keeps chunks that nobody owns until the returned function is
// called: a power cut may come at any moment before they are deleted.
func (v *Vault) KeepChunks() (end func()) {
	var ended atomic.Bool
	free := v.heap.free
	v.heap.free = func() (int64, error) {
		if !ended.Load() {
			return 0, nil
		}
		return free()
	}
	return func() { ended.Store(true) }
}

// ClosingWaits reports whether somebody waits to change what every method uses.
func (v *Vault) ClosingWaits() bool {
	if v.life.TryRLock() {
		v.life.RUnlock()
		return false
	}
	return true
}

// Lasting is how many chunks Badger keeps until they are deleted, and how many it
// drops by itself some day.
func (v *Vault) Lasting() (always, until int, err error) {
	err = v.heap.view(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.IteratorOptions{})
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			if it.Item().ExpiresAt() == 0 {
				always++
			} else {
				until++
			}
		}
		return nil
	})
	return always, until, err
}

// LoseChunks has Badger lose all it holds.
func (v *Vault) LoseChunks() error {
	var all chunkDrop
	err := v.heap.view(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.IteratorOptions{})
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			name, _ := parseChunkName(it.Item().Key())
			all.names = append(all.names, name)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return v.heap.delete(all)
}
