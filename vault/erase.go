package vault

import (
	"crypto/sha256"
	"errors"
	"sync"
	"time"
)

// Acknowledge destroys a message its reader has whole. It returns nil only
// when the slot was overwritten, synced and read back; a repeated call by the
// same reader returns nil too. While locked it tries and returns
// [ErrNotProven]; after a failed sync, [ErrLocked].
func (v *Vault) Acknowledge(ref Reference, reader Key) error {
	_, err := v.destroy(ref, reader, "acknowledge", func(s *slot) bool {
		return reader.matches(s.reader) && s.state == slotClaimed && !s.keep
	})
	return err
}

// Revoke destroys a message for its sender, whether or not a reader has it,
// and says whether one had. It wins over a claim. Errors are as those of
// [Vault.Acknowledge].
func (v *Vault) Revoke(ref Reference, manage Key) (claimed bool, err error) {
	return v.destroy(ref, manage, "revoke", func(s *slot) bool { return manage.matches(s.manage) })
}

func (v *Vault) destroy(ref Reference, key Key, act string, may func(*slot) bool) (claimed bool, err error) {
	err = v.erasing(func(now time.Time) (err error) {
		claimed, err = v.eraseOne(ref.tag(), may, eraser(act, ref, key), now)
		return err
	})
	return claimed && err == nil, err
}

// erasing runs an erasure, which is allowed while locked: erasing never waits
// for proof, its answer does.
func (v *Vault) erasing(erase func(now time.Time) error) error {
	v.life.RLock()
	defer v.life.RUnlock()
	if v.closed {
		return ErrLocked
	}
	now, lock := v.open()
	if errors.Is(lock, errFsync) || v.table == nil {
		return ErrLocked
	}
	err := erase(now)
	if err != nil && lock == nil {
		_, lock = v.open() // a disk that does not answer says nothing of what is on it
	}
	switch {
	case errors.Is(err, errFsync), errors.Is(lock, errFsync):
		return errFsync
	case lock != nil || errors.Is(err, ErrLocked): // locked, or it did not read back as zero
		return ErrNotProven
	}
	return err
}

func (v *Vault) eraseOne(tg tag, may func(*slot) bool, who [32]byte, now time.Time) (bool, error) {
	defer v.table.lock(tg)()
	i, s, ok := v.table.get(tg)
	if !may(&s) || !ok {
		if claimed, before := v.erased.lookup(who); before {
			return claimed, nil
		}
		return false, ErrGone
	}
	defer clear(s.key[:])
	if err := v.eraseSlots([]uint32{i}, []slot{s}); err != nil {
		return false, err
	}
	if s.due(now) {
		return false, ErrGone
	}
	v.erased.add(who, s.wasClaimed)
	return s.wasClaimed, nil
}

// eraseSlots destroys what the slots hold and everything that hangs on them. The
// caller holds their stripes.
func (v *Vault) eraseSlots(slots []uint32, were []slot) error {
	gone, err := v.table.erase(slots, were)
	if err != nil {
		return err
	}
	v.dropAll(gone)
	return nil
}

// eraser names one right to one message, for [erasures]. The key is a random
// secret, so the hash says nothing to anybody else.
func eraser(act string, ref Reference, key Key) [32]byte {
	h := sha256.New()
	h.Write([]byte("ashpost/v1/vault/" + act))
	h.Write(ref[:])
	h.Write(key[:])
	return [32]byte(h.Sum(nil))
}

// erasures remembers the last few destructions in RAM, so that one whose
// answer was lost can be asked for again. It forgets the oldest.
type erasures struct {
	mu    sync.Mutex
	known map[[32]byte]bool
	ring  [1024][32]byte
	next  int
}

func (e *erasures) add(who [32]byte, claimed bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.known == nil {
		e.known = make(map[[32]byte]bool)
	}
	delete(e.known, e.ring[e.next])
	e.ring[e.next] = who
	e.next = (e.next + 1) % len(e.ring)
	e.known[who] = claimed
}

func (e *erasures) lookup(who [32]byte) (claimed, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	claimed, ok = e.known[who]
	return claimed, ok
}
