package vault

import (
	"fmt"
	"runtime"
)

// slotWrite is one slot on its way to the medium.
type slotWrite struct {
	i    uint32
	b    slotBytes
	done chan error
}

// maxBatch bounds how many slots share one sync.
const maxBatch = 512

// write hands one slot to the writer and returns when it is durable and has
// been read back. After a fault every write fails with [ErrLocked].
func (t *table) write(i uint32, b slotBytes) error {
	w := &slotWrite{i: i, b: b, done: make(chan error, 1)}
	if err := send(t.patience, t.writes, w); err != nil {
		return err
	}
	return t.patience.wait(w.done)
}

// eraseAll erases many slots under as few syncs as possible.
func (t *table) eraseAll(slots []uint32) error {
	var pending []*slotWrite
	var first error
	for _, i := range slots {
		w := &slotWrite{i: i, done: make(chan error, 1)}
		if first = send(t.patience, t.writes, w); first != nil {
			break
		}
		pending = append(pending, w)
	}
	for _, w := range pending {
		if err := t.patience.wait(w.done); err != nil && first == nil {
			first = err
		}
	}
	if first != nil {
		t.setStale()
	}
	return first
}

// writer is the one goroutine that writes slots: it takes what has come
// together, writes it, syncs once and answers all. The order is
//
//	pwrite of each slot; fdatasync; read back each slot; answer
//
// The hole that remains: a device that acknowledges a flush it did not do.
// After the first fault it writes nothing more.
func (t *table) writer() {
	defer close(t.done)
	var fault error
	for w := range t.writes {
		gather(t.writes)
		batch := []*slotWrite{w}
		for len(t.writes) > 0 && len(batch) < maxBatch {
			batch = append(batch, <-t.writes)
		}
		if fault == nil {
			fault = t.commit(batch)
		}
		for _, w := range batch {
			w.done <- t.outcome(w, fault)
		}
	}
}

// gather lets everybody who is about to ask get onto c, whose only receiver
// its caller is. Those whom the last sync answered come back one after the
// other; a batch that began with the first of them would make all others wait
// for two syncs. A lone caller waits for nothing.
func gather[T any](c <-chan T) {
	for n := -1; n != len(c); runtime.Gosched() {
		n = len(c)
	}
}

// commit writes and syncs a batch. Any error is a fault of the medium; after
// a fault of Badger's files, which are on the same disk, it writes nothing.
func (t *table) commit(batch []*slotWrite) error {
	if cause, _ := t.latch.state(); cause == CauseFsync {
		return errFsync
	}
	err := t.writeAll(batch)
	if err == nil {
		err = t.m.Sync()
	}
	if err != nil {
		t.latch.lock(CauseFsync)
		return errFsync
	}
	return nil
}

func (t *table) writeAll(batch []*slotWrite) error {
	t.io.Lock()
	defer t.io.Unlock()
	for _, w := range batch {
		if _, err := t.m.WriteAt(w.b[:], offset(w.i)); err != nil {
			return err
		}
	}
	return nil
}

// outcome is the answer to one write: it counts only when the slot reads back
// as it was written. A write that silently did nothing must neither pass for
// an erasure, nor for a message that exists, nor for a claim that binds.
func (t *table) outcome(w *slotWrite, fault error) error {
	defer clear(w.b[:])
	if fault != nil {
		return fault
	}
	var back slotBytes
	defer clear(back[:])
	if _, err := t.m.ReadAt(back[:], offset(w.i)); err != nil || back != w.b {
		t.latch.lock(CauseVerification)
		return fmt.Errorf("%w: %w", ErrLocked, errFound)
	}
	return nil
}
