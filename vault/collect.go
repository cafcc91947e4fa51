package vault

import (
	"errors"

	badger "github.com/dgraph-io/badger/v4"
)

// sweepOrphans deletes every chunk whose handle is not owned. The snapshot of
// Badger is taken before owned is asked for: a chunk it shows was announced by
// a reservation or a slot before, so an upload under way loses nothing.
func (h *heap) sweepOrphans(owned func() (map[handle]bool, error)) (int, error) {
	var orphans []chunkName
	h.gate.RLock()
	err := h.db.View(func(txn *badger.Txn) error {
		keep, err := owned()
		if err != nil {
			return err
		}
		it := txn.NewIterator(badger.IteratorOptions{}) // names only, no values
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			name, ok := parseChunkName(it.Item().Key())
			if !ok || !keep[name.handle()] {
				orphans = append(orphans, name)
			}
		}
		return nil
	})
	h.gate.RUnlock()
	if err != nil {
		return 0, err
	}
	return len(orphans), h.delete(orphans)
}

// collect gives space back to the file system: Badger drops dead values from
// its log only after it was closed and opened again. Requests wait meanwhile.
func (h *heap) collect() error {
	if h.reclaim.Load() < collectAfter {
		return nil
	}
	h.gate.Lock()
	defer h.gate.Unlock()
	h.reclaim.Store(0)
	if err := h.db.Close(); err != nil {
		h.latch.lock(CauseFsync)
		return errFsync
	}
	db, err := badger.Open(heapOptions(h.dir, heapLog{h.latch}))
	if err != nil {
		h.latch.lock(CauseCorruption)
		return errors.New("Badger cannot reopen its files")
	}
	h.db = db
	for {
		if err := db.RunValueLogGC(0.5); err != nil {
			return nil // ErrNoRewrite: nothing more to gain; lag is not a failure
		}
	}
}
