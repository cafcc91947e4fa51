package onion

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Import puts a key into a state folder that no tor runs on. An address
// that is there is kept unless replace says otherwise; without its key nobody
// ever gets it back.
//
// At every instant the folder holds one whole secret key, the old or the new, or
// none where there was none: tor makes the other files from it.
func Import(dir string, k Key, replace bool) error {
	folder, err := openKeyFolder(dir, "hs")
	if err != nil {
		return err
	}
	release, err := holdState(dir)
	if err != nil {
		return err
	}
	defer release()
	there, err := ReadKey(dir)
	switch {
	case err == nil && there.Address() == k.Address():
		return complete(folder, k)
	case err != nil && !errors.Is(err, ErrNoAddress) && !errors.Is(err, ErrBadKey):
		return err
	case !errors.Is(err, ErrNoAddress) && !replace:
		return ErrOtherAddress
	}
	// The other files first: tor refuses a pair that does not match.
	if err := exchange(folder, secretFile, k.file, "hostname", publicFile); err != nil {
		return err
	}
	return complete(folder, k)
}

// ErrRunning says that a tor runs on the state folder.
var ErrRunning = errors.New("onion: Tor is running on this folder")

// holdState takes the lock that tor takes on its state folder.
func holdState(dir string) (release func(), err error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = ErrRunning
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}

// complete writes what can be made from the secret key.
func complete(folder string, k Key) error {
	for name, content := range map[string][]byte{
		publicFile: append([]byte(publicTag), k.public...),
		"hostname": []byte(k.Address() + "\n"),
	} {
		if err := create(folder, name, content); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}
