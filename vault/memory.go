package vault

import (
	"errors"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// memory is the Medium of a volatile vault. It reads and writes at the offsets
// of the slot file; the header does not exist.
type memory struct {
	slots   int
	storage Storage
	mu      sync.RWMutex // verification reads while the writer writes
	b       []byte       // nil once wiped
}

// openMemory makes room for n slots, or for as many as may be locked.
func openMemory(n int) (*memory, error) {
	n = min(n, lockable()/slotSize)
	if n == 0 {
		return nil, errUnlockable
	}
	size := alignUp(n * slotSize)
	storage := StorageSecret
	b, err := secretMemory(size)
	if err != nil {
		storage = StorageLocked
		b, err = lockedMemory(size)
	}
	if err != nil {
		return nil, errUnlockable
	}
	clear(b) // every page is there from now on: no later write can lack memory
	return &memory{slots: n, storage: storage, b: b}, nil
}

var errUnlockable = &UnsuitableError{
	Why: "the system does not let this process lock memory, so messages could be swapped to a disk",
	Do:  "Raise the limit: LimitMEMLOCK= of a systemd unit, or ulimit -l in the shell. 64 MB hold 262144 messages.",
}

// lockable raises the limit on locked memory as far as it goes and returns it
// in whole pages.
func lockable() int {
	var l unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_MEMLOCK, &l); err != nil {
		return 0
	}
	soft := l.Cur
	l.Cur = l.Max
	if err := unix.Setrlimit(unix.RLIMIT_MEMLOCK, &l); err != nil {
		l.Cur = soft
	}
	return int(min(l.Cur, 1<<32)) &^ 4095
}

// secretMemory fails where the kernel has no memfd_secret: before Linux 5.14,
// and up to 6.4 unless it was started with secretmem.enable=1.
func secretMemory(size int) ([]byte, error) {
	const memfdSecret = 447 // the same on every machine
	fd, _, errno := unix.Syscall(memfdSecret, unix.O_CLOEXEC, 0, 0)
	if errno != 0 {
		return nil, errno
	}
	defer unix.Close(int(fd)) // the mapping stays
	if err := unix.Ftruncate(int(fd), int64(size)); err != nil {
		return nil, err
	}
	return unix.Mmap(int(fd), 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
}

func lockedMemory(size int) ([]byte, error) {
	b, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return nil, err
	}
	// Neither in a core file nor in a child.
	if err := errors.Join(unix.Mlock(b), unix.Madvise(b, unix.MADV_DONTDUMP), unix.Madvise(b, unix.MADV_DONTFORK)); err != nil {
		return nil, errors.Join(err, unix.Munmap(b))
	}
	return b, nil
}

func (m *memory) ReadAt(p []byte, off int64) (int, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.move(p, off, func(slots []byte) int { return copy(p, slots) })
}

func (m *memory) WriteAt(p []byte, off int64) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.move(p, off, func(slots []byte) int { return copy(slots, p) })
}

func (m *memory) move(p []byte, off int64, do func(slots []byte) int) (int, error) {
	if at := off - headerSize; m.b != nil && at >= 0 && at+int64(len(p)) <= int64(len(m.b)) {
		return do(m.b[at:]), nil
	}
	return 0, os.ErrInvalid
}

// Sync has nothing to do: what is written is all there is.
func (m *memory) Sync() error { return nil }

// ReadFresh reads the one copy there is.
func (m *memory) ReadFresh(p []byte, off int64) (int, error) { return m.ReadAt(p, off) }

// Close does nothing: the operator's word on a fault of the disk closes and
// opens the stores, and no fault of the disk touches what is here.
func (m *memory) Close() error { return nil }

// wipe destroys every message. A vault that did not come to have one wipes nil.
func (m *memory) wipe() error {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.b == nil {
		return nil
	}
	clear(m.b)
	b := m.b
	m.b = nil
	return unix.Munmap(b)
}
