package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// place is the folder attachments go to. Whatever a message says, nothing is
// written outside of it (os.Root) and nothing in it is replaced. What is not yet
// verified lies in a hidden folder in it that only this user can look into.
type place struct {
	root   *os.Root
	dir    string
	hidden string
	made   bool // the folder is ours, and goes again if it stays empty
}

// openPlace makes the folder if need be. That the hidden folder can be made
// proves, before anything is spent, that attachments can be.
func openPlace(dir string) (*place, error) {
	p := &place{dir: dir, hidden: ".ashpost-" + rand.Text()}
	err := os.Mkdir(dir, 0o700)
	p.made = err == nil
	if err == nil || errors.Is(err, fs.ErrExist) {
		p.root, err = os.OpenRoot(dir)
	}
	if err == nil {
		if err = p.root.Mkdir(p.hidden, 0o700); err != nil {
			p.root.Close()
		}
	}
	if err != nil {
		return nil, &failure{exitRefused, "nothing can be written to the folder for attachments: " + cause(err), "Name another with --out DIR. The message was not touched.", err}
	}
	return p, nil
}

// free is how much can still be written to the folder; false where the system
// does not say.
func (p *place) free() (int64, bool) {
	dir, err := p.root.Open(".")
	if err != nil {
		return 0, false
	}
	defer dir.Close()
	var st unix.Statfs_t
	if unix.Fstatfs(int(dir.Fd()), &st) != nil || st.Bsize <= 0 {
		return 0, false
	}
	return int64(min(st.Bavail, math.MaxInt64/uint64(st.Bsize))) * st.Bsize, true
}

// close removes what is still hidden. After a crash a person can remove the
// folder .ashpost-… by hand.
func (p *place) close() {
	p.root.RemoveAll(p.hidden)
	p.root.Close()
	if p.made {
		os.Remove(p.dir) // fails unless empty
	}
}

// create makes a hidden file.
func (p *place) create(name string) (*os.File, error) {
	return p.root.OpenFile(filepath.Join(p.hidden, name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
}

// path is a kept file as the user can type it.
func (p *place) path(name string) string { return filepath.Join(p.dir, name) }

func (p *place) remove(name string) { p.root.Remove(filepath.Join(p.hidden, name)) }

// keep moves a hidden file to a free name like the wanted one, which it returns.
// The name is taken with O_EXCL, which follows no link; the rename then replaces
// only the empty file made here. A hard link would do it in one step, but not on
// the file systems of memory sticks.
func (p *place) keep(hidden, wanted string) (string, error) {
	for n := 1; ; n++ {
		name := numbered(safeName(wanted), n)
		f, err := p.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) && n < 10000 {
			continue
		}
		if err != nil {
			return "", err
		}
		f.Close()
		return name, p.root.Rename(filepath.Join(p.hidden, hidden), name)
	}
}

// numbered gives "name (2).pdf" for the second.
func numbered(name string, n int) string {
	if n == 1 {
		return name
	}
	extension := filepath.Ext(name)
	return fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(name, extension), n, extension)
}

// safeName takes from a name what the format allows and a folder should not
// have: a leading dot hides the file and may make it a shell's start-up file, a
// leading hyphen makes it an option of the next command.
func safeName(name string) string {
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "-") {
		return "_" + name[1:]
	}
	return name
}
