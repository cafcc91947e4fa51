package main

import (
	"errors"
	"net"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// longestSocketPath is what a Unix socket's address holds, without the final
// zero byte (unix(7)).
const longestSocketPath = 107

// sockets are the service's Unix sockets, in a folder that only its user can
// enter: DIR/run, or a short one where that path is too long for a socket.
type sockets struct {
	web   net.Listener // what Tor connects to
	link  net.Listener // the control socket of a part with Tor; nil when Tor is ours
	admin net.Listener // what `ashpost status` connects to
	short string       // the short folder, removed at the end
}

// openSockets makes them in dir. With a target, what Tor connects to is there
// instead, and the control socket beside it.
func openSockets(dir, target string) (*sockets, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	s, home := new(sockets), dir
	// The vault's lock is held: whatever lies here is left over from a crash.
	if err := clearFolder(dir); err != nil {
		return nil, err
	}
	if dir, err := filepath.Abs(dir); err != nil || len(filepath.Join(dir, "admin.sock")) > longestSocketPath {
		if home, err = os.MkdirTemp("", "ashpost-"); err != nil {
			return nil, err
		}
		s.short = home
		if err := os.Symlink(home, filepath.Join(dir, "short")); err != nil {
			return nil, err
		}
	}
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
	var st unix.Stat_t
	err = unix.Lstat(short, &st)
	return short, err == nil && st.Mode == unix.S_IFDIR|0o700 && st.Uid == uint32(os.Geteuid())
}

func (s *sockets) close() {
	for _, l := range []net.Listener{s.web, s.link, s.admin} {
		if l != nil {
			l.Close()
		}
	}
	if s.short != "" {
		os.RemoveAll(s.short)
	}
}

// adminSocket is where the service on a data folder can be asked.
func adminSocket(data string) string {
	run := filepath.Join(data, "run")
	if short, ok := shortFolder(run); ok {
		run = short
	}
	return filepath.Join(run, "admin.sock")
}
