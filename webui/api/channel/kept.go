package channel

import (
	"container/list"
	"time"
)

// kept are channels, or sessions, in the order of their last use: many openings
// must not cost a look at all of them each. Its methods are called with the
// service locked.
type kept struct {
	most  int
	life  time.Duration // without use
	byID  map[ID]*list.Element
	order *list.List // of *open, the idlest first
}

func keep(most int, life time.Duration) kept {
	return kept{most, life, map[ID]*list.Element{}, list.New()}
}

// get gives nil for what is not there, or was idle for too long.
func (k *kept) get(id ID, now time.Time) *open {
	if e := k.byID[id]; e != nil {
		if c := e.Value.(*open); now.Sub(c.used) < k.life {
			return c
		}
	}
	return nil
}

// put adds c, in the place of the idlest if there is none.
func (k *kept) put(c *open, now time.Time) {
	k.drop(c.id) // what was idle for too long
	if k.order.Len() >= k.most {
		k.drop(k.order.Front().Value.(*open).id)
	}
	c.used = now
	k.byID[c.id] = k.order.PushBack(c)
}

// use says that c was used now.
func (k *kept) use(c *open, now time.Time) {
	c.used = now
	k.order.MoveToBack(k.byID[c.id])
}

func (k *kept) drop(id ID) {
	if e := k.byID[id]; e != nil {
		k.order.Remove(e)
		delete(k.byID, id)
	}
}

// tidy drops what was idle for too long.
func (k *kept) tidy(now time.Time) {
	for e := k.order.Front(); e != nil && now.Sub(e.Value.(*open).used) >= k.life; e = k.order.Front() {
		k.drop(e.Value.(*open).id)
	}
}
