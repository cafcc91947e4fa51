package vault

import (
	badger "github.com/dgraph-io/badger/v4"
)

// sweepOrphans deletes every chunk whose handle is not owned. The snapshot of
// Badger is taken before owned is asked for: a chunk it shows was announced by
// a reservation or a slot before, so an upload under way loses nothing.
func (h *heap) sweepOrphans(owned func() (map[handle]bool, error)) (int, error) {
	var orphans chunkDrop
	err := h.view(func(txn *badger.Txn) error {
		keep, err := owned()
		if err != nil {
			return err
		}
		it := txn.NewIterator(badger.IteratorOptions{}) // names only, no values
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			name, ok := parseChunkName(it.Item().Key())
			if !ok || !keep[name.handle()] {
				orphans.names = append(orphans.names, name)
				orphans.bytes += it.Item().EstimatedSize()
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return len(orphans.names), h.delete(orphans)
}

// view holds the gate also when f panics: a gate left held is a deadlock.
func (h *heap) view(f func(*badger.Txn) error) error {
	h.gate.RLock()
	defer h.gate.RUnlock()
	if h.db == nil {
		return ErrLocked
	}
	return h.db.View(f)
}

// collect gives space back to the file system: Badger drops dead values from
// its log only after it was closed and opened again. Requests wait for that,
// not for what Badger then copies.
func (h *heap) collect() error {
	if h.reclaim.Load() < collectAfter || !h.roomy() {
		return nil
	}
	if err := h.reopen(); err != nil {
		return err
	}
	h.gate.RLock()
	defer h.gate.RUnlock()
	for {
		if err := h.db.RunValueLogGC(0.5); err != nil {
			return nil // ErrNoRewrite: nothing more to gain; lag is not a failure
		}
	}
}

func (h *heap) reopen() error {
	h.gate.Lock()
	defer h.gate.Unlock()
	h.reclaim.Store(0)
	db := h.db
	h.db = nil
	if err := db.Close(); err != nil {
		h.latch.lock(CauseFsync)
		return errFsync
	}
	return h.openDB()
}
