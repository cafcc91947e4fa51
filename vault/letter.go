package vault

import "time"

// The most that one inbox takes, so that a flood of it silences no other.
const (
	replyLetters = 64
	replyBytes   = 32 << 20
)

// capacity is how many letters an inbox takes, and how many bytes of them.
func (v *Vault) capacity(k slotKind) (letters int, bytes int64) {
	if k == kindReply {
		return replyLetters, min(replyBytes, v.o.Quota/16)
	}
	return max(32, v.table.n/8), v.o.Quota / 4
}

// admit finds the inbox, unless it does not take a letter of that size.
func (v *Vault) admit(id InboxID, size int64, now time.Time) (uint32, slot, error) {
	i, box, ok := v.table.inbox(id, now)
	if !ok {
		return 0, slot{}, v.gone()
	}
	letters, bytes, _ := v.table.held(i)
	most, mostBytes := v.capacity(box.kind)
	switch {
	case box.kind == kindRequest && (box.wasClaimed || letters > 0):
		return 0, slot{}, ErrConflict
	case letters >= most || bytes+size > mostBytes:
		return 0, slot{}, ErrFull
	}
	return i, box, nil
}

// deliver makes a letter exist. It never outlasts its inbox; one for replies is
// prolonged first.
func (v *Vault) deliver(s *slot, ref Reference, t Terms, reply bool) (time.Time, error) {
	defer v.table.lock(t.Inbox.tag())()
	now, err := v.open() // storing the chunks may have taken long
	if err != nil {
		return now, err
	}
	home, box, err := v.admit(*t.Inbox, s.size, now)
	if err != nil {
		return now, err
	}
	defer clear(box.key[:])
	if reply && box.kind != kindReply && v.filled() >= FullAt {
		return now, ErrFull
	}
	if box.kind == kindReply {
		if err := v.prolong(home, &box, now.Add(replyLife)); err != nil {
			return now, err
		}
	}
	s.kind = kindLetter
	s.expiry = min(now.Add(t.Lifetime).Unix(), box.expiry)
	v.hang(s, home, &box, childKey(&box.key, *t.Inbox), ref)
	if err := v.table.insert(s, home); err != nil {
		return now, err
	}
	if box.kind == kindRequest {
		box.wasClaimed = true
		_ = v.table.update(home, &box) // what fails locks; the letter is there and says the same
	}
	return now, nil
}

// hang makes s a child of the inbox in slot home.
func (v *Vault) hang(s *slot, home uint32, box *slot, key []byte, ref Reference) {
	s.family = familyMark(&box.key)
	_, _, s.serial = v.table.held(home)
	s.sealReference(key, ref)
	clear(key)
}

// Letter is one entry of a [List].
type Letter struct {
	Reference Reference
	Serial    uint64 // later ones have higher ones
	Size      int64  // of the ciphertext
	Left      time.Duration
}

// List is a page of an inbox.
type List struct {
	Letters []Letter // newest first
	Count   int      // in the whole inbox
	More    bool     // there are older ones
}

// Letters lists at most so many letters of an inbox, newest first, with serials
// below before; 0 begins with the newest. It is for the inbox's owner: who knows
// a reference and the ID can read the letter.
func (v *Vault) Letters(id InboxID, before uint64, most int) (List, error) {
	leave, now, err := v.enter()
	if err != nil {
		return List{}, err
	}
	defer leave()
	home, box, ok := v.table.inbox(id, now)
	if !ok {
		return List{}, v.gone()
	}
	key := childKey(&box.key, id)
	clear(box.key[:])
	defer clear(key)
	page, count, more := v.table.page(home, before, most)
	list := List{Letters: make([]Letter, 0, len(page)), Count: count, More: more}
	for _, l := range page {
		s, ok, err := v.table.read(l.slot)
		clear(s.key[:])
		if err != nil {
			return List{}, ErrLocked
		}
		if !ok || s.kind != kindLetter || s.due(now) {
			continue
		}
		if ref, ok := s.reference(key); ok { // or another's by now
			list.Letters = append(list.Letters, Letter{ref, s.serial, s.size, s.left(now)})
		}
	}
	if _, err := v.open(); err != nil {
		return List{}, err
	}
	return list, nil
}

// Letter opens a letter for reading, any number of times. It is for one
// goroutine at a time. A reading under way ends with [ErrGone] when the letter
// or its inbox is destroyed or due.
func (v *Vault) Letter(id InboxID, ref Reference) (*Content, error) {
	return v.child(id, ref, kindLetter)
}

// child opens what hangs on an inbox for reading.
func (v *Vault) child(id InboxID, ref Reference, kind slotKind) (*Content, error) {
	leave, now, err := v.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	s, ok := v.table.childOf(id, ref.tag(), now)
	if !ok || s.kind != kind {
		return nil, v.gone()
	}
	defer clear(s.key[:])
	return &Content{v: v, sealer: newSealer(&s.key, ref[:]), tag: s.tag, inbox: &id, size: s.size, lastN: -1}, nil
}

// childOf reads the slot of what hangs on an inbox, neither of them due.
func (t *table) childOf(id InboxID, tg tag, now time.Time) (slot, bool) {
	home, box, ok := t.inbox(id, now)
	clear(box.key[:])
	if !ok {
		return slot{}, false
	}
	i, s, ok := t.find(tg)
	return s, ok && !s.due(now) && t.under(i, home)
}

// stillThere reports whether what hangs on an inbox is there still.
func (v *Vault) stillThere(id InboxID, tg tag) error {
	now, err := v.open()
	if err != nil {
		return err
	}
	s, ok := v.table.childOf(id, tg, now)
	clear(s.key[:])
	if !ok {
		return v.gone()
	}
	return nil
}

// DestroyLetter erases a letter. It returns nil only when the slot was
// overwritten, synced and read back, and also when it is not there. Errors are
// as those of [Vault.Acknowledge].
func (v *Vault) DestroyLetter(id InboxID, ref Reference) error {
	_, err := v.DestroyLetters(id, []Reference{ref})
	return err
}

// DestroyLetters is DestroyLetter for many, under as few syncs as possible. It
// says how many were there.
func (v *Vault) DestroyLetters(id InboxID, refs []Reference) (destroyed int, err error) {
	err = v.erasing(func(time.Time) error {
		defer v.table.lock(id.tag())()
		home, box, ok := v.table.find(id.tag())
		clear(box.key[:])
		if !ok {
			return v.readable() // then nothing is under it
		}
		slots, were := v.table.letters(home, refs)
		if err := v.eraseSlots(slots, were); err != nil {
			return err
		}
		destroyed = len(slots)
		return v.readable()
	})
	return destroyed, err
}

// letters finds those letters that are there. The caller holds the inbox's
// stripe.
func (t *table) letters(home uint32, refs []Reference) (slots []uint32, were []slot) {
	seen := make(map[uint32]bool, len(refs))
	for _, ref := range refs {
		i, s, ok := t.find(ref.tag())
		if ok && s.kind == kindLetter && t.under(i, home) && !seen[i] {
			seen[i] = true
			slots, were = append(slots, i), append(were, s)
		}
	}
	return slots, were
}
