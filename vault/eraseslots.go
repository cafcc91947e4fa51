package vault

// erase makes what the slots hold not exist, and whatever hangs on them. All of
// it is out of the index, so gone for every reader, before the first write; it
// is destroyed when erase returns nil. The slots come first: only when their
// erasure is durable and was read back, those that hang on them, which are noise
// by then. The caller holds the stripes. It returns what was held in all.
func (t *table) erase(slots []uint32, were []slot) (gone []slot, err error) {
	hanging, held := t.readHanging(slots)
	gone = append(were, held...)
	t.mu.Lock()
	for k, i := range slots {
		t.forget(i, were[k].size)
	}
	t.mu.Unlock()
	if err := t.eraseSlots(slots, sizes(were)); err != nil {
		return nil, err
	}
	if err := t.eraseSlots(hanging, sizes(held)); err != nil {
		return nil, err
	}
	return gone, nil
}

func sizes(slots []slot) []int64 {
	of := make([]int64, len(slots))
	for k := range slots {
		of[k] = slots[k].size
	}
	return of
}

// readHanging reads what hangs on the slots and is not among them.
func (t *table) readHanging(slots []uint32) (hanging []uint32, held []slot) {
	among := make(map[uint32]bool, len(slots))
	for _, i := range slots {
		among[i] = true
	}
	for _, i := range slots {
		for _, c := range t.hanging(i) {
			if !among[c] {
				hanging = append(hanging, c)
			}
		}
	}
	held = make([]slot, len(hanging))
	for k, c := range hanging {
		s, ok, err := t.read(c)
		if !ok {
			t.setStale() // it is erased all the same; what was held is counted anew
		}
		if err != nil {
			break // a disk that does not answer is not asked once for each
		}
		held[k] = s
	}
	return hanging, held
}

// eraseSlots overwrites slots durably, under as few syncs as possible, and frees
// them. sizes is what was counted for them.
func (t *table) eraseSlots(slots []uint32, sizes []int64) error {
	if err := t.eraseAll(slots); err != nil {
		return err
	}
	for k, i := range slots {
		t.release(i, sizes[k])
	}
	return nil
}
