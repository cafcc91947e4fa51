package onion

import (
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"github.com/cretz/bine/process"
	"golang.org/x/sys/unix"
)

// grace is the time between asking tor to stop and killing it.
const grace = 1500 * time.Millisecond

// Environ is the whole environment tor and its tools run in. What this process
// has in its own, settings and perhaps secrets, stays out, and OpenSSL reads no
// configuration of the system's.
func (t Tor) Environ() []string {
	env := []string{"OPENSSL_CONF=/dev/null"}
	if t.LibDir != "" {
		env = append(env, "LD_LIBRARY_PATH="+t.LibDir)
	}
	return env
}

// Run runs tor until it ends by itself or ctx ends, and returns when the process
// is gone: SIGTERM first, SIGKILL after a moment. Should this process die, the
// kernel kills tor.
func (t Tor) Run(ctx context.Context, output io.Writer, args ...string) error {
	c := t.child(ctx, output, args...)
	if err := c.Start(); err != nil {
		return err
	}
	return c.Wait()
}

// A child is one tor process, as bine wants it.
type child struct {
	cmd   *exec.Cmd
	conn  net.Conn      // our end of the control connection
	fresh chan error    // the outcome of the start
	gone  chan struct{} // closed when the process is
	err   error         // how it ended; to be read when it is gone
}

var _ process.Process = (*child)(nil)

func (t Tor) child(ctx context.Context, output io.Writer, args ...string) *child {
	cmd := exec.CommandContext(ctx, t.Path, args...)
	cmd.Args[0] = "tor"
	cmd.Env = t.Environ()
	cmd.Stdout, cmd.Stderr = output, output
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = grace
	// A group of its own: Ctrl-C in a terminal is for us, and we stop tor.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	return &child{cmd: cmd, fresh: make(chan error, 1), gone: make(chan struct{})}
}

// EmbeddedControlConn is called once, before Start: it makes a socket pair, of
// which tor inherits one end as descriptor 3. There is no port that others
// could reach and no cookie to steal, and whatever ends this process closes the
// connection, which makes tor exit.
func (c *child) EmbeddedControlConn() (net.Conn, error) {
	err := c.connect()
	if err != nil {
		c.err = err
		close(c.gone) // bine does not start it then
	}
	return c.conn, err
}

func (c *child) connect() error {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socketpair", err)
	}
	ours, theirs := os.NewFile(uintptr(pair[0]), "control"), os.NewFile(uintptr(pair[1]), "control")
	defer ours.Close() // FileConn has its own copy
	if c.conn, err = net.FileConn(ours); err != nil {
		theirs.Close()
		return err
	}
	c.cmd.ExtraFiles = []*os.File{theirs}
	return c.conn.SetDeadline(time.Now().Add(helloTime))
}

// Start returns when the process is started.
func (c *child) Start() error {
	go c.live()
	return <-c.fresh
}

func (c *child) live() {
	defer close(c.gone)
	// Pdeathsig fires when the thread that forked ends, so it must outlive tor.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	c.err = c.cmd.Start()
	// Tor has its copy: once it is gone, reading from ours must end.
	for _, f := range c.cmd.ExtraFiles {
		f.Close()
	}
	c.fresh <- c.err
	if c.err == nil {
		c.err = c.cmd.Wait()
		// What it started, the transport of a bridge, is of its group and goes with
		// it, whatever signals it ignores.
		_ = unix.Kill(-c.cmd.Process.Pid, unix.SIGKILL) // usually there is nobody left
	}
}

// Wait returns when the process is gone. It can be called more than once.
func (c *child) Wait() error {
	<-c.gone
	return c.err
}
