package vault

// eraseOdd erases slots that are torn, or that hold a message the index does
// not know: damage destroys, and an erasure that silently did nothing is done
// again. The caller holds up every change, because a torn slot does not say
// whose it is.
func (t *table) eraseOdd(slots []uint32) (int, error) {
	var odd []uint32
	for _, i := range slots {
		b, err := t.bytesOf(i)
		if err != nil {
			return 0, err
		}
		s, ok := b.decode()
		if b != (slotBytes{}) && !(ok && t.owner(i, s.tag)) {
			odd = append(odd, i)
			odd = append(odd, t.hanging(i)...) // on an inbox that is damaged
		}
	}
	if len(odd) == 0 && !t.isStale() {
		return 0, nil
	}
	if err := t.eraseAll(odd); err != nil {
		return 0, err
	}
	return len(odd), t.recount()
}

// recount finds anew which slots are free, how many bytes are held and when
// each falls due, after writes that failed half-way. It makes nothing exist:
// what the index does not know stays unknown. It is not the last word while a
// write hangs. The caller holds every stripe.
func (t *table) recount() error {
	hung := t.patience.hung.Load() > 0
	used, ends, sizes := make([]bool, t.n), make([]int64, t.n), int64(0)
	letters := make(map[uint32]int64) // bytes, by slot
	err := t.scan(t.readAt, func(i uint32, b *slotBytes) {
		used[i] = true
		if s, ok := b.decode(); ok && t.owner(i, s.tag) {
			ends[i] = s.end()
			sizes += s.size
			if s.kind == kindLetter {
				letters[i] = s.size
			}
		}
	})
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bytes, t.free, t.stale = sizes, t.free[:0], hung
	for i := t.n - 1; i >= 0; i-- {
		switch {
		case ends[i] != 0:
			t.known[i].end = ends[i]
		case t.known[i].end != 0:
			t.forget(uint32(i), 0)
		}
		if !used[i] {
			t.free = append(t.free, uint32(i))
		}
	}
	for _, f := range t.family {
		f.bytes = 0
		for _, l := range f.letters {
			f.bytes += letters[l.slot]
		}
	}
	return nil
}
