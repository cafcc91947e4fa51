package webui

import (
	"container/list"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// Floors of progress. Tor circuits of a few KB/s are real; slower than
// slowest is a held connection rather than a transfer.
const (
	slowest  = 4 << 10          // bytes a second, after a start of patience
	yielding = 32 << 10         // bytes a second under which a loan gives way when room is short
	grace    = 3 * time.Second  // before a loan may be judged by its speed
	patience = 30 * time.Second // for the first bytes, and for any further piece
	waiting  = 10 * time.Second // for a buffer
)

// errNoRoom says that every buffer stayed taken.
var errNoRoom = errors.New("no buffer free")

// A pool lends at most a fixed number of buffers of one size, which bounds
// the memory that clients can take. When all are lent, the slowest borrower
// below the yielding speed loses its connection: many slow clients cannot
// keep the others out. Nor can one circuit: a buffer goes to the circuit that
// has the fewest, and one that has more than others wait for gives way.
type pool struct {
	size  int
	count int
	spare sync.Pool

	mu    sync.Mutex
	lent  map[*loan]struct{} // to be judged by their speed
	held  map[*circuit]int   // buffers in use; nil is the preview
	taken int                // sum of held
	queue list.List          // of *loan, the longest waiting in front
}

// A loan is one buffer in use, or awaited. cut ends the borrower's transfer
// and is called with the pool locked, so never after the loan was settled.
type loan struct {
	pool    *pool
	circuit *circuit
	buf     *[]byte
	cut     func()
	granted chan struct{} // closed then; nil for who needs not wait
	since   time.Time
	lost    atomic.Bool

	// guarded by pool.mu: bytes moved, and how many they were when the loan
	// was last judged
	moved  int64
	judged time.Time
	before int64
}

func newPool(count, size int) *pool {
	return &pool{
		size: size, count: count,
		spare: sync.Pool{New: func() any { b := make([]byte, size); return &b }},
		lent:  map[*loan]struct{}{}, held: map[*circuit]int{},
	}
}

func (p *pool) borrow(k *circuit, cut func()) (*loan, error) {
	l := &loan{pool: p, circuit: k, cut: cut}
	p.mu.Lock()
	if p.taken < p.count { // nobody waits then: see grant
		p.lend(l)
		p.mu.Unlock()
		return l, nil
	}
	l.granted = make(chan struct{})
	place := p.queue.PushBack(l)
	p.mu.Unlock()
	if !l.wait() {
		p.mu.Lock()
		defer p.mu.Unlock()
		select {
		case <-l.granted: // at the last moment
		default:
			p.queue.Remove(place)
			return nil, errNoRoom
		}
	}
	return l, nil
}

// grant gives free buffers to who waits; of circuits with equally many, to who
// has waited longest. It is called with the pool locked.
func (p *pool) grant() {
	for p.taken < p.count && p.queue.Len() > 0 {
		next := p.queue.Front()
		for e := next.Next(); e != nil; e = e.Next() {
			if p.held[e.Value.(*loan).circuit] < p.held[next.Value.(*loan).circuit] {
				next = e
			}
		}
		l := p.queue.Remove(next).(*loan)
		p.lend(l)
		close(l.granted)
	}
}

// lend is called with the pool locked and a buffer free.
func (p *pool) lend(l *loan) {
	p.taken++
	p.held[l.circuit]++
	l.buf = p.spare.Get().(*[]byte)
	l.since = time.Now()
	l.judged = l.since
	p.lent[l] = struct{}{}
}

// wait makes others give way until a buffer is granted.
func (l *loan) wait() bool {
	end := time.NewTimer(waiting)
	defer end.Stop()
	again := time.NewTicker(time.Second)
	defer again.Stop()
	for {
		l.pool.evict(l.circuit)
		select {
		case <-l.granted:
			return true
		case <-again.C:
		case <-end.C:
			return false
		}
	}
}

// progress records n more bytes.
func (l *loan) progress(n int) {
	l.pool.mu.Lock()
	defer l.pool.mu.Unlock()
	l.moved += int64(n)
}

// settle ends the judging of l by its speed: the rest is not the client's.
func (l *loan) settle() {
	l.pool.mu.Lock()
	delete(l.pool.lent, l)
	l.pool.mu.Unlock()
}

func (l *loan) giveBack() {
	p := l.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.lent, l)
	p.spare.Put(l.buf)
	p.taken--
	if p.held[l.circuit]--; p.held[l.circuit] == 0 {
		delete(p.held, l.circuit)
	}
	p.grant()
}

// deadline is when a piece of n more bytes must have moved: soon, and early
// enough for the whole to keep above the slowest rate.
func (l *loan) deadline(n int) time.Time {
	l.pool.mu.Lock()
	defer l.pool.mu.Unlock()
	atRate := func(bytes int64) time.Duration { return patience + time.Duration(bytes)*time.Second/slowest }
	whole, piece := l.since.Add(atRate(l.moved+int64(n))), time.Now().Add(atRate(int64(n)))
	if whole.Before(piece) {
		return whole
	}
	return piece
}
