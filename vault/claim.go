package vault

import (
	"io"
	"time"
)

// Claim gives the message to the reader who proves the claim key, and binds
// it to the hash of that reader's key, durably, before it returns. From then
// on only this reader can claim again (a lost answer), read and acknowledge,
// until the lease ends. Anything else is [ErrGone]. A message that is kept
// until expiry is not bound: each reading proves the claim key.
func (v *Vault) Claim(ref Reference, claim Key, reader Verifier) (Claimed, error) {
	leave, _, err := v.enter()
	if err != nil {
		return Claimed{}, err
	}
	defer leave()
	s, err := v.bind(ref.tag(), claim, reader)
	if err != nil {
		return Claimed{}, err
	}
	defer clear(s.key[:])
	c := Claimed{Size: s.size, Keep: s.keep}
	if s.size <= SmallSize {
		c.Content, err = v.chunk(newSealer(&s.key, ref[:]), 0, nil)
	}
	now, lock := v.open() // what came meanwhile: nothing leaves
	switch {
	case lock != nil:
		return Claimed{}, lock
	case err != nil:
		return Claimed{}, err
	case s.due(now), !v.table.exists(s.tag):
		return Claimed{}, ErrGone
	}
	c.Left = s.left(now)
	if !s.keep {
		c.Lease = s.leaseLeft(now)
	}
	return c, nil
}

// bind is the one place where a message changes hands.
func (v *Vault) bind(tg tag, claim Key, reader Verifier) (slot, error) {
	defer v.table.lock(tg)()
	now, err := v.open() // the wait for the stripe may have been long
	if err != nil {
		return slot{}, err
	}
	i, s, ok := v.table.get(tg)
	if !claim.matches(s.claim) || !ok || s.due(now) {
		return slot{}, v.gone()
	}
	changed := !s.wasClaimed
	switch {
	case s.keep:
	case s.state == slotLive:
		s.state, s.reader, changed = slotClaimed, reader, true
		s.extendLease(now)
	case s.reader != reader:
		return slot{}, ErrGone
	default:
		changed = s.extendLease(now)
	}
	s.wasClaimed = true
	if changed {
		if err := v.table.update(i, &s); err != nil {
			return slot{}, err
		}
		v.dueAt.note(s.lease)
	}
	return s, nil
}

// gone is the refusal, unless the vault locked on the way: then nobody knows.
func (v *Vault) gone() error {
	if err := v.readable(); err != nil {
		return err
	}
	return ErrGone
}

// readable returns nil unless the vault locked on the way, because a slot could
// not be read for instance: then what was not found may be there.
func (v *Vault) readable() error {
	_, err := v.open()
	return err
}

// chunk returns chunk n, in buf if it fits.
func (v *Vault) chunk(s sealer, n int, buf []byte) ([]byte, error) {
	value, err := v.heap.get(s.handle.chunk(n), buf)
	if err != nil {
		return nil, err
	}
	return s.open(n, value)
}

// Content is a message open for reading. It holds no data and no lock.
type Content struct {
	v      *Vault
	sealer sealer
	tag    tag
	key    Key
	inbox  *InboxID // of a letter or a notebook, which key does not open
	size   int64
	last   []byte // the chunk read last
	lastN  int
	buf    []byte // last lies in it
}

// Content opens a message for its reader: the reader key, or the claim key of
// a message that is kept. It is for one goroutine at a time.
func (v *Vault) Content(ref Reference, key Key) (*Content, error) {
	leave, now, err := v.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	tg := ref.tag()
	_, s, ok := v.table.get(tg)
	if !mayRead(&s, key) || !ok || s.due(now) {
		return nil, v.gone()
	}
	defer clear(s.key[:])
	return &Content{v: v, sealer: newSealer(&s.key, ref[:]), tag: tg, key: key, size: s.size, lastN: -1}, nil
}

// mayRead compares in constant time and for every slot alike.
func mayRead(s *slot, key Key) bool {
	if s.keep {
		return key.matches(s.claim)
	}
	return key.matches(s.reader) && s.state == slotClaimed
}

// Size is the length of the ciphertext in bytes.
func (c *Content) Size() int64 { return c.size }

// ReadAt implements [io.ReaderAt]. Each call checks the lock, the right to
// read and the time anew, and extends the lease. [ErrGone] means that the
// message was destroyed meanwhile.
func (c *Content) ReadAt(p []byte, off int64) (int, error) {
	leave, _, err := c.v.enter()
	if err != nil {
		return 0, err
	}
	defer leave()
	if c.inbox != nil {
		err = c.v.stillThere(*c.inbox, c.tag)
	} else {
		err = c.v.progress(c.tag, c.key)
	}
	if err != nil {
		return 0, err
	}
	done := 0
	for done < len(p) && off < c.size {
		n, lost := c.readChunk(p[done:], off)
		if err = lost; err != nil {
			break
		}
		done += n
		off += int64(n)
	}
	if ended := c.mayStill(); ended != nil {
		clear(p[:done])
		return 0, ended
	}
	if err != nil {
		return done, err
	}
	if done < len(p) {
		return done, io.EOF
	}
	return done, nil
}

// readChunk copies from the one chunk in which off lies.
func (c *Content) readChunk(p []byte, off int64) (int, error) {
	if n := int(off / chunkSize); n != c.lastN {
		if c.buf == nil {
			c.buf = make([]byte, min(c.size, chunkSize)+sealedMore)
		}
		c.lastN = -1 // what was in the buffer is overwritten
		data, err := c.v.chunk(c.sealer, n, c.buf)
		if err != nil {
			c.buf = nil // the disk may not be done with it
			return 0, err
		}
		c.last, c.lastN = data, n
	}
	from := off % chunkSize
	if from >= int64(len(c.last)) {
		return 0, ErrGone // shorter than its slot says: lost
	}
	return copy(p, c.last[from:]), nil
}

// progress checks the reader's right and extends the lease, durably, when
// half of it has been used.
func (v *Vault) progress(tg tag, key Key) error {
	defer v.table.lock(tg)()
	now, err := v.open()
	if err != nil {
		return err
	}
	i, s, ok := v.table.get(tg)
	defer clear(s.key[:])
	if !mayRead(&s, key) || !ok || s.due(now) {
		return v.gone()
	}
	if s.keep || !s.extendLease(now) {
		return nil
	}
	return v.table.update(i, &s)
}

// mayStill looks again after the chunks were fetched, which may have waited:
// what was destroyed, or fell due, or was locked meanwhile does not leave.
func (c *Content) mayStill() error {
	v := c.v
	if c.inbox != nil {
		return v.stillThere(*c.inbox, c.tag)
	}
	now, err := v.open()
	if err != nil {
		return err
	}
	_, s, ok := v.table.get(c.tag)
	defer clear(s.key[:])
	if !mayRead(&s, c.key) || !ok || s.due(now) {
		return v.gone()
	}
	return nil
}

// State tells the holder of the manage key how the message stands.
func (v *Vault) State(ref Reference, manage Key) (State, error) {
	leave, now, err := v.enter()
	if err != nil {
		return State{}, err
	}
	defer leave()
	_, s, ok := v.table.get(ref.tag())
	clear(s.key[:]) // not needed here
	if !manage.matches(s.manage) || !ok || s.due(now) {
		return State{}, v.gone()
	}
	st := State{Claimed: s.wasClaimed, Keep: s.keep, Left: s.left(now)}
	if s.state == slotClaimed {
		st.Lease = max(0, s.leaseLeft(now)).Round(time.Second)
	}
	return st, nil
}
