package vault

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// cacheTag keeps well-behaved backup programs away (bford.info/cachedir).
const cacheTag = "Signature: 8a477f597d28d172789f06886806bc55\n# Do not back up: what is destroyed here must not exist elsewhere.\n"

// folder is the data folder, held by one process.
type folder struct {
	dir  string
	lock *os.File

	ballast atomic.Bool // it is there
}

func makeFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil && !isFolder(dir) {
		return fmt.Errorf("making the data folder: %w", err)
	}
	return nil
}

// isFolder counts a folder that the disk does not let anybody look at.
func isFolder(dir string) bool {
	_, err := os.Stat(dir)
	return ailing(err)
}

// lockFolder holds an existing folder.
func lockFolder(dir string) (*folder, error) {
	st, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	if owner := st.Sys().(*syscall.Stat_t).Uid; owner != uint32(os.Geteuid()) {
		return nil, errors.New("the data folder belongs to another user, who could read and change what is in it")
	}
	if st.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("the data folder is open to other users (mode %04o); close it with: chmod 700 %s", st.Mode().Perm(), dir)
	}
	lock, err := openLock(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		lock.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, ErrInUse
		}
		return nil, err
	}
	f := &folder{dir: dir, lock: lock}
	_, err = os.Stat(f.ballastPath())
	f.ballast.Store(err == nil)
	return f, nil
}

// openLock opens the file whose lock keeps other processes out. The lock works
// on a read-only disk as well.
func openLock(path string) (*os.File, error) {
	lock, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if ailing(err) {
		if old, err := os.Open(path); err == nil {
			return old, nil
		}
	}
	return lock, err
}

// label says to backup programs what the folder is.
func (f *folder) label() error {
	noDump(f.dir)
	path := filepath.Join(f.dir, "CACHEDIR.TAG")
	if b, err := os.ReadFile(path); err == nil && string(b) == cacheTag {
		return nil
	}
	return os.WriteFile(path, []byte(cacheTag), 0o600)
}

func (f *folder) close() error { return f.lock.Close() }

// suits checks what lies under the folder. A volatile vault may lie anywhere:
// without its slots, which are in memory, what the folder keeps is noise.
func (f *folder) suits(o Options) (FileSystem, error) {
	system, err := o.FileSystem(f.dir)
	switch {
	case o.Volatile && err != nil:
		return FileSystem{Name: "unknown"}, nil
	case o.Volatile:
		return system, nil
	case ailing(err):
		return system, err
	case err != nil:
		return system, &UnsuitableError{"the file system of the data folder cannot be told: " + err.Error(), doMove, true}
	}
	return system, system.suits()
}

// removeChunks removes Badger's files; none open.
func (f *folder) removeChunks() error { return os.RemoveAll(filepath.Join(f.dir, "badger")) }

var errMark = errors.New("the time mark is damaged")

// The mark: Unix seconds (8 bytes) and their CRC-32C.
const markSize = 12

// readMark returns the latest time a maintenance has seen; zero if there was
// none yet.
func (f *folder) readMark() (time.Time, error) {
	b, err := os.ReadFile(filepath.Join(f.dir, "mark"))
	if errors.Is(err, os.ErrNotExist) {
		return time.Time{}, nil
	}
	if ailing(err) {
		return time.Time{}, err
	}
	if err != nil || len(b) != markSize || binary.BigEndian.Uint32(b[8:]) != crc32.Checksum(b[:8], castagnoli) {
		return time.Time{}, errMark
	}
	return time.Unix(int64(binary.BigEndian.Uint64(b)), 0), nil
}

// writeMark replaces the mark durably: write aside, sync, rename, sync the
// folder. A power cut leaves the old mark or the new one.
func (f *folder) writeMark(now time.Time) error {
	b := make([]byte, markSize)
	binary.BigEndian.PutUint64(b, uint64(now.Unix()))
	binary.BigEndian.PutUint32(b[8:], crc32.Checksum(b[:8], castagnoli))
	tmp := filepath.Join(f.dir, "mark.new")
	file, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := file.Write(b); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return errFsync
	}
	if err := os.Rename(tmp, filepath.Join(f.dir, "mark")); err != nil {
		return err
	}
	if err := syncDir(f.dir); err != nil {
		return errFsync
	}
	return nil
}
