package webui

import (
	"math"
	"time"
)

// evict makes one loan give way to a borrower: the slowest, if that is slow,
// else the slowest of a circuit that has too many. Each is judged by what moved
// since it was last judged: a quick start does not excuse a stall.
func (p *pool) evict(waiting *circuit) {
	p.mu.Lock()
	defer p.mu.Unlock()
	greedy, found := p.greedy(waiting)
	var slow, spare *loan
	lowest, least := float64(yielding), math.Inf(1)
	for l := range p.lent {
		age := time.Since(l.judged)
		if age < grace || l.lost.Load() {
			continue
		}
		rate := float64(l.moved-l.before) / age.Seconds()
		if found && l.circuit == greedy && rate < least {
			spare, least = l, rate
		}
		if rate < lowest {
			slow, lowest = l, rate
		} else {
			l.judged, l.before = time.Now(), l.moved
		}
	}
	if slow == nil {
		slow = spare
	}
	if slow != nil {
		slow.lost.Store(true)
		slow.cut()
	}
}

// greedy finds the circuit that has the most buffers, if the borrower's
// would not have more than it after taking one.
func (p *pool) greedy(waiting *circuit) (worst *circuit, found bool) {
	most := p.held[waiting] + 1
	for k, n := range p.held {
		if n > most {
			worst, most, found = k, n, true
		}
	}
	return worst, found
}
