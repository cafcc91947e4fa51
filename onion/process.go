package onion

import (
	"context"
	"io"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"github.com/cretz/bine/process"
)

// grace is the time between asking tor to stop and killing it.
const grace = 1500 * time.Millisecond

// Environ is the whole environment tor and its tools run in. What this process
// has in its own, settings and perhaps secrets, stays out.
func (t Tor) Environ() []string {
	if t.LibDir == "" {
		return []string{}
	}
	return []string{"LD_LIBRARY_PATH=" + t.LibDir}
}

// Run runs tor until it ends by itself or ctx ends, and returns when the process
// is gone: SIGTERM first, SIGKILL after a moment. Should this process die, the
// kernel kills tor.
func (t Tor) Run(ctx context.Context, output io.Writer, args ...string) error {
	// Pdeathsig fires when the thread that forked ends, so it must outlive tor.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	create := process.CmdCreatorFunc(func(ctx context.Context, args ...string) (*exec.Cmd, error) {
		cmd := exec.CommandContext(ctx, t.Path, args...)
		cmd.Env = t.Environ()
		cmd.Stdout, cmd.Stderr = output, output
		cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
		cmd.WaitDelay = grace
		// A group of its own: Ctrl-C in a terminal is for us, and we stop tor.
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
		return cmd, nil
	})
	p, err := create.New(ctx, args...)
	if err != nil {
		return err
	}
	if err := p.Start(); err != nil {
		return err
	}
	return p.Wait()
}
