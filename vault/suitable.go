package vault

import "time"

// Suitable says why a folder cannot hold a vault whose messages outlive the
// process, as an [UnsuitableError], or nil. It changes nothing.
func Suitable(dir string) error {
	system, err := fileSystemOf(dir)
	if err != nil {
		return err
	}
	return system.suits()
}

// Floor is a time before which this source never ran: a clock that shows an
// earlier one is wrong.
func Floor() time.Time { return floor }
