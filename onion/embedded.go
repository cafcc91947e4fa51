package onion

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// ErrNotEmbedded is what Embedded returns in a build without a Tor inside.
var ErrNotEmbedded = errors.New("onion: no Tor is inside this program")

// ChooseTor prefers the embedded Tor; folder is where it may become a file. Then
// it looks where FindTor does.
func ChooseTor(folder string, dirs ...string) (Tor, error) {
	t, err := Embedded(folder)
	if err == nil {
		return t, nil
	}
	found, missing := FindTor(dirs...)
	switch {
	case errors.Is(err, ErrNotEmbedded):
		return found, missing
	case missing != nil:
		return Tor{}, fmt.Errorf("%w; %w", err, missing)
	}
	found.Why = err.Error()
	return found, nil
}

// Embedded makes the Tor that is inside this program ready to run: from memory,
// or where the system forbids that, from a file in the folder. Without a folder
// it is memory or nothing.
func Embedded(folder string) (Tor, error) {
	if len(embeddedTor) == 0 {
		return Tor{}, ErrNotEmbedded
	}
	memory, err := embedded()
	if err == nil || folder == "" {
		return memory, err
	}
	file, failed := fromFile(folder)
	if failed != nil {
		return Tor{}, fmt.Errorf("the embedded Tor runs neither from memory (%w) nor from a file (%w)", err, failed)
	}
	file.Why = err.Error()
	return file, nil
}

// embedded is unpacked once, and its memory kept for the life of the process.
var embedded = sync.OnceValues(fromMemory)

// Unpack begins to put the embedded Tor into memory, and to try it, and returns
// at once. That takes longer than tor's own start, and can be done while others
// wait for the disk.
func Unpack() {
	if len(embeddedTor) > 0 {
		go embedded() // the error comes again from Embedded
	}
}

// embeddedVersion is Tor's own version number out of the lock's: who starts need
// not wait for tor to say it.
func embeddedVersion() string {
	for _, c := range Components() {
		version, _, _ := strings.Cut(c.Version, "-")
		return version
	}
	return ""
}

func fromMemory() (Tor, error) {
	f, err := inMemory(embeddedTor)
	if err != nil {
		return Tor{}, err
	}
	t := Tor{Path: f.Name(), Place: InMemory, Version: embeddedVersion(), memory: f}
	if err := t.examine(); err != nil {
		f.Close()
		return Tor{}, err
	}
	return t, nil
}

// fromFile writes the executable anew each time: what lies there could be
// anybody's. A tor that still runs from the old one keeps that.
func fromFile(folder string) (Tor, error) {
	path, err := filepath.Abs(filepath.Join(folder, "tor"))
	if err != nil {
		return Tor{}, err
	}
	program, err := decompress(embeddedTor, nil)
	if err != nil {
		return Tor{}, err
	}
	if err := writeProgram(path, program); err != nil {
		return Tor{}, bare(err)
	}
	t := Tor{Path: path, Place: InFile, Version: embeddedVersion()}
	return t, t.examine()
}

func writeProgram(path string, program []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "tor-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once it is renamed
	_, err = f.Write(program)
	if err == nil {
		err = f.Chmod(0o700)
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
