package vault

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// FileSystem is what lies under a folder.
type FileSystem struct {
	Name        string // as the kernel says it: "ext4"
	JournalsAll bool   // content goes through the journal too (ext4: data=journal)
}

// UnsuitableError says in plain words why a folder cannot hold a vault, and
// what to do about it. It names no path.
type UnsuitableError struct {
	Why, Do string
	// InMemory says that the folder would do for [Options.Volatile].
	InMemory bool
}

func (e *UnsuitableError) Error() string { return e.Why }

const doMove = "Choose a folder on ext4 or XFS, or keep messages in memory only."

// faults are the file systems known not to do, by the beginning of their
// names. What is in neither list is refused as well: a guess would be a
// message that can be brought back.
var faults = []struct {
	why   string
	names []string
}{
	{"writes changes elsewhere and keeps the old, so that overwriting does not destroy",
		[]string{"btrfs", "f2fs", "zfs", "bcachefs", "nilfs2", "overlay", "aufs"}},
	{"is memory, of which the system may put copies on a disk",
		[]string{"tmpfs", "ramfs"}},
	{"is in another machine's or program's hands, and nobody here knows what they keep",
		[]string{"nfs", "cifs", "smb", "9p", "virtiofs", "fuse", "ceph", "afs", "vboxsf", "ecryptfs"}},
}

// suits returns nil for a file system that writes in place.
func (f FileSystem) suits() error {
	switch {
	case slices.Contains([]string{"ext4", "ext3", "ext2"}, f.Name) && f.JournalsAll:
		return &UnsuitableError{"the data folder's " + f.Name + " puts content into its journal (data=journal), which keeps copies of what is overwritten",
			"Mount it with data=ordered (and chattr -j the folder), choose another folder on ext4 or XFS, or keep messages in memory only.", true}
	case slices.Contains([]string{"ext4", "ext3", "ext2", "xfs"}, f.Name):
		return nil
	}
	for _, fault := range faults {
		for _, name := range fault.names {
			if strings.HasPrefix(f.Name, name) {
				return &UnsuitableError{"the data folder is on " + f.Name + ", which " + fault.why, doMove, true}
			}
		}
	}
	return &UnsuitableError{"the data folder is on " + f.Name + ", which is not known to overwrite in place", doMove, true}
}

// fileSystemOf asks the kernel what is mounted under dir. The device number
// would not do: btrfs gives each subvolume one that no mount shows.
func fileSystemOf(dir string) (FileSystem, error) {
	var st unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, dir, 0, unix.STATX_MNT_ID, &st); err != nil {
		return FileSystem{}, err
	}
	if st.Mask&unix.STATX_MNT_ID == 0 {
		return FileSystem{}, errors.New("the kernel names no mount")
	}
	mounts, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return FileSystem{}, err
	}
	defer mounts.Close()
	f, err := findMount(mounts, st.Mnt_id)
	f.JournalsAll = f.JournalsAll || journalsByDefault(st.Dev_major, st.Dev_minor) || journalsFolder(dir)
	return f, err
}

// journalsByDefault finds data=journal where tune2fs(8) made it the default of
// the file system: then mountinfo is silent, and ext4's own list is not.
func journalsByDefault(major, minor uint32) bool {
	device, err := os.Readlink(fmt.Sprintf("/sys/dev/block/%d:%d", major, minor))
	if err != nil {
		return false // no device, hence not ext4
	}
	options, err := os.ReadFile(filepath.Join("/proc/fs/ext4", filepath.Base(device), "options"))
	return err == nil && slices.Contains(strings.Split(string(options), "\n"), "data=journal")
}

// journalsFolder finds chattr +j; what is made in the folder inherits it.
func journalsFolder(dir string) bool {
	f, err := os.Open(dir)
	if err != nil {
		return false
	}
	defer f.Close()
	flags, err := unix.IoctlGetUint32(int(f.Fd()), unix.FS_IOC_GETFLAGS)
	return err == nil && flags&attrJournal != 0
}

// findMount finds a mount by its number (proc_pid_mountinfo(5)).
func findMount(mountinfo io.Reader, id uint64) (f FileSystem, err error) {
	lines := bufio.NewScanner(mountinfo)
	lines.Buffer(nil, 1<<20) // overlay lists all its layers in one line
	for lines.Scan() {
		first, _, _ := strings.Cut(lines.Text(), " ")
		_, rest, ok := strings.Cut(lines.Text(), " - ")
		if fields := strings.Fields(rest); ok && len(fields) == 3 && first == strconv.FormatUint(id, 10) {
			f = FileSystem{fields[0], slices.Contains(strings.Split(fields[2], ","), "data=journal")}
		}
	}
	if err := lines.Err(); err != nil {
		return FileSystem{}, err
	}
	if f.Name == "" {
		return f, fmt.Errorf("no mount with number %d", id)
	}
	return f, nil
}

// Attributes of a file or folder, as in chattr(1): FS_NODUMP_FL and
// FS_JOURNAL_DATA_FL of linux/fs.h.
const (
	attrNoDump  = 0x40
	attrJournal = 0x4000
)

// noDump asks dump(8) to leave out the folder and what is made in it. Not every
// file system has the attribute, and nothing depends on it.
func noDump(dir string) {
	f, err := os.Open(dir)
	if err != nil {
		return
	}
	defer f.Close()
	flags, err := unix.IoctlGetUint32(int(f.Fd()), unix.FS_IOC_GETFLAGS)
	if err == nil && flags&attrNoDump == 0 {
		_ = unix.IoctlSetPointerInt(int(f.Fd()), unix.FS_IOC_SETFLAGS, int(flags|attrNoDump))
	}
}
