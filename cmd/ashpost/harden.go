package main

import (
	"fmt"
	"math"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// harden closes the ways by which what is in memory gets out of the process by
// accident: core files, other processes of this user, what a crash prints,
// files that others can read. It also makes a closed standard error no reason
// to die.
func harden(t *tui) error {
	unix.Umask(0o077)
	signal.Ignore(syscall.SIGPIPE)
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("core files cannot be turned off: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("the process cannot be made undumpable: %w", err)
	}
	if err := muteCrashes(t); err != nil {
		return fmt.Errorf("the words of a crash cannot be kept back: %w", err)
	}
	return nil
}

// bequeathNothing keeps from Tor and from the transports of bridges what whoever
// started this program had open and passed on to it, knowingly or not.
func bequeathNothing() {
	_ = unix.CloseRange(3, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC) // kernels before 5.11 cannot
}

// muteCrashes takes file descriptor 2 from Go's runtime: for a fault, a fatal
// error or SIGABRT it prints stacks and registers whatever it is told, and for a
// panic its value. The program's own words go where they went. Who sets
// GOTRACEBACK wants to see a crash, and does.
func muteCrashes(t *tui) error {
	if os.Getenv("GOTRACEBACK") != "" {
		return nil
	}
	words, err := unix.FcntlInt(2, unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil // there is no standard error
	}
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	if err := unix.Dup3(int(null.Fd()), 2, 0); err != nil {
		return err
	}
	t.err = os.NewFile(uintptr(words), "stderr")
	return nil
}
