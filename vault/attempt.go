package vault

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Badger maps its files: a damaged one, or a disk that fails below it, can end
// the process while Badger opens, where nobody can recover. A service that
// is started again would end again, for ever. So attempts to open are counted
// in a file, which goes when one was survived.

// mostAttempts is how many openings in a row may end the process; power cuts
// and kills count too, and are not this many.
const mostAttempts = 4

var errKills = errors.New("opening Badger's files has ended the process again and again")

func (f *folder) attemptPath() string { return filepath.Join(f.dir, "opening") }

// attempt counts one more. It also is a trial of the disk, with a file of its
// own, before anything that matters is written to it.
func (f *folder) attempt() error {
	file, err := os.OpenFile(f.attemptPath(), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("trying the disk: %w", err)
	}
	defer file.Close()
	st, err := file.Stat()
	if err == nil && st.Size() >= mostAttempts {
		return errKills
	}
	if err == nil {
		_, err = file.Write([]byte{'.'})
	}
	if err == nil {
		err = file.Sync()
	}
	if err != nil {
		f.survived()
		return fmt.Errorf("trying the disk: %w", err)
	}
	return nil
}

// survived ends the count. Where it cannot, the next attempt cannot begin.
func (f *folder) survived() { _ = os.Remove(f.attemptPath()) }
