package vault

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"
)

// Reserve begins an upload and returns the reference and the key under which
// its parts are accepted. Nothing is written. From [FullAt] percent on it is
// refused with [ErrFull]: uploads that have begun still end, and reading,
// claiming and erasing go on.
func (v *Vault) Reserve() (Reference, Key, error) {
	leave, _, err := v.enter()
	if err != nil {
		return Reference{}, Key{}, err
	}
	defer leave()
	if v.filled() >= FullAt {
		return Reference{}, Key{}, ErrFull
	}
	return v.uploads.add(false)
}

// ReserveLetter is Reserve for a letter to an inbox, of so many bytes; 0 when that
// is not known yet. For one that takes replies it is refused from [ReplyFullAt]
// percent on only; such an upload becomes no message elsewhere while there is no
// room for others. What the inbox never takes is refused with [ErrTooLarge]. What
// lies in it counts at the end of the upload alone: here, anybody who has the
// address could measure it.
func (v *Vault) ReserveLetter(id InboxID, size int64) (Reference, Key, error) {
	leave, now, err := v.enter()
	if err != nil {
		return Reference{}, Key{}, err
	}
	defer leave()
	_, box, ok := v.table.inbox(id, now)
	clear(box.key[:])
	if !ok {
		return Reference{}, Key{}, v.gone()
	}
	if size > v.largest(box.kind) {
		return Reference{}, Key{}, ErrTooLarge
	}
	if v.filled() >= box.kind.fullAt() {
		return Reference{}, Key{}, ErrFull
	}
	return v.uploads.add(box.kind == kindReply)
}

// PutPart stores part n of an upload: [PartSize] bytes, or less for the last
// one. A part may be put again. It is durable when PutPart returns.
func (v *Vault) PutPart(ref Reference, upload Key, n int, part []byte) error {
	leave, _, err := v.enter()
	if err != nil {
		return err
	}
	defer leave()
	if err := v.checkPart(n, len(part)); err != nil {
		return err
	}
	r, err := v.uploads.take(ref, upload)
	if err != nil {
		return err
	}
	defer r.mu.Unlock()
	if r.done != nil {
		return ErrConflict
	}
	return v.storePart(r, ref[:], n, part, longestLetter)
}

func (v *Vault) checkPart(n, size int) error {
	switch {
	case n < 0:
		return &InvalidError{"part numbers begin at 0"}
	case size == 0:
		return &InvalidError{"a part is empty"}
	case size > PartSize || int64(n) > v.o.MaxMessage/PartSize || int64(n)*PartSize+int64(size) > v.o.MaxMessage:
		return ErrTooLarge
	}
	return nil
}

// putSize is how much of a part is made durable at once: Badger holds it twice.
const putSize = 1 << 20

// storePart charges, checks for room, then writes.
func (v *Vault) storePart(r *reservation, salt []byte, n int, part []byte, life time.Duration) error {
	if !v.table.fits(int64(len(part))) { // a full vault must not cost a write
		return ErrFull
	}
	// Refusals first: a part that was charged counts as there when committing.
	if err := v.room(int64(len(part))); err != nil {
		return err
	}
	now, err := v.open()
	if err != nil {
		return err
	}
	if err := v.uploads.charge(r, n, int64(len(part))); err != nil {
		return err
	}
	s, expires := newSealer(&r.key, salt), chunkExpiry(now, life)
	for first := n * (PartSize / chunkSize); len(part) > 0; first += putSize / chunkSize {
		piece := part[:min(putSize, len(part))]
		part = part[len(piece):]
		chunks := s.seal(first, piece)
		if err := v.heap.put(chunks, expires); err != nil {
			v.uploads.uncharge(r, n)
			v.heap.strays.Store(true) // they may be stored all the same, and late
			return err                // the disk may not be done with the chunks: they are not recycled
		}
		recycle(chunks)
	}
	if v.uploads.forgot(r) {
		v.heap.strays.Store(true) // perhaps they were deleted before they were stored
	}
	v.o.Stored()
	return nil
}

// Put stores a whole message of at most [PartSize] bytes. When it returns,
// the message exists durably. The identical call may be repeated.
func (v *Vault) Put(ref Reference, upload Key, ciphertext []byte, t Terms) (Receipt, error) {
	leave, now, err := v.enter()
	if err != nil {
		return Receipt{}, err
	}
	defer leave()
	if err := checkTerms(t); err != nil {
		return Receipt{}, err
	}
	if err := v.checkPart(0, len(ciphertext)); err != nil {
		return Receipt{}, err
	}
	r, err := v.uploads.take(ref, upload)
	if err != nil {
		return Receipt{}, err
	}
	defer r.mu.Unlock()
	print := fingerprint(t, 1, int64(len(ciphertext)), ciphertext)
	if r.done != nil {
		return r.done.again(print, now)
	}
	if t.Inbox != nil { // a refusal must not cost a write
		if _, box, err := v.admit(*t.Inbox, int64(len(ciphertext)), now); err != nil {
			return Receipt{}, err
		} else {
			clear(box.key[:])
		}
	}
	if err := v.storePart(r, ref[:], 0, ciphertext, t.Lifetime); err != nil {
		return Receipt{}, err
	}
	return v.commit(r, ref, 1, int64(len(ciphertext)), t, print)
}

// Commit makes a message of the parts put so far. When it returns, the
// message exists durably. The identical call may be repeated.
func (v *Vault) Commit(ref Reference, upload Key, parts int, size int64, t Terms) (Receipt, error) {
	leave, now, err := v.enter()
	if err != nil {
		return Receipt{}, err
	}
	defer leave()
	if err := checkTerms(t); err != nil {
		return Receipt{}, err
	}
	if size > v.o.MaxMessage { // bounds what checkParts counts
		return Receipt{}, ErrTooLarge
	}
	r, err := v.uploads.take(ref, upload)
	if err != nil {
		return Receipt{}, err
	}
	defer r.mu.Unlock()
	print := fingerprint(t, parts, size, nil)
	if r.done != nil {
		return r.done.again(print, now)
	}
	return v.commit(r, ref, parts, size, t, print)
}

func checkTerms(t Terms) error {
	longest := longestLife
	if t.Inbox != nil {
		longest = longestLetter
	}
	return checkLife(t.Lifetime, longest)
}

func checkLife(life, longest time.Duration) error {
	if life < shortestLife || life > longest || life%time.Second != 0 {
		return &InvalidError{fmt.Sprintf("the lifetime must be whole seconds from %d to %d",
			shortestLife/time.Second, longest/time.Second)}
	}
	return nil
}

// commit writes the slot, after the chunks: the moment the message exists.
func (v *Vault) commit(r *reservation, ref Reference, parts int, size int64, t Terms, print [32]byte) (_ Receipt, err error) {
	got, err := v.uploads.hold(r)
	if err != nil {
		return Receipt{}, err
	}
	defer func() { v.uploads.release(r, err) }()
	if err = checkParts(got, parts, size); err != nil {
		return Receipt{}, err
	}
	if err := v.show(r, ref, t); err != nil {
		return Receipt{}, err
	}
	s := &slot{state: slotLive, size: size, key: r.key, tag: r.tag}
	defer clear(s.key[:])
	var now time.Time
	if t.Inbox != nil {
		now, err = v.deliver(s, ref, t, r.reply)
	} else {
		now, err = v.create(s, t, r.reply)
	}
	if err != nil {
		return Receipt{}, err
	}
	v.dueAt.note(s.expiry)
	clear(r.key[:])
	r.done = &receipt{fingerprint: print, expires: time.Unix(s.expiry, 0)}
	return Receipt{Expires: r.done.expires, Left: s.left(now)}, nil
}

// show lets the caller look at how an upload begins: at what is stored, since a
// part may be put again.
func (v *Vault) show(r *reservation, ref Reference, t Terms) error {
	if t.Accept == nil {
		return nil
	}
	first, err := v.chunk(newSealer(&r.key, ref[:]), 0, nil)
	if err != nil {
		return err
	}
	return t.Accept(first)
}

// create makes a message behind a link.
func (v *Vault) create(s *slot, t Terms, reply bool) (time.Time, error) {
	defer v.table.lock(s.tag)()
	now, err := v.open() // storing the chunks may have taken long
	if err != nil {
		return now, err
	}
	if reply && v.filled() >= FullAt {
		return now, ErrFull
	}
	s.keep, s.claim, s.manage = t.Keep, t.Claim, t.Manage
	s.expiry = now.Add(t.Lifetime).Unix()
	return now, v.table.insert(s, 0)
}

// checkParts says whether parts 0..n-1 are there and make up size bytes.
func checkParts(got map[int]int64, n int, size int64) error {
	if n < 1 || size < 1 || int64(n) != (size+PartSize-1)/PartSize {
		return &InvalidError{"the number of parts does not fit the size"}
	}
	var missing []int
	for i := range n {
		want := min(PartSize, size-int64(i)*PartSize)
		if got[i] != want {
			missing = append(missing, i)
		}
	}
	if missing != nil {
		return &IncompleteError{missing}
	}
	if len(got) != n {
		return &InvalidError{"more parts were sent than are committed"}
	}
	return nil
}

// fingerprint tells a repeated commit from another one.
func fingerprint(t Terms, parts int, size int64, content []byte) [32]byte {
	h := sha256.New()
	var b [25]byte
	binary.BigEndian.PutUint64(b[:], uint64(t.Lifetime))
	binary.BigEndian.PutUint64(b[8:], uint64(parts))
	binary.BigEndian.PutUint64(b[16:], uint64(size))
	if t.Keep {
		b[24] = 1
	}
	h.Write(b[:])
	h.Write(t.Claim[:])
	h.Write(t.Manage[:])
	if t.Inbox != nil {
		h.Write(t.Inbox[:])
	}
	h.Write(content)
	return [32]byte(h.Sum(nil))
}

func (r *receipt) again(print [32]byte, now time.Time) (Receipt, error) {
	if print != r.fingerprint {
		return Receipt{}, ErrConflict
	}
	return Receipt{Expires: r.expires, Left: max(0, r.expires.Sub(now))}, nil
}

// discard deletes the chunks of an upload that was forgotten.
func (v *Vault) discard(h handle, parts map[int]int64) {
	if v.heap == nil {
		return
	}
	if parts == nil {
		v.heap.strays.Store(true) // the sweep of orphans knows
		return
	}
	var d chunkDrop
	for n, size := range parts {
		for k := range chunkCount(size) {
			d.names = append(d.names, h.chunk(n*(PartSize/chunkSize)+k))
		}
		d.bytes += inLog(size)
	}
	if d.names != nil {
		v.heap.drop(d)
	}
}
