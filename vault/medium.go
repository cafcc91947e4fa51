package vault

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sys/unix"
)

// Medium is the storage under the slot table: a preallocated file, or locked
// memory (memory.go). Tests put a layer over it that records or fails.
// Offsets and lengths are in bytes.
type Medium interface {
	ReadAt(p []byte, off int64) (int, error)
	WriteAt(p []byte, off int64) (int, error)
	// Sync makes every earlier write durable. A failed Sync is never retried:
	// the kernel may have dropped the pages and would then report success.
	Sync() error
	// ReadFresh reads what the device holds, not what the page cache holds,
	// where the file system can do that. p and off are multiples of 4096.
	ReadFresh(p []byte, off int64) (int, error)
	Close() error
}

// headerSize keeps the slots aligned to pages, as O_DIRECT wants.
const headerSize = 4096

// slotMagic names the format. A file of the first holds messages only; who knows
// no other would take an inbox for damage and erase it, and must not open a file
// that may have one.
var slotMagic, slotMagicFirst = []byte("ashpost slots 2\n"), []byte("ashpost slots 1\n")

// errHeader means that the slot file is not one of ours: corruption.
var errHeader = errors.New("slot file has no valid header")

// slotFile is the Medium on a disk.
type slotFile struct {
	*os.File
	direct *os.File // nil where the file system refuses O_DIRECT
	mu     sync.Mutex
	buf    []byte // page-aligned, for direct
}

// openSlotFile opens DIR/slots, making it with n slots if there is none, and
// returns how many slots it has.
func openSlotFile(dir string, n int) (*slotFile, int, error) {
	path := filepath.Join(dir, "slots")
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		if err := createSlotFile(dir, path, n); err != nil {
			return nil, 0, fmt.Errorf("making the slot file: %w", err)
		}
		f, err = os.OpenFile(path, os.O_RDWR, 0)
	}
	if err != nil {
		return nil, 0, err
	}
	// What a process before failed to write, the kernel may still show as written.
	_ = unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED)
	count, err := readHeader(f)
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	s := &slotFile{File: f}
	if s.direct, err = os.OpenFile(path, os.O_RDONLY|unix.O_DIRECT, 0); err != nil {
		s.direct = nil // ReadFresh drops the cache instead
		return s, count, nil
	}
	s.buf, err = unix.Mmap(-1, 0, 1<<20, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		s.Close()
		return nil, 0, err
	}
	return s, count, nil
}

// createSlotFile writes real zeros, so that no later write of a slot needs
// free space, and puts the file in place only once it is durable.
func createSlotFile(dir, path string, n int) error {
	tmp := path + ".new"
	f, err := os.OpenFile(tmp, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(tmp) // no longer there unless this fails
	defer f.Close()
	if _, err := f.Write(slotHeader(n)); err != nil {
		return err
	}
	zeros := make([]byte, 1<<20)
	for left := n * slotSize; left > 0; left -= len(zeros) {
		if _, err := f.Write(zeros[:min(left, len(zeros))]); err != nil {
			return err
		}
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		return err
	}
	return syncDir(dir)
}

func slotHeader(n int) []byte {
	head := make([]byte, headerSize)
	copy(head, slotMagic)
	binary.BigEndian.PutUint64(head[16:], uint64(n))
	binary.BigEndian.PutUint32(head[24:], crc32.Checksum(head[:24], castagnoli))
	return head
}

// raise makes a file of the first format one of this. It writes one sector,
// which a power cut leaves old or new.
func (s *slotFile) raise(slots int) error {
	magic := make([]byte, len(slotMagic))
	if _, err := s.ReadAt(magic, 0); err != nil || bytes.Equal(magic, slotMagic) {
		return err
	}
	if _, err := s.WriteAt(slotHeader(slots)[:512], 0); err != nil {
		return err
	}
	if err := s.Sync(); err != nil {
		return errFsync
	}
	return nil
}

func readHeader(f *os.File) (slots int, err error) {
	head := make([]byte, headerSize)
	if _, err := f.ReadAt(head, 0); ailing(err) {
		return 0, err
	} else if err != nil {
		return 0, errHeader
	}
	n := binary.BigEndian.Uint64(head[16:])
	ok := (bytes.HasPrefix(head, slotMagic) || bytes.HasPrefix(head, slotMagicFirst)) &&
		binary.BigEndian.Uint32(head[24:]) == crc32.Checksum(head[:24], castagnoli)
	st, err := f.Stat()
	if err != nil || !ok || n == 0 || st.Size() != headerSize+int64(n)*slotSize {
		return 0, errHeader
	}
	return int(n), nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

func (s *slotFile) storage() Storage {
	if s.direct == nil {
		return StorageCached
	}
	return StorageDisk
}

// Sync is fdatasync: the file never changes its size.
func (s *slotFile) Sync() error { return unix.Fdatasync(int(s.Fd())) }

// ReadFresh reads with O_DIRECT; without it, it drops the pages first.
func (s *slotFile) ReadFresh(p []byte, off int64) (int, error) {
	if s.direct == nil {
		if err := unix.Fadvise(int(s.Fd()), off, int64(len(p)), unix.FADV_DONTNEED); err != nil {
			return 0, err
		}
		return s.ReadAt(p, off)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	defer clear(s.buf)
	done := 0
	for done < len(p) {
		n, err := s.direct.ReadAt(s.buf[:min(len(s.buf), alignUp(len(p)-done))], off+int64(done))
		done += copy(p[done:], s.buf[:n])
		if err != nil && done < len(p) {
			return done, err
		}
	}
	return done, nil
}

func alignUp(n int) int { return (n + 4095) &^ 4095 }

// Close waits for a ReadFresh that hangs: the kernel may still write into its
// buffer.
func (s *slotFile) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.direct != nil {
		s.direct.Close()
	}
	if s.buf != nil {
		unix.Munmap(s.buf)
		s.buf = nil
	}
	return s.File.Close()
}
