package vault

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// minFree is what stays free on the disk: Badger maps its files, and a write
// to a mapping without space behind it kills the process.
const minFree = 64 << 20

// room refuses a write that would fill the disk. A large write counts twice:
// Badger writes ahead and compacts.
func (v *Vault) room(n int64) error {
	free, err := v.folder.free()
	if err != nil || free < minFree+2*n+v.folder.missingBallast(v.o.Ballast) {
		return ErrFull
	}
	return nil
}

func (f *folder) free() (int64, error) {
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(f.lock.Fd()), &st); err != nil {
		return 0, fmt.Errorf("reading the free space: %w", err)
	}
	return int64(st.Bavail) * int64(st.Bsize), nil
}
