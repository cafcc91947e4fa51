package vaulttest

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// FastDir is a data folder yet to be made, in memory where the machine has
// room for it: for tests that make hundreds of vaults and wait for no disk.
func FastDir(t testing.TB) string {
	t.Helper()
	const shm = "/dev/shm"
	var st unix.Statfs_t
	if unix.Statfs(shm, &st) != nil || int64(st.Bavail)*st.Bsize < 1<<30 {
		return filepath.Join(t.TempDir(), "data")
	}
	dir, err := os.MkdirTemp(shm, "ashpost-test-")
	if err != nil {
		return filepath.Join(t.TempDir(), "data")
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "data")
}

// CopyFolder copies a data folder as it is, while a vault may have it open:
// what a process that is killed leaves behind. Holes stay holes. Badger works
// in the background: a copy during which a file came or went, or its manifest
// grew, is of no single instant and is made again.
func CopyFolder(from, to string) error {
	for {
		before, err := listing(from)
		if err != nil {
			return err
		}
		err = copyAll(from, to)
		after, lerr := listing(from)
		if lerr != nil {
			return lerr
		}
		if maps.Equal(before, after) && !errors.Is(err, fs.ErrNotExist) { // of one that came and went
			return err
		}
		if err := os.RemoveAll(to); err != nil {
			return err
		}
	}
}

// listing is the files of a folder, with how long they are.
func listing(dir string) (map[string]int64, error) {
	files := make(map[string]int64)
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it went: the other listing knows
		}
		if err == nil {
			files[path] = info.Size()
		}
		return err
	})
	return files, err
}

func copyAll(from, to string) error {
	return filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if e.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		return copyFile(path, target)
	})
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	st, err := in.Stat()
	if err != nil {
		return err
	}
	if err := out.Truncate(st.Size()); err != nil {
		return err
	}
	for at := int64(0); ; {
		data, err := unix.Seek(int(in.Fd()), at, unix.SEEK_DATA)
		if errors.Is(err, unix.ENXIO) {
			return nil // nothing but a hole from here on
		}
		if err != nil {
			return err
		}
		if at, err = unix.Seek(int(in.Fd()), data, unix.SEEK_HOLE); err != nil {
			return err
		}
		if _, err := io.Copy(io.NewOffsetWriter(out, data), io.NewSectionReader(in, data, at-data)); err != nil {
			return err
		}
	}
}
