package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// maxExport is far more than an exported key is.
const maxExport = 1 << 20

func readSmall(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxExport))
}

// writeNew makes a file that is not there yet, whole and on the medium.
func writeNew(name string, content []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrExist) {
		return fileThere(err)
	}
	if err != nil {
		return fileFailure("the file cannot be made", err)
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = syncFolder(filepath.Dir(name))
	}
	if err != nil {
		os.Remove(name)
		return fileFailure("the file cannot be written", err)
	}
	return nil
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func fileThere(err error) error {
	return &failure{exitRefused, "there is a file of this name", "Choose another name: nothing is replaced.", err}
}

// fileFailure says why the system refused a file, without the file's name.
func fileFailure(what string, err error) error {
	return &failure{exitOther, what + ": " + cause(err), nextStep(err), err}
}

// nextStep is what helps against what the system refused, where that is known.
func nextStep(err error) string {
	switch {
	case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT):
		return "Make room on the disk, then try again."
	case errors.Is(err, unix.EROFS):
		return "Make the disk writable: the kernel's messages (dmesg) may say why it is not."
	case errors.Is(err, fs.ErrPermission):
		return "Run this as the user whose file or folder it is, or name another."
	}
	return ""
}

// holdFolder takes the lock of a service on its data folder, making the folder
// if need be: an address can be imported before the first start.
func holdFolder(data string) (release func(), err error) {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, fileFailure("the data folder cannot be made", err)
	}
	release, err = lockFile(filepath.Join(data, "lock"))
	switch {
	case errors.Is(err, unix.EWOULDBLOCK):
		return nil, inUse(err)
	case err != nil:
		return nil, fileFailure("the data folder cannot be locked", err)
	}
	return release, nil
}

// holdTor keeps the address in a folder from being changed while a Tor is kept up
// on it, and a second one away. The part with Tor may have a data folder in
// common with the part that holds messages, so this is another lock. A disk that
// takes none, or not even the folder, keeps nobody from running: it takes no
// change either.
func holdTor(dir string) (release func(), err error) {
	release, err = lockFile(filepath.Join(dir, "run.lock"))
	switch {
	case errors.Is(err, unix.EWOULDBLOCK):
		return nil, inUse(err)
	case errors.Is(err, unix.EROFS), errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT), errors.Is(err, unix.EIO), errors.Is(err, unix.ENOENT):
		return func() {}, nil
	case err != nil:
		return nil, fileFailure("Tor's folder cannot be locked", err)
	}
	return release, nil
}

// lockFile locks a file, made if need be, or says EWOULDBLOCK. The kernel drops
// the lock with the process.
func lockFile(name string) (release func(), err error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}

func inUse(err error) error {
	return &failure{exitRefused, "Ashpost is running on this data folder", "Stop it first. Nothing was touched.", err}
}
