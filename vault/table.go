package vault

import (
	"encoding/binary"
	"errors"
	"slices"
	"sync"
	"time"
)

// table is the slot table: which messages exist, and the only writer of
// slots. Who changes a message holds its stripe from reading the slot to the
// durable write; that is what makes one winner of many claims.
type table struct {
	m        Medium
	latch    *latch
	patience *patience
	n        int
	quota    int64
	stripes  [1024]sync.Mutex // by tag; never more than one held, but by lockAll and lockMany
	writes   chan *slotWrite
	done     chan struct{} // writer has ended

	// The kernel lets a read see half of a write. io keeps those of this
	// process apart: a slot being rewritten never looks torn or gone.
	io sync.RWMutex

	mu    sync.Mutex // the fields below; never held across I/O
	index map[shortTag]uint32
	known []known // by slot: what the index says, the other way round
	free  []uint32
	bytes int64 // of ciphertext in live slots
	stale bool  // a write failed half-way: what is known lags behind
}

// shortTag keeps the index small; the slot holds the whole tag. References are
// random, so two messages that agree in it do not happen: insert refuses them.
type shortTag uint64

func (t tag) short() shortTag { return shortTag(binary.BigEndian.Uint64(t[:])) }

// known is what the table knows of a slot without reading it; zero for one
// that holds no message.
type known struct {
	tag shortTag
	end int64 // when it falls due, Unix seconds
}

func (t tag) stripe() int { return int(t[0])<<2 | int(t[1])>>6 }

func newTable(m Medium, n int, quota int64, p *patience) *table {
	t := &table{
		m: m, n: n, quota: quota, latch: p.latch, patience: p,
		index:  make(map[shortTag]uint32),
		known:  make([]known, n),
		writes: make(chan *slotWrite, 256),
		done:   make(chan struct{}),
	}
	go t.writer()
	return t
}

func offset(i uint32) int64 { return headerSize + int64(i)*slotSize }

// scan reads every slot in order through read, a MiB at a time, and passes on
// those that are not free.
func (t *table) scan(read func([]byte, int64) (int, error), each func(i uint32, b *slotBytes)) error {
	buf, ours := make([]byte, 1<<20), true
	defer func() {
		if ours {
			clear(buf)
		}
	}()
	perPiece := len(buf) / slotSize
	for first := 0; first < t.n; first += perPiece {
		piece := buf[:min(perPiece, t.n-first)*slotSize]
		err := t.patience.do(func() error { _, err := read(piece, offset(uint32(first))); return err })
		if err != nil {
			ours = !errors.Is(err, errStalled) // then it is still being read into
			return err
		}
		for k := 0; k*slotSize < len(piece); k++ {
			b := (*slotBytes)(piece[k*slotSize:])
			if *b != (slotBytes{}) {
				each(uint32(first+k), b)
			}
		}
	}
	return nil
}

// load builds the index from the medium. Torn slots, and a second slot of
// one tag, are erased.
func (t *table) load() (torn int, err error) {
	used := make([]bool, t.n)
	var bad []uint32
	err = t.scan(t.readAt, func(i uint32, b *slotBytes) {
		used[i] = true
		s, ok := b.decode()
		if _, twice := t.index[s.tag.short()]; !ok || twice {
			bad = append(bad, i)
			return
		}
		t.know(i, &s)
		t.bytes += s.size
	})
	if err != nil {
		return 0, err
	}
	for i := t.n - 1; i >= 0; i-- {
		if !used[i] {
			t.free = append(t.free, uint32(i))
		}
	}
	for _, i := range bad {
		if err := t.eraseSlot(i, 0); err != nil {
			return 0, err
		}
	}
	return len(bad), nil
}

// lock holds the message of tg; the returned function releases it.
func (t *table) lock(tg tag) func() {
	m := &t.stripes[tg.stripe()]
	m.Lock()
	return m.Unlock
}

// lockMany holds several messages, in an order that cannot deadlock.
func (t *table) lockMany(tags []tag) func() {
	var idx []int
	for _, tg := range tags {
		idx = append(idx, tg.stripe())
	}
	slices.Sort(idx)
	idx = slices.Compact(idx)
	for _, k := range idx {
		t.stripes[k].Lock()
	}
	return func() {
		for _, k := range idx {
			t.stripes[k].Unlock()
		}
	}
}

// lockAll stops every change: for slots whose tag cannot be read.
func (t *table) lockAll() func() {
	for i := range t.stripes {
		t.stripes[i].Lock()
	}
	return func() {
		for i := range t.stripes {
			t.stripes[i].Unlock()
		}
	}
}

// get reads the slot of tg. The caller holds its stripe, unless it only wants
// a look. A slot that cannot be read counts as absent.
func (t *table) get(tg tag) (uint32, slot, bool) {
	t.mu.Lock()
	i, ok := t.index[tg.short()]
	t.mu.Unlock()
	if !ok {
		return 0, slot{}, false
	}
	s, ok, _ := t.read(i)
	return i, s, ok && s.tag == tg
}

func (t *table) read(i uint32) (s slot, ok bool, err error) {
	b, err := t.bytesOf(i)
	defer clear(b[:])
	if err != nil {
		t.latch.lock(CauseDisk) // or what is there would pass for gone
		return slot{}, false, err
	}
	s, ok = b.decode()
	return s, ok, nil
}

func (t *table) bytesOf(i uint32) (slotBytes, error) {
	b := new(slotBytes)
	err := t.patience.do(func() error { _, err := t.readAt(b[:], offset(i)); return err })
	if err != nil {
		return slotBytes{}, err
	}
	defer clear(b[:])
	return *b, nil
}

func (t *table) readAt(p []byte, off int64) (int, error) {
	t.io.RLock()
	defer t.io.RUnlock()
	return t.m.ReadAt(p, off)
}

// fits says whether a message of size bytes would find room now.
func (t *table) fits(size int64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.free) > 0 && t.bytes+size <= t.quota
}

// insert makes a message exist. The caller holds its stripe.
func (t *table) insert(s *slot) error {
	t.mu.Lock()
	if len(t.free) == 0 || t.bytes+s.size > t.quota {
		t.mu.Unlock()
		return ErrFull
	}
	if _, twice := t.index[s.tag.short()]; twice {
		t.mu.Unlock()
		return ErrConflict
	}
	i := t.free[len(t.free)-1]
	t.free = t.free[:len(t.free)-1]
	t.bytes += s.size
	t.mu.Unlock()
	if err := t.update(i, s); err != nil {
		return err // neither free nor a message: the next sweep counts anew
	}
	return nil
}

// know is called with mu held.
func (t *table) know(i uint32, s *slot) {
	t.index[s.tag.short()] = i
	t.known[i] = known{s.tag.short(), s.end()}
}

// forget is called with mu held.
func (t *table) forget(i uint32, s *slot) {
	delete(t.index, s.tag.short())
	t.known[i] = known{}
}

// update overwrites a slot durably. The caller holds its stripe.
func (t *table) update(i uint32, s *slot) error {
	if err := t.write(i, s.encode()); err != nil {
		t.setStale() // it may be written all the same
		return err
	}
	t.mu.Lock()
	t.know(i, s)
	t.mu.Unlock()
	return nil
}

// erase makes a message not exist. It is out of the index, so gone for every
// reader, before the write; it is destroyed when erase returns nil. The
// caller holds its stripe.
func (t *table) erase(i uint32, s *slot) error {
	t.mu.Lock()
	t.forget(i, s)
	t.mu.Unlock()
	return t.eraseSlot(i, s.size)
}

func (t *table) eraseSlot(i uint32, size int64) error {
	if err := t.write(i, slotBytes{}); err != nil {
		t.setStale()
		return err
	}
	t.release(i, size)
	return nil
}

func (t *table) release(i uint32, size int64) {
	t.mu.Lock()
	t.free = append(t.free, i)
	t.bytes -= size
	t.mu.Unlock()
}

func (t *table) usage() (live int, bytes int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.index), t.bytes
}

// owner reports whether slot i is the indexed slot of tg.
func (t *table) owner(i uint32, tg tag) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.known[i].end != 0 && t.known[i].tag == tg.short()
}

// exists reports whether a message is in the index, which it leaves before
// its slot is erased.
func (t *table) exists(tg tag) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, ok := t.index[tg.short()]
	return ok
}

func (t *table) setStale() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stale = true
}

func (t *table) isStale() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.stale
}

func (t *table) close() error {
	close(t.writes)
	<-t.done
	return t.m.Close()
}

// eraseDue erases those of the messages that are due, under as few syncs as
// possible, and returns what they were.
func (t *table) eraseDue(tags []tag, now time.Time) (gone []slot, err error) {
	defer t.lockMany(tags)()
	var slots []uint32
	for _, tg := range tags {
		// Read under the lock: a lease may have been extended.
		if i, s, ok := t.get(tg); ok && s.due(now) {
			slots, gone = append(slots, i), append(gone, s)
		}
	}
	t.mu.Lock()
	for k, i := range slots {
		t.forget(i, &gone[k])
	}
	t.mu.Unlock()
	if err := t.eraseAll(slots); err != nil {
		return nil, err
	}
	for k, i := range slots {
		t.release(i, gone[k].size)
	}
	return gone, nil
}
