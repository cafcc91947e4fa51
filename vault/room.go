package vault

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// minFree is what stays free on the disk: Badger maps its files, and a write
// to a mapping without space behind it kills the process.
const minFree = 64 << 20

// FullAt is the percentage of what the vault may hold from which it takes no
// new uploads. The rest is for those that have begun. See [Status].
const FullAt = 80

// ReplyFullAt is that percentage for what goes into an inbox of [KindReply]:
// when strangers have filled the vault, answers still reach those who wait.
const ReplyFullAt = 95

func (k slotKind) fullAt() int {
	if k == kindReply {
		return ReplyFullAt
	}
	return FullAt
}

// filled says how much of what it may hold the vault holds, in percent: of its
// slots, of its quota or of the disk, whichever is fullest. Uploads under way
// count. Of the disk, it is what others' files and the guard leave: a large
// disk that is rather full of other things is no reason to refuse.
func (v *Vault) filled() int { return v.filledAt(v.shown.Load()) }

func (v *Vault) filledAt(of *shown) int {
	live, bytes := of.table.usage()
	bytes += v.uploads.held()
	disk := 100
	if free, err := of.folder.free(); err == nil {
		room := max(0, free-minFree-of.folder.missingBallast(v.o.Ballast)) / 2
		disk = percent(bytes, bytes+room)
	}
	return max(percent(int64(live), int64(of.table.n)), percent(bytes, v.o.Quota), disk)
}

func percent(part, whole int64) int {
	if part >= whole {
		return 100
	}
	return int(part * 100 / whole)
}

// room refuses a write that would fill the disk. A large write counts twice:
// Badger writes ahead and compacts.
func (v *Vault) room(n int64) error {
	free, err := v.folder.free()
	if err != nil || free < minFree+2*n+v.folder.missingBallast(v.o.Ballast) {
		return ErrFull
	}
	return nil
}

// roomy says whether Badger may write.
func (h *heap) roomy() bool {
	free, err := h.free()
	return err == nil && free >= minFree
}

// makeRoom drops the ballast where Badger may not write.
func (h *heap) makeRoom() error {
	if h.roomy() {
		return nil
	}
	return h.disk.dropBallast()
}

// closable says why Badger cannot be closed. It tries for ever to write what it
// holds before it closes: a disk that takes no writes is found out first.
func (h *heap) closable() error {
	if !h.roomy() {
		return ErrFull
	}
	if err := h.disk.attempt(); err != nil {
		return err
	}
	h.disk.survived()
	return nil
}

// free may be called while the folder is being closed.
func (f *folder) free() (int64, error) {
	var st unix.Statfs_t
	lock, err := f.lock.SyscallConn()
	if err == nil {
		var asked error
		err = lock.Control(func(fd uintptr) { asked = unix.Fstatfs(int(fd), &st) })
		err = errors.Join(err, asked)
	}
	if err != nil {
		return 0, fmt.Errorf("reading the free space: %w", err)
	}
	return int64(st.Bavail) * int64(st.Bsize), nil
}
