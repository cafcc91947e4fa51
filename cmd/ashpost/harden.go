package main

import (
	"fmt"
	"os/signal"
	"runtime/debug"
	"syscall"

	"golang.org/x/sys/unix"
)

// harden closes the ways by which what is in memory gets out of the process by
// accident: core files, other processes of this user, stacks printed by a
// crash, files that others can read. It also makes a closed standard error no
// reason to die.
func harden() error {
	unix.Umask(0o077)
	debug.SetTraceback("none") // GOTRACEBACK can still raise it
	signal.Ignore(syscall.SIGPIPE)
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("core files cannot be turned off: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("the process cannot be made undumpable: %w", err)
	}
	return nil
}
