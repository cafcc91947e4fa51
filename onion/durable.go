package onion

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// keyFolder is where tor keeps the service's keys, below the state folder.
func keyFolder(dir string) string { return filepath.Join(dir, "hs") }

// openKeyFolder makes a folder below the state folder if need be. It must be
// this user's: tor refuses keys in anybody else's.
func openKeyFolder(dir string, below ...string) (string, error) {
	path := dir
	for _, name := range append([]string{"."}, below...) {
		path = filepath.Join(path, name)
		if err := os.MkdirAll(path, 0o700); err != nil {
			return "", err
		}
		if err := owned(path); err != nil {
			return "", err
		}
		if err := os.Chmod(path, 0o700); err != nil {
			return "", err
		}
	}
	return path, nil
}

func owned(path string) error {
	st, err := os.Stat(path)
	if err != nil {
		return err
	}
	if st.Sys().(*syscall.Stat_t).Uid != uint32(os.Geteuid()) {
		return ErrNotOwner
	}
	return nil
}

// ErrNotOwner says that the state folder is another user's.
var ErrNotOwner = errors.New("onion: Tor's folder belongs to another user: run this as the user that runs the service")

// create writes a file that is not there yet, whole and durable or not at all:
// content and then the name are on the medium before it returns. A power cut
// leaves at most a ".new" file, which tor ignores and the next create replaces.
func create(dir, name string, content []byte) error {
	fresh, err := draft(dir, name, content)
	if err != nil {
		return err
	}
	defer os.Remove(fresh)
	// A link, unlike a rename, replaces nothing.
	if err := os.Link(fresh, filepath.Join(dir, name)); err != nil {
		return err
	}
	return syncFolder(dir)
}

// exchange puts content where another may be, in one step. What belongs to the
// other goes just before, when nothing but that step is left to fail.
func exchange(dir, name string, content []byte, others ...string) error {
	fresh, err := draft(dir, name, content)
	if err != nil {
		return err
	}
	defer os.Remove(fresh) // fails once it is renamed
	for _, other := range others {
		if err := os.Remove(filepath.Join(dir, other)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := syncFolder(dir); err != nil {
		return err
	}
	if err := os.Rename(fresh, filepath.Join(dir, name)); err != nil {
		return err
	}
	return syncFolder(dir)
}

// draft writes a file beside the one that it is to be.
func draft(dir, name string, content []byte) (fresh string, err error) {
	fresh = filepath.Join(dir, name+".new")
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	f, err := os.OpenFile(fresh, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		os.Remove(fresh)
	}
	return fresh, err
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
