package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// longestSocketPath is what a Unix socket's address holds, without the final
// zero byte (unix(7)).
const longestSocketPath = 107

// sockets are the service's Unix sockets, in a folder that only its user can
// enter: DIR/run, a short one where that path is too long for a socket, or one
// in memory where the disk is full or read-only.
type sockets struct {
	web   net.Listener // what Tor connects to
	link  net.Listener // the control socket of a part with Tor; nil when Tor is ours
	admin net.Listener // what `ashpost status` connects to
	other string       // the folder that is not DIR/run, removed at the end
}

// openSockets makes them, where the disk lets it. With a target, what Tor connects
// to is there instead, and the control socket beside it.
func openSockets(data, target string) (*sockets, error) {
	for _, dir := range spareFolders(data) { // of a run that was killed
		if ownFolder(dir, os.Geteuid()) {
			os.RemoveAll(dir)
		}
	}
	s, err := socketsIn(filepath.Join(data, "run"), target)
	if !errors.Is(err, unix.EROFS) && !errors.Is(err, unix.ENOSPC) && !errors.Is(err, unix.EDQUOT) && !errors.Is(err, unix.EIO) {
		return s, err
	}
	for _, dir := range spareFolders(data) {
		if os.Mkdir(dir, 0o700) != nil {
			continue
		}
		if s, err = listenIn(dir, target); err == nil {
			s.other = dir
			return s, nil
		}
		os.RemoveAll(dir)
	}
	return nil, err
}

// spareFolders are where the sockets can lie without the disk. Their name is
// the data folder's number, so that its path can be written in any way.
func spareFolders(data string) []string {
	var st unix.Stat_t
	if err := unix.Stat(data, &st); err != nil {
		return nil
	}
	name := fmt.Sprintf("ashpost-%d-%x-%x", st.Uid, st.Dev, st.Ino)
	return []string{filepath.Join("/dev/shm", name), filepath.Join(os.TempDir(), name)}
}

func socketsIn(dir, target string) (*sockets, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	home, short := dir, ""
	// The vault's lock is held: whatever lies here is left over from a crash.
	if err := clearFolder(dir); err != nil {
		return nil, err
	}
	if dir, err := filepath.Abs(dir); err != nil || len(filepath.Join(dir, "admin.sock")) > longestSocketPath {
		if home, err = os.MkdirTemp("", "ashpost-"); err != nil {
			return nil, err
		}
		short = home
		if err := os.Symlink(home, filepath.Join(dir, "short")); err != nil {
			os.Remove(home)
			return nil, err
		}
	}
	s, err := listenIn(home, target)
	if err != nil {
		os.RemoveAll(short) // nothing where there is none
		return nil, err
	}
	s.other = short
	return s, nil
}

func listenIn(home, target string) (*sockets, error) {
	s := new(sockets)
	if err := s.listen(home, target); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *sockets) listen(home, target string) (err error) {
	if s.admin, err = net.Listen("unix", filepath.Join(home, "admin.sock")); err != nil {
		return err
	}
	if target == "" {
		s.web, err = net.Listen("unix", filepath.Join(home, "web.sock"))
		return err
	}
	s.web, s.link, err = meetingPoint(target)
	return err
}

// clearFolder empties dir, and removes the short folder of a run that was
// killed. Names are read, not matched: a data folder may be called "[a]".
func clearFolder(dir string) error {
	if short, ok := shortFolder(dir); ok {
		os.RemoveAll(short)
	}
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		err = errors.Join(err, os.Remove(filepath.Join(dir, e.Name())))
	}
	return err
}

// shortFolder is where dir/short leads, if that is a folder of this user that
// nobody else can enter. After a crash the name in /tmp is free for others.
func shortFolder(dir string) (string, bool) {
	short, err := os.Readlink(filepath.Join(dir, "short"))
	if err != nil {
		return "", false
	}
	return short, ownFolder(short, os.Geteuid())
}

// ownFolder says whether dir is a folder of a user that nobody else can enter.
func ownFolder(dir string, uid int) bool {
	var st unix.Stat_t
	err := unix.Lstat(dir, &st)
	return err == nil && st.Mode == unix.S_IFDIR|0o700 && st.Uid == uint32(uid)
}

func (s *sockets) close() {
	for _, l := range []net.Listener{s.web, s.link, s.admin} {
		if l != nil {
			l.Close()
		}
	}
	if s.other != "" {
		os.RemoveAll(s.other)
	}
}

// adminSocket is where the service on a data folder can be asked.
func adminSocket(data string) string {
	for _, dir := range spareFolders(data) {
		if ownFolder(dir, os.Geteuid()) {
			return filepath.Join(dir, "admin.sock")
		}
	}
	run := filepath.Join(data, "run")
	if short, ok := shortFolder(run); ok {
		run = short
	}
	return filepath.Join(run, "admin.sock")
}
