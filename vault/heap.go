package vault

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	badger "github.com/dgraph-io/badger/v4"
)

// heap is the pile of sealed chunks in Badger, the only user of Badger. It
// decides nothing: what no slot points to is noise, deleted lazily.
type heap struct {
	dir      string
	latch    *latch
	patience *patience
	gate     sync.RWMutex          // held for writing while Badger is reopened
	db       *badger.DB            // nil until there is room to open it, and when it is corrupt
	disk     *folder               // on which the files lie
	free     func() (int64, error) // bytes left on it
	writes   sync.Mutex            // held from a transaction to its sync
	puts     chan *chunkPut
	drops    chan chunkDrop
	loops    sync.WaitGroup
	reclaim  atomic.Int64 // bytes deleted from the value log since the last collection
	strays   atomic.Bool  // there may be chunks that nobody will delete
}

// chunkExpiry is until when Badger keeps a chunk at most, by the vault's
// clock: the janitor behind the slots, with a margin of days, because Badger
// itself believes the wall clock.
func chunkExpiry(now time.Time, lifetime time.Duration) time.Time {
	if lifetime == renewed {
		return time.Time{}
	}
	return now.Add(lifetime + 7*24*time.Hour)
}

// renewed is the lifetime of what lasts as long as somebody uses it: inboxes and
// their notebooks.
const renewed time.Duration = 0

// collectAfter is how many deleted bytes make reopening worth its pause.
const collectAfter = 32 << 20

// inTree is the largest value that Badger keeps in its tree. Those of short
// messages stay there: one file to write and sync instead of two. Large chunks
// lie in the value log, so that compaction does not copy them.
const inTree = 64 << 10

// inLog is how much of so many bytes lies in the value log, where a collection
// can give it back: the tree drops what is deleted when it compacts.
func inLog(size int64) int64 {
	if size < inTree {
		return 0
	}
	return size
}

// heapOptions keep Badger small enough for a machine with 1 GB. syncs says
// whether Badger syncs each transaction; otherwise [heap.update] syncs those
// that matter, and readers wait for none.
func heapOptions(dir string, syncs bool, l badger.Logger) badger.Options {
	return badger.DefaultOptions(dir).
		WithLogger(l).WithMetricsEnabled(false).
		WithSyncWrites(syncs).WithDetectConflicts(true).WithNumVersionsToKeep(1).
		WithCompression(0).WithBlockCacheSize(0).WithIndexCacheSize(0).
		WithMemTableSize(8 << 20).WithNumMemtables(2).
		WithNumLevelZeroTables(2).WithNumLevelZeroTablesStall(4).WithNumCompactors(2).
		WithBaseTableSize(2 << 20).WithBaseLevelSize(10 << 20).
		WithValueLogFileSize(16 << 20).WithValueThreshold(inTree).
		WithCompactL0OnClose(true)
}

// heapLog is Badger's logger. Nothing is printed: Badger's messages name
// paths and keys. Errors lock, because Badger reports some failed writes and
// syncs here and nowhere else.
// While Badger opens they only count if it then does open: damaged files are
// corruption, which stops no erasure.
type heapLog struct {
	latch           *latch
	opening, failed atomic.Bool
}

func (l *heapLog) Errorf(format string, _ ...interface{}) {
	for _, lost := range []string{"Unable to read: ", "Key: ", "Invalid read: "} {
		if strings.HasPrefix(format, lost) {
			return // one value is lost: that message is gone, no other
		}
	}
	if l.opening.Load() {
		l.failed.Store(true)
		return
	}
	l.latch.lock(CauseFsync)
}
func (l *heapLog) Warningf(string, ...interface{}) {}
func (l *heapLog) Infof(string, ...interface{})    {}
func (l *heapLog) Debugf(string, ...interface{})   {}

func newHeap(dir string, p *patience, disk *folder) *heap {
	h := &heap{dir: dir, latch: p.latch, patience: p, disk: disk, free: disk.free, puts: make(chan *chunkPut, 256), drops: make(chan chunkDrop, 1024)}
	_, err := os.Stat(dir)
	// Of the process before. Badger syncs its folder when it opens: before it
	// writes anything, the removal is durable.
	h.strays.Store(err == nil && os.Remove(h.sweptPath()) != nil)
	h.loops.Go(h.putter)
	h.loops.Go(h.dropper)
	return h
}

// open opens Badger unless it is open. On a full disk it must not be tried:
// Badger would die of SIGBUS. The caller has the turn, without which nobody
// opens or closes: that it is open needs no gate, for which readers would wait
// as long as for a write.
func (h *heap) open() error {
	if h.db != nil {
		return nil
	}
	h.gate.Lock()
	defer h.gate.Unlock()
	if !h.roomy() {
		return ErrFull
	}
	return h.openDB(false)
}

// openDB is called with the gate held for writing.
func (h *heap) openDB(syncs bool) error {
	if err := h.disk.attempt(); errors.Is(err, errKills) {
		h.latch.lock(CauseCorruption)
		return err
	} else if err != nil {
		return err
	}
	l := &heapLog{latch: h.latch}
	l.opening.Store(true)
	db, err := badger.Open(heapOptions(h.dir, syncs, l))
	h.disk.survived()
	if err != nil {
		if errno := ailment(err); errno != nil {
			return fmt.Errorf("opening Badger's files: %w", errno)
		}
		h.latch.lock(CauseCorruption)
		return errors.New("Badger cannot open its files")
	}
	l.opening.Store(false)
	if l.failed.Load() {
		h.latch.lock(CauseFsync)
	}
	h.db = db
	return nil
}

// chunkPut is a set of chunks that must become durable together.
type chunkPut struct {
	chunks  []sealedChunk
	expires time.Time
	cost    putCost
	done    chan error
}

// putCost is what a put adds to a transaction.
type putCost struct{ tree, bytes int }

// Badger refuses a transaction whose values in the tree exceed 15 % of its
// memory table, 1.2 MiB here; the bytes bound what one sync waits for.
func (c putCost) full() bool { return c.tree > 512<<10 || c.bytes > 8<<20 }

func (c *putCost) add(o putCost) { c.tree, c.bytes = c.tree+o.tree, c.bytes+o.bytes }

func costOf(chunks []sealedChunk) (c putCost) {
	for i := range chunks {
		n := len(chunks[i].value)
		c.bytes += n
		if n < inTree {
			c.tree += n
		}
	}
	return c
}

// put returns when the chunks are durable.
func (h *heap) put(chunks []sealedChunk, expires time.Time) error {
	p := &chunkPut{chunks: chunks, expires: expires, cost: costOf(chunks), done: make(chan error, 1)}
	if err := send(h.patience, h.puts, p); err != nil {
		return err
	}
	return h.patience.wait(p.done)
}

// putter merges concurrent puts into one transaction, hence one sync.
func (h *heap) putter() {
	for p := range h.puts {
		gather(h.puts)
		batch, cost := []*chunkPut{p}, p.cost
		for len(h.puts) > 0 && !cost.full() && len(batch) < 256 {
			p := <-h.puts
			batch = append(batch, p)
			cost.add(p.cost)
		}
		err := h.update(durable, func(txn *badger.Txn) error { return setAll(txn, batch) })
		for _, p := range batch {
			p.done <- err
		}
	}
}

func setAll(txn *badger.Txn, batch []*chunkPut) error {
	for _, p := range batch {
		for i := range p.chunks {
			c := &p.chunks[i]
			e := badger.NewEntry(c.name[:], c.value)
			if !p.expires.IsZero() {
				e.ExpiresAt = uint64(p.expires.Unix())
			}
			if err := txn.SetEntry(e); err != nil {
				return err
			}
		}
	}
	return nil
}

// durability says whether a transaction is synced before update returns.
type durability bool

const (
	durable durability = true
	lazy    durability = false // a delete: what a power cut brings back is an orphan
)

// update runs one transaction. A write that Badger could not do is a fault of
// the disk; so is a lock that its logger raised meanwhile. No other transaction
// comes before the sync: it could make Badger begin a new log, and Badger syncs
// only the newest.
func (h *heap) update(d durability, f func(*badger.Txn) error) error {
	h.gate.RLock()
	defer h.gate.RUnlock()
	h.writes.Lock()
	defer h.writes.Unlock()
	if cause, _ := h.latch.state(); cause == CauseFsync {
		return errFsync // after a failed sync nothing is written
	}
	if h.db == nil {
		return ErrLocked
	}
	err := h.db.Update(f)
	if err == nil && d == durable {
		err = h.db.Sync()
	}
	if err != nil {
		h.latch.lock(CauseFsync)
		return fmt.Errorf("%w: Badger could not write", errFsync)
	}
	if cause, _ := h.latch.state(); cause == CauseFsync {
		return errFsync
	}
	return nil
}

// get returns the sealed value of a chunk, in buf if it fits, and [ErrGone] when
// Badger lost it. After an error buf may still be in use.
func (h *heap) get(name chunkName, buf []byte) ([]byte, error) {
	var value []byte
	err := h.patience.do(func() error {
		return h.view(func(txn *badger.Txn) error {
			item, err := txn.Get(name[:])
			if err != nil {
				return err
			}
			value, err = item.ValueCopy(buf)
			return err
		})
	})
	if errors.Is(err, ErrLocked) {
		return nil, err
	}
	if err != nil {
		return nil, ErrGone
	}
	return value, nil
}

// chunkDrop is a set of chunks to delete, and how many bytes of the value log
// that frees.
type chunkDrop struct {
	names []chunkName
	bytes int64
}

// drop deletes chunks some time later. It never blocks: what is not queued is
// an orphan, and maintenance sweeps orphans.
func (h *heap) drop(d chunkDrop) {
	select {
	case h.drops <- d:
	default:
		h.strays.Store(true)
	}
}

func (h *heap) dropper() {
	for d := range h.drops {
		gather(h.drops)
		for len(h.drops) > 0 && len(d.names) < 256 {
			d.add(<-h.drops)
		}
		_ = h.delete(d) // lazy by design; what fails is noted there
	}
}

// delete removes chunks from Badger. Without room on the disk it does nothing,
// since a delete is a write; they are orphans then.
func (h *heap) delete(d chunkDrop) error {
	for names := d.names; len(names) > 0; {
		if !h.roomy() {
			h.strays.Store(true)
			return nil
		}
		n := min(len(names), 512)
		err := h.update(lazy, func(txn *badger.Txn) error {
			for i := range names[:n] {
				if err := txn.Delete(names[i][:]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			h.strays.Store(true)
			return err
		}
		names = names[n:]
	}
	h.reclaim.Add(d.bytes)
	return nil
}

// close stops the loops and closes Badger.
func (h *heap) close() error {
	close(h.puts)
	close(h.drops)
	h.loops.Wait()
	h.gate.Lock()
	defer h.gate.Unlock()
	if h.db == nil || !h.roomy() {
		return nil // Close writes; what is durable is in Badger's own log
	}
	err := h.db.Close()
	h.db = nil
	if err != nil || h.strays.Load() {
		return err
	}
	return os.WriteFile(h.sweptPath(), nil, 0o600)
}

// sweptPath is a file that is there when the process before left no strays:
// looking for some reads all that Badger holds.
func (h *heap) sweptPath() string { return filepath.Join(h.dir, "SWEPT") }
