package vault

// eraseOdd erases slots that are torn, or that hold a message the index does
// not know: damage destroys, and an erasure that silently did nothing is done
// again. It holds up every change, because a torn slot does not say whose it
// is.
func (t *table) eraseOdd(slots []uint32) (int, error) {
	defer t.lockAll()()
	var odd []uint32
	for _, i := range slots {
		var b slotBytes
		if _, err := t.m.ReadAt(b[:], offset(i)); err != nil {
			return 0, err
		}
		s, ok := b.decode()
		if b != (slotBytes{}) && !(ok && t.owner(i, s.tag)) {
			odd = append(odd, i)
		}
	}
	if err := t.eraseAll(odd); err != nil {
		return 0, err
	}
	t.disown(odd)
	return len(odd), nil
}

// disown takes damaged slots out of the index and makes them free.
func (t *table) disown(slots []uint32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	gone := make(map[uint32]bool)
	for _, i := range slots {
		gone[i] = true
	}
	for tg, i := range t.index {
		if gone[i] {
			delete(t.index, tg)
		}
	}
	for _, i := range t.free {
		delete(gone, i)
	}
	for i := range gone {
		t.free = append(t.free, i)
	}
}
