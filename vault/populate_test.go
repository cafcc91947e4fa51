package vault

import (
	"crypto/rand"
	"time"
)

// Populate makes n messages of size bytes exist, many to a sync: what a
// benchmark of a million needs. They are due at expires; nobody can read them.
func (v *Vault) Populate(n, size int, expires time.Time) error {
	for n > 0 {
		slots := make([]slot, min(n, maxBatch))
		var chunks []sealedChunk
		for i := range slots {
			var ref Reference
			s := &slots[i]
			rand.Read(ref[:])
			for _, b := range [][]byte{s.key[:], s.claim[:], s.manage[:]} {
				rand.Read(b)
			}
			s.state, s.expiry, s.size, s.tag = slotLive, expires.Unix(), int64(size), ref.tag()
			chunks = append(chunks, newSealer(&s.key, ref[:]).seal(0, make([]byte, size))...)
		}
		for len(chunks) > 0 { // what one transaction takes
			k := min(len(chunks), 1+(256<<10)/size)
			if err := v.heap.put(chunks[:k], expires.Add(time.Hour)); err != nil {
				return err
			}
			chunks = chunks[k:]
		}
		if err := v.table.insertMany(slots); err != nil {
			return err
		}
		n -= len(slots)
	}
	return nil
}

func (t *table) insertMany(slots []slot) error {
	pending := make([]*slotWrite, len(slots))
	t.mu.Lock()
	for k := range slots {
		pending[k] = &slotWrite{i: t.free[len(t.free)-1-k], b: slots[k].encode(), done: make(chan error, 1)}
	}
	t.free = t.free[:len(t.free)-len(slots)]
	t.mu.Unlock()
	for _, w := range pending {
		t.writes <- w
	}
	for k, w := range pending {
		if err := <-w.done; err != nil {
			return err
		}
		t.mu.Lock()
		t.know(w.i, slots[k].entry(), 0)
		t.bytes += slots[k].size
		t.mu.Unlock()
	}
	return nil
}

// ReopenHeap is the part of a collection that requests wait for.
func (v *Vault) ReopenHeap() error { return v.heap.reopen(false) }
