package vault

import (
	"encoding/binary"
	"errors"
	"slices"
	"sync"
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
	stripes  [1024]sync.Mutex // by tag; never more than one held, but by lockAll and lockSlots
	writes   chan *slotWrite
	done     chan struct{} // writer has ended

	// The kernel lets a read see half of a write. io keeps those of this
	// process apart: a slot being rewritten never looks torn or gone.
	io sync.RWMutex

	mu     sync.Mutex // the fields below; never held across I/O
	index  map[shortTag]uint32
	known  []known // by slot: what the index says, the other way round
	count  [kinds]int
	family map[uint32]*family // by slot of the inbox
	free   []uint32
	bytes  int64 // of ciphertext in live slots
	stale  bool  // a write failed half-way: what is known lags behind
}

// shortTag keeps the index small; the slot holds the whole tag. References are
// random, so two messages that agree in it do not happen: insert refuses them.
type shortTag uint64

func (t tag) short() shortTag { return shortTag(binary.BigEndian.Uint64(t[:])) }

// known is what the table knows of a slot without reading it; zero for one
// that holds no message.
type known struct {
	tag  shortTag
	end  int64  // when it falls due, Unix seconds
	home uint32 // of a child: the slot of its inbox
	kind slotKind
}

func (t tag) stripe() int { return t.short().stripe() }

func (t shortTag) stripe() int { return int(t >> 54) }

func newTable(m Medium, n int, quota int64, p *patience) *table {
	t := &table{
		m: m, n: n, quota: quota, latch: p.latch, patience: p,
		index:  make(map[shortTag]uint32),
		known:  make([]known, n),
		family: make(map[uint32]*family),
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

// lock holds the message of tg; the returned function releases it.
func (t *table) lock(tg tag) func() {
	m := &t.stripes[tg.stripe()]
	m.Lock()
	return m.Unlock
}

// lockSlots holds what the slots hold, children by their inbox, in an order
// that cannot deadlock. It returns those that hold it still.
func (t *table) lockSlots(slots []uint32) (still []uint32, unlock func()) {
	before, stripes := t.holders(slots)
	slices.Sort(stripes)
	stripes = slices.Compact(stripes)
	for _, k := range stripes {
		t.stripes[k].Lock()
	}
	after, _ := t.holders(slots)
	for k, i := range slots {
		if after[k] == before[k] && after[k].end != 0 {
			still = append(still, i)
		}
	}
	return still, func() {
		for _, k := range stripes {
			t.stripes[k].Unlock()
		}
	}
}

// holders is what is known of the slots, but for its time, which changes, and
// whose stripes that is.
func (t *table) holders(slots []uint32) (of []known, stripes []int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, i := range slots {
		k := t.known[i]
		k.end = min(k.end, 1)
		of = append(of, k)
		if k.kind.child() {
			k = t.known[k.home]
		}
		stripes = append(stripes, k.tag.stripe())
	}
	return of, stripes
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

// get reads the slot of a message.
func (t *table) get(tg tag) (uint32, slot, bool) {
	i, s, ok := t.find(tg)
	return i, s, ok && s.kind == kindMessage
}

// find reads the slot of tg. The caller holds its stripe, unless it only wants
// a look. A slot that cannot be read counts as absent.
func (t *table) find(tg tag) (uint32, slot, bool) {
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

// insert makes a message exist, or what else a slot holds. The caller holds its
// stripe; that of a child is its inbox's, whose slot is home.
func (t *table) insert(s *slot, home uint32) error {
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
	if err := t.store(i, s, home); err != nil {
		return err // neither free nor a message: the next sweep counts anew
	}
	return nil
}

// entry is what the table remembers of a slot.
type entry struct {
	tag    shortTag
	end    int64
	kind   slotKind
	serial uint64
	size   int64
}

func (s *slot) entry() entry { return entry{s.tag.short(), s.end(), s.kind, s.serial, s.size} }

// know is called with mu held. Whose child a slot is never changes.
func (t *table) know(i uint32, e entry, home uint32) {
	if k := &t.known[i]; k.end != 0 {
		t.count[k.kind]--
		t.count[e.kind]++
		k.end, k.kind = e.end, e.kind
		return
	}
	t.index[e.tag] = i
	t.known[i] = known{e.tag, e.end, home, e.kind}
	t.count[e.kind]++
	if e.kind.inbox() {
		t.family[i] = &family{next: e.serial}
	}
	if f := t.family[home]; e.kind.child() && f != nil {
		f.join(i, e)
	}
}

// forget is called with mu held. With an inbox everything under it is forgotten.
func (t *table) forget(i uint32, size int64) {
	k := t.known[i]
	if k.end == 0 {
		return
	}
	delete(t.index, k.tag)
	t.known[i] = known{}
	t.count[k.kind]--
	if f := t.family[k.home]; k.kind.child() && f != nil {
		f.leave(i, k.kind, size)
	}
	if f := t.family[i]; f != nil {
		delete(t.family, i)
		for _, c := range f.all() {
			t.forget(c, 0)
		}
	}
}

// update overwrites a slot durably. The caller holds its stripe.
func (t *table) update(i uint32, s *slot) error { return t.store(i, s, 0) }

func (t *table) store(i uint32, s *slot, home uint32) error {
	if err := t.write(i, s.encode()); err != nil {
		t.setStale() // it may be written all the same
		return err
	}
	t.mu.Lock()
	t.know(i, s.entry(), home)
	t.mu.Unlock()
	return nil
}

func (t *table) release(i uint32, size int64) {
	t.mu.Lock()
	t.free = append(t.free, i)
	t.bytes -= size
	t.mu.Unlock()
}

func (t *table) usage() (slots int, bytes int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.index), t.bytes
}

// counts is how many messages there are, letters among them, how many inboxes
// and how many letters.
func (t *table) counts() (messages, inboxes, letters int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	letters = t.count[kindLetter]
	return t.count[kindMessage] + letters, t.count[kindInbox] + t.count[kindRequest] + t.count[kindReply], letters
}

// lasting is how many inboxes there are that last for long.
func (t *table) lasting() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.count[kindInbox] + t.count[kindRequest]
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
