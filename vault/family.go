package vault

import (
	"cmp"
	"slices"
)

// family is what hangs on one inbox, guarded by table.mu. It says where to look;
// what is there the slots say.
type family struct {
	letters []letterAt // by serial
	others  []uint32   // notebooks and aliases
	next    uint64     // serial: none given before is as high
	bytes   int64      // of letters
}

type letterAt struct {
	serial uint64
	slot   uint32
}

// join is called with mu held, once for each child, in the order of serials but
// for a load, which sorts at its end.
func (f *family) join(i uint32, e entry) {
	if e.kind != kindLetter {
		f.others = append(f.others, i)
		return
	}
	f.bytes += e.size
	f.letters = append(f.letters, letterAt{e.serial, i})
}

func (l letterAt) compare(serial uint64) int { return cmp.Compare(l.serial, serial) }

// leave is called with mu held. The oldest letter mostly goes first.
func (f *family) leave(i uint32, k slotKind, size int64) {
	if k != kindLetter {
		f.others = slices.DeleteFunc(f.others, func(o uint32) bool { return o == i })
		return
	}
	f.bytes -= size
	switch at := slices.IndexFunc(f.letters, func(l letterAt) bool { return l.slot == i }); {
	case at == 0:
		f.letters = f.letters[1:]
	case at > 0:
		f.letters = slices.Delete(f.letters, at, at+1)
	}
}

// all is called with mu held.
func (f *family) all() []uint32 {
	slots := slices.Clone(f.others)
	for _, l := range f.letters {
		slots = append(slots, l.slot)
	}
	return slots
}

// hanging lists what hangs on the inbox in slot i.
func (t *table) hanging(i uint32) []uint32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if f := t.family[i]; f != nil {
		return f.all()
	}
	return nil
}

// others lists the notebooks and aliases of the inbox in slot i.
func (t *table) others(i uint32) []uint32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if f := t.family[i]; f != nil {
		return slices.Clone(f.others)
	}
	return nil
}

// held is how many letters the inbox in slot i has, and their bytes.
func (t *table) held(i uint32) (letters int, bytes int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if f := t.family[i]; f != nil {
		return len(f.letters), f.bytes
	}
	return 0, 0
}

// draw gives the next serial under the inbox in slot i, to nobody else.
func (t *table) draw(i uint32) uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.family[i]
	if f == nil {
		return 1
	}
	f.next++
	return f.next - 1
}

// page lists at most so many letters of the inbox in slot i, newest first, with
// serials below before; 0 is no bound.
func (t *table) page(i uint32, before uint64, most int) (page []letterAt, count int, more bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.family[i]
	if f == nil {
		return nil, 0, false
	}
	end := len(f.letters)
	if before > 0 {
		end, _ = slices.BinarySearchFunc(f.letters, before, letterAt.compare)
	}
	first := max(0, end-most)
	page = slices.Clone(f.letters[first:end])
	slices.Reverse(page)
	return page, len(f.letters), first > 0
}

// under reports whether slot i hangs on the inbox in slot home.
func (t *table) under(i, home uint32) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	k := t.known[i]
	return k.kind.child() && k.home == home
}
