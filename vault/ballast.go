package vault

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// The ballast is a file that does nothing but take up space. When somebody
// else fills the disk, maintenance drops it, so that Badger, which needs space
// even for deleting, can go on; new messages are refused until it is back.

func (f *folder) ballastPath() string { return filepath.Join(f.dir, "ballast") }

// takeBallast makes the ballast, with real blocks behind it, where the disk
// has room to spare.
func (f *folder) takeBallast(size int64) error {
	st, err := os.Stat(f.ballastPath())
	f.ballast.Store(err == nil)
	if err == nil && st.Size() == size {
		return nil
	}
	if free, err := f.free(); err != nil || free < minFree+2*size {
		return err
	}
	file, err := os.OpenFile(f.ballastPath(), os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := unix.Fallocate(int(file.Fd()), 0, 0, size); err != nil {
		return errors.Join(f.dropBallast(), ignoreFull(err))
	}
	f.ballast.Store(true)
	return nil
}

// ignoreFull passes on what is not a want of space or of the operation.
func ignoreFull(err error) error {
	if errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EOPNOTSUPP) {
		return nil
	}
	return err
}

func (f *folder) dropBallast() error {
	f.ballast.Store(false)
	if err := os.Remove(f.ballastPath()); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// missingBallast is what has to be free before anything new is taken. It does
// not ask the disk, which may not answer.
func (f *folder) missingBallast(size int64) int64 {
	if f.ballast.Load() {
		return 0
	}
	return size
}
