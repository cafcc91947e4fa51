package vault

// mostNotebooks is how many of its owners keep one in an inbox: all of them.
const mostNotebooks = 10

// PutNotebook replaces an owner's notebook in an inbox: at most [PartSize]
// bytes of ciphertext. owner is the hash of the owner's public key. When it
// returns, the new one exists durably and the old one was erased, synced and
// read back. A crash leaves one of them. It prolongs an inbox of [KindReply].
func (v *Vault) PutNotebook(id InboxID, owner [32]byte, file []byte) error {
	leave, now, err := v.enter()
	if err != nil {
		return err
	}
	defer leave()
	if err := v.checkPart(0, len(file)); err != nil {
		return err
	}
	_, box, ok := v.table.inbox(id, now)
	clear(box.key[:])
	if !ok {
		return v.gone()
	}
	if v.filled() >= box.kind.fullAt() {
		return ErrFull
	}
	return v.keepContent(nil, file, box.kind == kindReply, func(ref Reference, s *slot) error {
		return v.replaceNotebook(id, owner, ref, s)
	})
}

func (v *Vault) replaceNotebook(id InboxID, owner [32]byte, ref Reference, s *slot) error {
	defer v.table.lock(id.tag())()
	now, err := v.open() // storing the chunks may have taken long
	if err != nil {
		return err
	}
	home, box, ok := v.table.inbox(id, now)
	if !ok {
		return v.gone()
	}
	defer clear(box.key[:])
	old, were, others := v.table.notebooks(home, ownerMark(&box.key, owner))
	if err := v.readable(); err != nil {
		return err // there may be an old one that could not be read
	}
	if others >= mostNotebooks {
		return ErrFull
	}
	if box.kind == kindReply {
		if err := v.prolong(home, &box, now.Add(replyLife)); err != nil {
			return err
		}
	}
	s.kind, s.tag, s.owner = kindNotebook, ref.tag(), ownerMark(&box.key, owner)
	if err := v.hang(s, home, &box, childKey(&box.key, id), ref); err != nil {
		return err
	}
	return v.eraseSlots(old, were)
}

// Notebook opens an owner's notebook for reading. [ErrGone] means that there is
// none, or none any more.
func (v *Vault) Notebook(id InboxID, owner [32]byte) (*Content, error) {
	leave, now, err := v.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	defer v.table.lock(id.tag())() // one that is being replaced must not look like none
	home, box, ok := v.table.inbox(id, now)
	if !ok {
		return nil, v.gone()
	}
	defer clear(box.key[:])
	_, were, _ := v.table.notebooks(home, ownerMark(&box.key, owner))
	var s slot
	for i := range were {
		if were[i].serial > s.serial {
			s = were[i]
		}
		clear(were[i].key[:])
	}
	key := childKey(&box.key, id)
	defer clear(key)
	defer clear(s.key[:])
	ref, ok := s.reference(key)
	if !ok {
		return nil, v.gone()
	}
	return v.contentOf(id, ref, &s), nil
}

// notebooks reads the notebooks of an owner, of which there are two while one
// is replaced, and counts those of others.
func (t *table) notebooks(home uint32, owner mark) (slots []uint32, were []slot, others int) {
	for _, i := range t.others(home) {
		s, ok, _ := t.read(i)
		switch {
		case ok && s.kind == kindNotebook && s.owner == owner:
			slots, were = append(slots, i), append(were, s)
		case ok && s.kind == kindNotebook:
			others++
		}
	}
	return slots, were, others
}
