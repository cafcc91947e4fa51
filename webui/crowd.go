package webui

import (
	"container/list"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

const (
	remembered = 10 * time.Minute // a circuit without streams; whatever it spent has come back by then
	shutFor    = time.Minute      // a circuit that was closed; ids begin anew with every Tor
	mostKnown  = 4096             // circuits
)

var errShut = errors.New("the circuit is shut")

// A crowd bounds the connections open at once. A process without descriptors
// cannot prove destruction, and locks. When there are too many, one that waits
// between two requests, or before its first, gives way: of the circuit that
// has the most, the one that waits longest. Without any, the new one does.
//
// It is also the only place that knows which circuits there are, and it
// forgets them: a while after the last stream of one has ended, and the
// longest gone first when there are many.
type crowd struct {
	most    int
	pace    pace         // what each circuit may do
	unnamed atomic.Int64 // streams without a preamble

	mu       sync.Mutex
	open     int
	waiting  list.List // of *clockless, the longest in front
	circuits map[uint32]*circuit
	gone     list.List // of *circuit without streams, the longest gone in front
}

func (c *crowd) join(l *clockless) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open++
	l.place = c.waiting.PushBack(l)
	if c.most > 0 && c.open > c.most {
		victim := c.victim()
		victim.leave()
		victim.Conn.Close()
	}
}

// victim is called with the crowd locked and at least one waiting.
func (c *crowd) victim() (worst *clockless) {
	most := -1
	for e := c.waiting.Front(); e != nil; e = e.Next() {
		l, has := e.Value.(*clockless), 0
		if l.circuit != nil {
			has = len(l.circuit.streams)
		}
		if has > most {
			worst, most = l, has
		}
	}
	return worst
}

// name puts l into the circuit it came through.
func (c *crowd) name(l *clockless, id uint32) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l.left {
		return errShut
	}
	k := c.circuits[id]
	if k == nil {
		k = c.pace.circuit(id)
		if c.circuits == nil {
			c.circuits = map[uint32]*circuit{}
		}
		c.circuits[id] = k
		if len(c.circuits) > mostKnown && c.gone.Len() > 0 {
			c.forget(c.gone.Front().Value.(*circuit))
		}
	}
	if time.Now().Before(k.shut) {
		return errShut
	}
	if k.place != nil {
		c.gone.Remove(k.place)
		k.place = nil
		k.forget.Stop()
	}
	k.streams[l] = struct{}{}
	l.circuit = k
	return nil
}

// leave is called with the crowd locked.
func (l *clockless) leave() {
	l.unwait()
	if l.left {
		return
	}
	l.left = true
	l.crowd.open--
	if k := l.circuit; k != nil {
		delete(k.streams, l)
		if len(k.streams) == 0 {
			l.crowd.lapse(k)
		}
	}
}

// lapse is called with the crowd locked, when k has no stream.
func (c *crowd) lapse(k *circuit) {
	k.place = c.gone.PushBack(k)
	k.since = time.Now()
	k.forget = time.AfterFunc(remembered, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if k.place != nil && time.Since(k.since) >= remembered {
			c.forget(k)
		}
	})
}

// forget is called with the crowd locked.
func (c *crowd) forget(k *circuit) {
	k.forget.Stop()
	c.gone.Remove(k.place)
	k.place = nil
	delete(c.circuits, k.id)
}

// shut ends every stream of a circuit and takes no new one for a while. It
// says whether it was not shut already.
func (c *crowd) shut(k *circuit) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Now().Before(k.shut) {
		return false
	}
	k.shut = time.Now().Add(shutFor)
	for l := range k.streams {
		l.leave()
		l.Conn.Close()
	}
	return true
}

func (l *clockless) unwait() {
	if l.place != nil {
		l.crowd.waiting.Remove(l.place)
		l.place = nil
	}
}

// busy says that a request of l is being served, or no longer is.
func (l *clockless) busy(yes bool) {
	l.crowd.mu.Lock()
	defer l.crowd.mu.Unlock()
	l.unwait()
	if !yes && !l.left {
		l.place = l.crowd.waiting.PushBack(l)
	}
}
