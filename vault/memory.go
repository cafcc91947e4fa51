package vault

import (
	"errors"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sys/unix"
)

// Storage says where the slots live and what the proof of their erasure reads.
type Storage string

const (
	// StorageDisk is a file that is read back from the device (O_DIRECT).
	StorageDisk Storage = "disk"
	// StorageCached is a file on which O_DIRECT is refused: the proof drops the
	// pages from the cache, if the kernel does so, and reads again.
	StorageCached Storage = "cached"
	// StorageSecret is memory that not even the kernel maps: memfd_secret(2).
	StorageSecret Storage = "secret"
	// StorageLocked is memory that is never swapped out: mlock(2).
	StorageLocked Storage = "locked"
)

// memory is the Medium of a volatile vault. It reads and writes at the offsets
// of the slot file; the header does not exist.
type memory struct {
	mu sync.RWMutex // verification reads while the writer writes
	b  []byte       // nil once closed
}

// openMemory makes room for n slots, or for as many as may be locked, and
// returns how many those are.
func openMemory(n int) (*memory, int, Storage, error) {
	n = min(n, lockable()/slotSize)
	if n == 0 {
		return nil, 0, "", errUnlockable
	}
	size := alignUp(n * slotSize)
	storage := StorageSecret
	b, err := secretMemory(size)
	if err != nil {
		storage = StorageLocked
		b, err = lockedMemory(size)
	}
	if err != nil {
		return nil, 0, "", errUnlockable
	}
	clear(b) // every page is there from now on: no later write can lack memory
	return &memory{b: b}, n, storage, nil
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

// Close destroys every message.
func (m *memory) Close() error {
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

// errHeld keeps a volatile vault from making messages unreadable that the
// folder was to keep, and from leaving their keys behind.
var errHeld = &UnsuitableError{
	Why: "the data folder holds messages that are kept on the disk",
	Do:  "Run the service without volatile mode until they are gone, remove the file slots in the data folder, or choose another folder.",
}

// heldOnDisk says whether the folder of a volatile vault has a slot file with
// anything in it. One that cannot be read counts.
func heldOnDisk(dir string) (bool, error) {
	if _, err := os.Lstat(filepath.Join(dir, "slots")); errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	file, slots, err := openSlotFile(dir, 0)
	if errors.Is(err, errHeader) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer file.Close()
	t, held := &table{m: file, n: slots}, false
	err = t.scan(file.ReadAt, func(uint32, *slotBytes) { held = true })
	return held, err
}
