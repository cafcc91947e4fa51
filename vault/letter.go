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
		return replyLetters, v.capacityBytes(k)
	}
	return max(32, v.table.n/8), v.capacityBytes(k)
}

func (v *Vault) capacityBytes(k slotKind) int64 {
	if k == kindReply {
		return min(replyBytes, v.o.Quota/16)
	}
	return v.o.Quota / 4
}

// largest is the largest letter that an empty inbox takes. It is known where the
// slots could not be opened, too.
func (v *Vault) largest(k slotKind) int64 { return min(v.capacityBytes(k), v.o.MaxMessage) }

// admit finds the inbox, unless it does not take a letter of that size.
func (v *Vault) admit(id InboxID, size int64, now time.Time) (uint32, slot, error) {
	i, box, ok := v.table.inbox(id, now)
	if !ok {
		return 0, slot{}, v.gone()
	}
	letters, bytes := v.table.held(i)
	most, mostBytes := v.capacity(box.kind)
	switch {
	case box.kind == kindRequest && (box.wasClaimed || letters > 0):
		return 0, slot{}, ErrConflict
	case size > mostBytes:
		return 0, slot{}, ErrTooLarge
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
	if err := v.hang(s, home, &box, childKey(&box.key, *t.Inbox), ref); err != nil {
		return now, err
	}
	if box.kind == kindRequest {
		box.wasClaimed = true
		_ = v.table.update(home, &box) // what fails locks; the letter is there and says the same
	}
	return now, nil
}

// hang makes s exist under the inbox in slot home. The caller holds its stripe.
func (v *Vault) hang(s *slot, home uint32, box *slot, key []byte, ref Reference) (err error) {
	s.sealReference(key, ref)
	clear(key)
	return v.adopt(s, home, box)
}

// adopt is hang for what is sealed already.
func (v *Vault) adopt(s *slot, home uint32, box *slot) (err error) {
	s.family = familyMark(&box.key)
	if s.serial, err = v.serial(home, box); err != nil {
		return err
	}
	return v.table.insert(s, home)
}

// serialsAhead is how many serials one write of an inbox's slot allows.
const serialsAhead = 64

// serial gives each serial of an inbox once, ever: people name letters by them.
// All that were given lie below the one in the inbox's slot, with which a new
// process goes on.
func (v *Vault) serial(home uint32, box *slot) (uint64, error) {
	n := v.table.draw(home)
	if n < box.serial {
		return n, nil
	}
	box.serial = n + serialsAhead
	return n, v.table.update(home, box)
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
	var list List
	for list.More = true; list.More && len(list.Letters) == 0; { // all of a page may be due
		page, count, more := v.table.page(home, before, most)
		list.Count, list.More = count, more
		if list.Letters, err = v.table.listed(page, key, now); err != nil {
			return List{}, err
		}
		if more {
			before = page[len(page)-1].serial
		}
	}
	if again, box, ok := v.table.inbox(id, now); !ok || again != home {
		return List{}, v.gone() // destroyed meanwhile, and perhaps another's by now
	} else {
		clear(box.key[:])
	}
	if err := v.readable(); err != nil {
		return List{}, err
	}
	return list, nil
}

// listed reads the letters of a page that are there still.
func (t *table) listed(page []letterAt, key []byte, now time.Time) ([]Letter, error) {
	letters := make([]Letter, 0, len(page))
	for _, l := range page {
		s, ok, err := t.read(l.slot)
		clear(s.key[:])
		if err != nil {
			return nil, ErrLocked
		}
		if !ok || s.kind != kindLetter || s.serial != l.serial || s.due(now) {
			continue // perhaps the slot is a later letter's by now
		}
		if ref, ok := s.reference(key); ok { // or another inbox's
			letters = append(letters, Letter{ref, s.serial, s.size, s.left(now)})
		}
	}
	return letters, nil
}

// Letter opens a letter for reading, any number of times. It is for one
// goroutine at a time. A reading under way ends with [ErrGone] when the letter
// or its inbox is destroyed or due.
func (v *Vault) Letter(id InboxID, ref Reference) (*Content, error) {
	leave, now, err := v.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	s, ok := v.table.childOf(id, ref.tag(), now)
	if !ok || s.kind != kindLetter {
		return nil, v.gone()
	}
	defer clear(s.key[:])
	return v.contentOf(id, ref, &s), nil
}

// contentOf opens what hangs on an inbox for reading.
func (v *Vault) contentOf(id InboxID, ref Reference, s *slot) *Content {
	return &Content{v: v, sealer: newSealer(&s.key, ref[:]), tag: s.tag, inbox: &id, size: s.size, lastN: -1}
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
