package vault

import (
	"slices"
	"time"
)

// load builds the index from the medium. Torn slots, a second slot of one tag,
// what hangs on an inbox that is not there, and a notebook that was replaced
// are erased.
func (t *table) load() (torn int, err error) {
	l := loading{t: t, used: make([]bool, t.n), homes: make(map[mark]uint32), notebooks: make(map[notebookOf]notebookAt)}
	if err = t.scan(t.readAt, l.look); err != nil {
		return 0, err
	}
	for _, o := range l.waiting {
		if home, ok := l.homes[o.family]; ok {
			l.adopt(o, home)
		} else {
			l.refuse(o.slot, 0)
		}
	}
	if err := l.settle(); err != nil {
		return 0, err
	}
	for _, f := range t.family {
		slices.SortFunc(f.letters, func(a, b letterAt) int { return a.compare(b.serial) })
	}
	for i := t.n - 1; i >= 0; i-- {
		if !l.used[i] {
			t.free = append(t.free, uint32(i))
		}
	}
	return len(l.bad), t.eraseSlots(l.bad, l.sizes)
}

// loading is what a load knows on its way.
type loading struct {
	t          *table
	used       []bool
	homes      map[mark]uint32 // slots of inboxes
	waiting    []orphan        // children that were seen before their inbox
	notebooks  map[notebookOf]notebookAt
	unanswered []uint32 // requests
	bad        []uint32
	sizes      []int64 // that were counted for the bad
}

type orphan struct {
	entry
	slot          uint32
	family, owner mark
}

type notebookOf struct {
	home  uint32
	owner mark
}

type notebookAt struct {
	slot   uint32
	serial uint64
	size   int64
}

func (l *loading) look(i uint32, b *slotBytes) {
	l.used[i] = true
	s, ok := b.decode()
	defer clear(s.key[:])
	switch o := (orphan{s.entry(), i, s.family, s.owner}); {
	case !ok:
		l.refuse(i, 0)
	case s.kind.child():
		if home, ok := l.homes[s.family]; ok {
			l.adopt(o, home)
		} else {
			l.waiting = append(l.waiting, o)
		}
	case l.add(i, o.entry, 0) && s.kind.inbox():
		l.homes[familyMark(&s.key)] = i
		if s.kind == kindRequest && !s.wasClaimed {
			l.unanswered = append(l.unanswered, i)
		}
	}
}

// settle notes on requests that they were answered, where a crash came between the
// letter and the note: once the letter is gone nothing else would tell.
func (l *loading) settle() error {
	for _, i := range l.unanswered {
		if letters, _ := l.t.held(i); letters == 0 {
			continue
		}
		s, ok, err := l.t.read(i)
		if err != nil || !ok {
			return err
		}
		s.wasClaimed = true
		err = l.t.update(i, &s)
		clear(s.key[:])
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *loading) refuse(i uint32, size int64) {
	l.bad, l.sizes = append(l.bad, i), append(l.sizes, size)
}

func (l *loading) add(i uint32, e entry, home uint32) bool {
	if _, twice := l.t.index[e.tag]; twice {
		l.refuse(i, 0)
		return false
	}
	l.t.know(i, e, home)
	l.t.bytes += e.size
	return true
}

// adopt takes a child in. Of two notebooks of one owner the older one goes: a
// crash came between writing the new one and erasing it.
func (l *loading) adopt(o orphan, home uint32) {
	if !l.add(o.slot, o.entry, home) || o.kind != kindNotebook {
		return
	}
	of, newer := notebookOf{home, o.owner}, notebookAt{o.slot, o.serial, o.size}
	if older, twice := l.notebooks[of]; twice {
		if older.serial > newer.serial {
			older, newer = newer, older
		}
		l.t.forget(older.slot, older.size)
		l.refuse(older.slot, older.size)
	}
	l.notebooks[of] = newer
}

// eraseDue erases those of the slots that are due, and whatever hangs on them,
// under as few syncs as possible, and returns what they held.
func (t *table) eraseDue(slots []uint32, now time.Time) (gone []slot, err error) {
	slots, unlock := t.lockSlots(slots)
	defer unlock()
	var due []uint32
	var were []slot
	for _, i := range slots {
		// Read under the lock: a lease may have been extended.
		s, ok, err := t.read(i)
		if err != nil {
			return nil, err
		}
		if ok && s.due(now) {
			due, were = append(due, i), append(were, s)
		}
	}
	return t.erase(due, were)
}
