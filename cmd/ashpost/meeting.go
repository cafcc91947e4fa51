package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"github.com/coreos/go-systemd/v22/activation"
	"golang.org/x/sys/unix"
)

// controlSuffix makes the path of the control socket from the one that visitors
// come through.
const controlSuffix = ".control"

// meetingPoint is where the two parts of a service meet: a socket for visitors
// and, beside it, one for control. Those that the system made and handed over
// are taken (sd_listen_fds(3)); their owner and mode are its affair. Others are
// made here, for this user alone: whoever can connect is Tor to the service.
func meetingPoint(target string) (web, control net.Listener, err error) {
	handed, err := activation.Listeners()
	if err != nil {
		return nil, nil, err
	}
	for _, l := range handed {
		switch {
		case l == nil:
		case l.Addr().String() == target:
			web = l
		case l.Addr().String() == target+controlSuffix:
			control = l
		default:
			l.Close()
		}
	}
	if web != nil && control != nil {
		return web, control, nil
	}
	if web != nil || control != nil {
		err = errors.New("the system handed over one of the two sockets, " + filepath.Base(target) + " and " + filepath.Base(target) + controlSuffix)
	} else if web, err = ownSocket(target); err == nil {
		control, err = ownSocket(target + controlSuffix)
	}
	if err != nil {
		for _, l := range []net.Listener{web, control} {
			if l != nil {
				l.Close()
			}
		}
	}
	return web, control, err
}

// ownSocket listens at path, in a folder that only this user can enter.
func ownSocket(path string) (net.Listener, error) {
	if len(path) > longestSocketPath {
		return nil, &failure{code: exitUsage, what: fmt.Sprintf("the path of --socket is longer than %d bytes", longestSocketPath-len(controlSuffix)), hint: "The system knows no longer ones for sockets: choose a shorter one for both parts."}
	}
	var st unix.Stat_t
	if err := unix.Stat(filepath.Dir(path), &st); err != nil {
		return nil, &os.PathError{Op: "stat", Path: filepath.Dir(path), Err: err}
	}
	if st.Mode&0o077 != 0 || st.Uid != uint32(os.Geteuid()) {
		return nil, refused("others can enter the folder of --socket", "Choose one of your own with mode 0700, or let the system make the sockets.")
	}
	if info, err := os.Lstat(path); err == nil && info.Mode().Type() == os.ModeSocket {
		if conn, err := net.Dial("unix", path); err == nil {
			conn.Close()
			return nil, refused("another program listens at --socket", "Stop it first, or choose another path. Nothing was touched.")
		}
		os.Remove(path) // left over from a crash
	}
	return net.Listen("unix", path)
}

// socketFailure says why there are no sockets, without their paths.
func socketFailure(err error) error {
	var f *failure
	if errors.As(err, &f) {
		return f
	}
	return &failure{exitOther, "the sockets cannot be opened: " + cause(err),
		"Look at the folder they are made in, that of --socket or run in the data folder: it has to be there, and this user's.", err}
}
