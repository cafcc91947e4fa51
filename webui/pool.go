package webui

import (
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
// keep the others out.
type pool struct {
	size  int
	room  chan struct{} // holds one token a loan
	spare sync.Pool
	mu    sync.Mutex
	lent  map[*loan]struct{}
}

// A loan is one buffer in use. cut ends the borrower's transfer and is
// called with the pool locked, so never after the loan was settled.
type loan struct {
	pool  *pool
	buf   *[]byte
	cut   func()
	since time.Time
	lost  atomic.Bool

	// guarded by pool.mu: bytes moved, and how many they were when the loan
	// was last judged
	moved  int64
	judged time.Time
	before int64
}

func newPool(count, size int) *pool {
	return &pool{
		size:  size,
		room:  make(chan struct{}, count),
		spare: sync.Pool{New: func() any { b := make([]byte, size); return &b }},
		lent:  map[*loan]struct{}{},
	}
}

func (p *pool) borrow(cut func()) (*loan, error) {
	if !p.enter() {
		return nil, errNoRoom
	}
	now := time.Now()
	l := &loan{pool: p, buf: p.spare.Get().(*[]byte), cut: cut, since: now, judged: now}
	p.mu.Lock()
	p.lent[l] = struct{}{}
	p.mu.Unlock()
	return l, nil
}

// enter waits for room and makes slow borrowers give way meanwhile.
func (p *pool) enter() bool {
	select {
	case p.room <- struct{}{}:
		return true
	default:
	}
	end := time.NewTimer(waiting)
	defer end.Stop()
	again := time.NewTicker(time.Second)
	defer again.Stop()
	for {
		p.evict()
		select {
		case p.room <- struct{}{}:
			return true
		case <-again.C:
		case <-end.C:
			return false
		}
	}
}

// evict cuts the slowest loan, if it is slow. Each is judged by what moved
// since it was last judged: a quick start does not excuse a stall.
func (p *pool) evict() {
	p.mu.Lock()
	defer p.mu.Unlock()
	var slow *loan
	lowest := float64(yielding)
	for l := range p.lent {
		age := time.Since(l.judged)
		if age < grace || l.lost.Load() {
			continue
		}
		if rate := float64(l.moved-l.before) / age.Seconds(); rate < lowest {
			slow, lowest = l, rate
		} else {
			l.judged, l.before = time.Now(), l.moved
		}
	}
	if slow != nil {
		slow.lost.Store(true)
		slow.cut()
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
	l.settle()
	l.pool.spare.Put(l.buf)
	<-l.pool.room
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
