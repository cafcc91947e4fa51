package vault

import (
	"errors"
	"os"
	"path/filepath"
)

// Destroy erases a message at the operator's word, after a complaint for
// instance. Nobody's key is needed. Errors are as those of [Vault.Acknowledge].
func (v *Vault) Destroy(ref Reference) error {
	_, err := v.destroy(ref, Key{}, "destroy", func(*slot) bool { return true })
	return err
}

// DestroyAll erases every message: the slots first, since they are what makes
// messages exist, then uploads under way and Badger's files. It returns how
// many there were, and nil only when a maintenance has proved it.
func (v *Vault) DestroyAll() (int, error) {
	n, err := v.eraseEverything()
	if err != nil {
		return n, err
	}
	return n, v.Maintain()
}

func (v *Vault) eraseEverything() (int, error) {
	if err := v.takeTurn(); err != nil {
		return 0, err
	}
	defer v.giveTurn()
	v.life.RLock()
	defer v.life.RUnlock()
	if v.closed || v.table == nil {
		return 0, ErrLocked
	}
	n, err := v.table.eraseLive()
	if err != nil {
		return n, err
	}
	v.uploads.clear()
	return n, v.heap.wipe()
}

// eraseLive erases every slot that is not free, with every change held up.
func (t *table) eraseLive() (int, error) {
	defer t.lockAll()()
	var all []uint32
	err := t.scan(t.readAt, func(i uint32, _ *slotBytes) { all = append(all, i) })
	if err != nil {
		return 0, err
	}
	if err := t.eraseAll(all); err != nil {
		return 0, err
	}
	return len(all), t.recount()
}

// wipe removes Badger's files; maintenance makes new ones.
func (h *heap) wipe() error {
	h.gate.Lock()
	defer h.gate.Unlock()
	h.strays.Store(true) // if not all can be removed
	if db := h.db; db != nil {
		_ = h.makeRoom()
		h.db = nil
		if err := h.patience.do(db.Close); errors.Is(err, errStalled) {
			return err // other errors do not matter: what it would save is to be removed
		}
	}
	h.disk.survived() // what may end the process goes
	return os.RemoveAll(h.dir)
}

// Unlock is the operator's word on a lock that no maintenance ends by itself.
// cause is what the operator was told; [ErrConflict] means that it is another
// by now. It then maintains, and returns what that returns.
//
//   - [CauseClock]: the wall clock is right. What is due by it is destroyed.
//   - [CauseFsync]: the disk was looked at. Every slot is read again from it.
//   - [CauseCorruption]: what is damaged is destroyed and made anew. Without
//     its slot file or its chunks no message can be kept.
func (v *Vault) Unlock(cause Cause) error {
	if now := v.Status().Cause; now != cause {
		return ErrConflict
	}
	switch cause {
	case CauseClock:
		v.time.trust()
	case CauseFsync:
		if err := v.reopen(false); err != nil {
			return err
		}
	case CauseCorruption:
		v.time.trust() // the mark may be what is damaged
		if err := v.reopen(true); err != nil {
			return err
		}
	}
	return v.Maintain()
}

// reopen closes the stores and opens them from the medium, as a new process
// does.
func (v *Vault) reopen(repair bool) error {
	if err := v.takeTurn(); err != nil {
		return err
	}
	defer v.giveTurn()
	if v.closed || v.stuck || v.patience.hung.Load() > 0 {
		return errStalled // what hangs would write to files that are open anew
	}
	t, h := v.table, v.heap
	if h != nil && h.db != nil {
		_ = h.makeRoom()
		if err := h.closable(); err != nil {
			return err // once more, when the disk takes writes
		}
	}
	if h != nil {
		v.leaveStrays()
	}
	v.change(func() {
		v.uploads.clear()
		v.table, v.heap = nil, nil
	})
	if h != nil {
		err := closeStores(t, h)
		v.stuck = errors.Is(err, errStalled) || h.db != nil // other errors were there before
	}
	if v.stuck {
		v.latch.lock(CauseFsync)
		return errStalled
	}
	if repair {
		if err := v.folder.discardDamaged(); err != nil {
			return err
		}
	}
	v.latch.reset()
	if err := v.wait(v.openStores()); err != nil || !repair || v.table == nil {
		return err
	}
	return v.replaceBadger()
}

// discardDamaged overwrites and removes a slot file that cannot be read.
func (f *folder) discardDamaged() error {
	path := filepath.Join(f.dir, "slots")
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := readHeader(file); err == nil {
		return nil
	}
	st, err := file.Stat()
	if err != nil {
		return err
	}
	if _, err := file.WriteAt(make([]byte, st.Size()), 0); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	return errors.Join(os.Remove(path), syncDir(f.dir))
}

// replaceBadger makes new files where the old ones do not open. Their chunks
// are lost, and so every message is: the slots are erased.
func (v *Vault) replaceBadger() error {
	_ = v.heap.makeRoom()
	err := v.heap.open()
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrFull), ailing(err):
		v.blame(err) // the disk's fault, not that of the files
		return err
	}
	if _, err := v.table.eraseLive(); err != nil {
		return err
	}
	if err := v.heap.wipe(); err != nil {
		return err
	}
	v.latch.reset()
	return nil
}
