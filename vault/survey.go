package vault

import (
	"math"
	"time"
)

// due lists the slots that are due at now, as far as the table knows: finding
// them reads nothing. What it does not know of, a survey of the medium finds.
func (t *table) due(now time.Time) (slots []uint32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.known {
		if end := t.known[i].end; end != 0 && end <= now.Unix() {
			slots = append(slots, uint32(i))
		}
	}
	return slots
}

// nextDue is when the next slot falls due, Unix seconds.
func (t *table) nextDue() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	next := int64(math.MaxInt64)
	for i := range t.known {
		if end := t.known[i].end; end != 0 {
			next = min(next, end)
		}
	}
	return next
}

// found sorts what a look at the medium saw.
type found struct {
	due []uint32 // live, but at or past its time
	odd []uint32 // torn, or not the slot its tag belongs to
}

func (f found) empty() bool { return len(f.due) == 0 && len(f.odd) == 0 }

func (t *table) sort(f *found, i uint32, b *slotBytes, now time.Time) {
	s, ok := b.decode()
	switch {
	case !ok || !t.owner(i, s.tag):
		f.odd = append(f.odd, i)
	case s.due(now):
		f.due = append(f.due, i)
	}
}

// survey reads every slot from the medium.
func (t *table) survey(now time.Time) (f found, err error) {
	err = t.scan(t.m.ReadFresh, func(i uint32, b *slotBytes) { t.sort(&f, i, b, now) })
	return f, err
}

// again reads from the medium the slots that a survey found. The caller holds
// every stripe, so that none of them is a write in flight.
func (t *table) again(before found, now time.Time) (f found, err error) {
	page := make([]byte, 4096)
	for _, slots := range [][]uint32{before.due, before.odd} {
		for _, i := range slots {
			at := offset(i) &^ 4095
			part := page[:min(int64(len(page)), offset(uint32(t.n))-at)]
			err := t.patience.do(func() error { _, err := t.m.ReadFresh(part, at); return err })
			if err != nil {
				return f, err // the page may still be read into
			}
			if b := (*slotBytes)(page[offset(i)-at:]); *b != (slotBytes{}) {
				t.sort(&f, i, b, now)
			}
		}
	}
	clear(page)
	return f, nil
}
