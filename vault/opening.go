package vault

import (
	"errors"
	"fmt"
	"math/bits"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Open opens the vault in dir, making it (0700) if there is none. It comes
// back locked: the first verified maintenance opens it. [ErrInUse] means that
// another process has it, an [UnsuitableError] that nothing could be destroyed
// here. A slot file or Badger that cannot be read does not fail Open, nor does
// a disk that is full, read-only or failing: the vault stays locked with
// [CauseCorruption] or [CauseDisk], so that a service can say so instead of
// being started again and again. For the disk, each maintenance tries anew.
func Open(dir string, o Options) (*Vault, error) {
	if bits.UintSize < 64 {
		return nil, errNarrow
	}
	o = o.withDefaults()
	v := &Vault{o: o, dir: dir, latch: newLatch(o.Clock.Boot), turn: make(chan struct{}, 1)}
	v.expose()
	v.patience = newPatience(v.latch)
	v.dueAt.wake = make(chan struct{}, 1)
	v.latch.failed = v.dueAt.rouse
	v.uploads = newReservations(o.Clock.Boot, max(o.Quota/4, o.MaxMessage), v.discard)
	v.time = newTimeline(o.Clock, time.Time{}, v.empty)
	if err := makeFolder(dir); err != nil {
		return nil, err // nobody has kept anything here: no use in waiting
	}
	if err := v.openAll(); err != nil && !ailing(err) {
		if v.folder != nil {
			v.folder.close()
		}
		return nil, err
	}
	return v, nil
}

// ailing says that err is the disk's: full, read-only, damaged, away or silent. Such
// a fault can end without this process doing anything.
func ailing(err error) bool {
	return slices.ContainsFunc(ailments, func(e error) bool { return errors.Is(err, e) })
}

var ailments = []error{
	syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS, syscall.EIO, syscall.EUCLEAN, syscall.EBADMSG,
	syscall.ENXIO, syscall.ENODEV, errStalled,
}

// ailment finds the disk's fault in an error of Badger, which keeps the words
// of its cause and nothing else.
func ailment(err error) error {
	for _, e := range ailments {
		if strings.Contains(err.Error(), e.Error()) {
			return e
		}
	}
	return nil
}

// openAll opens what is not open yet. The caller has the turn, or is Open.
// It reads and writes the disk with nothing held that a request needs.
func (v *Vault) openAll() error {
	if err := v.openFolder(); err != nil {
		return v.wait(err)
	}
	return v.wait(v.openStores())
}

// wait notes whether it is the disk that kept something from being opened.
func (v *Vault) wait(err error) error {
	if v.waiting = ailing(err); v.waiting {
		v.latch.lock(CauseDisk)
	}
	return err
}

// openFolder takes hold of the folder and reads what lies in it beside the stores.
func (v *Vault) openFolder() error {
	if v.folder == nil {
		f, err := lockFolder(v.dir)
		if err != nil {
			return err
		}
		v.change(func() { v.folder = f })
	}
	system, err := v.folder.suits(v.o)
	if err != nil {
		return err
	}
	v.change(func() { v.system = system })
	if err := v.folder.label(); err != nil {
		return err
	}
	mark, err := v.folder.readMark()
	if errors.Is(err, errMark) {
		v.latch.lock(CauseCorruption)
	} else if err != nil {
		return err
	}
	v.time.remember(mark)
	return nil
}

// change makes f's change seen by every method.
func (v *Vault) change(f func()) {
	v.life.Lock()
	defer v.life.Unlock()
	f()
	v.expose()
}

// closeWithin bounds closing: Badger tries to save what it has for as long as
// a disk refuses it.
const closeWithin = 5 * time.Second

// closeStores closes the slots, if shut has not done so, and Badger.
func closeStores(t *table, h *heap) error {
	done := make(chan error, 1)
	go func() {
		var err error
		if t != nil {
			err = t.close()
		}
		done <- errors.Join(err, h.close())
	}()
	select {
	case err := <-done:
		return err
	case <-time.After(closeWithin):
		return errStalled
	}
}

// openStores opens the slots and prepares Badger. What is damaged locks.
func (v *Vault) openStores() error {
	medium, slots, storage, err := v.openMedium()
	if errors.Is(err, errHeader) {
		v.latch.lock(CauseCorruption)
		return nil
	}
	if errors.Is(err, errFsync) {
		v.latch.lock(CauseFsync)
		return nil
	}
	if err != nil {
		return fmt.Errorf("opening the slots: %w", err)
	}
	t := newTable(v.o.Medium(medium), slots, v.o.Quota, v.patience)
	torn, err := t.load()
	if err != nil {
		_ = v.patience.do(t.close)
		if ailing(err) {
			return fmt.Errorf("reading the slots: %w", err)
		}
		v.latch.lock(CauseCorruption)
		return nil
	}
	// Erasing needs no working Badger: without it the slots are still swept.
	// Badger drops what has expired by the wall clock, and damaged files of its
	// may end the process: maintenance opens it, once the time is trusted and
	// nothing overdue is left.
	h := newHeap(filepath.Join(v.folder.dir, "badger"), v.patience, v.folder)
	if torn > 0 {
		h.strays.Store(true)
	}
	v.change(func() { v.table, v.heap, v.storage = t, h, storage })
	return nil
}
