package vault

import (
	"encoding/binary"
	"slices"

	badger "github.com/dgraph-io/badger/v4"
)

// ownedChunks knows which chunks must stay, by the first eight bytes of their
// handles, sorted: a million in 8 MB. Two that agree in them would leave an
// orphan to its time to live.
type ownedChunks []uint64

func (o *ownedChunks) add(h handle) { *o = append(*o, binary.BigEndian.Uint64(h[:])) }

func (o ownedChunks) has(h handle) bool {
	_, ok := slices.BinarySearch(o, binary.BigEndian.Uint64(h[:]))
	return ok
}

// owned names every chunk that must stay. Uploads come first: one that is
// committed between the two looks is then found by the second.
func (v *Vault) owned() (ownedChunks, error) {
	live, _ := v.table.usage()
	keep := make(ownedChunks, 0, live+maxReservations)
	v.uploads.handles(keep.add)
	err := v.table.scan(v.table.readAt, func(_ uint32, b *slotBytes) {
		if s, ok := b.decode(); ok {
			keep.add(chunkHandle(&s.key))
		}
	})
	slices.Sort(keep)
	return keep, err
}

// sweepOrphans deletes every chunk whose handle is not owned, unless it is
// known that there are none: at first, and after a deletion that could not be
// done, there may be. The snapshot of Badger is taken before owned is asked
// for: a chunk it shows was announced by a reservation or a slot before, so an
// upload under way loses nothing.
func (h *heap) sweepOrphans(owned func() (ownedChunks, error)) error {
	if !h.strays.Swap(false) {
		return nil
	}
	done := false
	defer func() {
		if !done { // failed, or panicked
			h.strays.Store(true)
		}
	}()
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
			if !ok || !keep.has(name.handle()) {
				orphans.names = append(orphans.names, name)
				orphans.bytes += inLog(it.Item().EstimatedSize())
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err = h.delete(orphans); err != nil {
		return err
	}
	done = true
	// The kernel counts as ours what was read through the mapped files.
	if err := h.reopen(false); err != ErrFull {
		return err
	}
	return nil
}

// leaveStrays is called before Badger is closed: what uploads under way have
// stored has nobody then, nor perhaps what belongs to a slot whose write failed.
// It is not deleted here: a commit that failed may have made a message of it.
func (v *Vault) leaveStrays() {
	if v.uploads.holding() || v.table == nil || v.table.isStale() {
		v.heap.strays.Store(true)
	}
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
// not for what is then copied. Until all is copied, Badger syncs every
// transaction: a power cut must not take the copy after the original is gone.
func (h *heap) collect() error {
	if h.reclaim.Load() < collectAfter {
		return nil
	}
	switch err := h.reopen(true); err {
	case nil:
		h.reclaim.Store(0)
	case ErrFull:
		return nil
	default:
		return err
	}
	for h.rewrite() {
	}
	if err := h.reopen(false); err != ErrFull {
		return err
	}
	return nil // slower as it is, but open
}

func (h *heap) reopen(syncs bool) error {
	h.gate.Lock()
	defer h.gate.Unlock()
	if h.db == nil {
		return ErrFull
	}
	if err := h.closable(); err != nil {
		return err
	}
	db := h.db // a disk that fails meanwhile is not waited for
	h.db = nil
	if err := h.patience.do(db.Close); err != nil {
		h.latch.lock(CauseFsync)
		return errFsync
	}
	return h.openDB(syncs)
}

// rewrite copies what lives in one file of the log, if half of it is dead, and
// removes it. It reports whether there may be another; lag is not a failure.
func (h *heap) rewrite() bool {
	h.gate.RLock()
	defer h.gate.RUnlock()
	if cause, _ := h.latch.state(); cause == CauseFsync || h.db == nil || !h.roomy() {
		return false
	}
	return h.db.RunValueLogGC(0.5) == nil
}
