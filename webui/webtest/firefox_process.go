package webtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// firefoxProcess is a running Firefox and the address of its BiDi server.
type firefoxProcess struct {
	pid     int
	address string
	exited  chan struct{}
}

// startFirefox starts Firefox and waits until it says where its server is.
func startFirefox(ctx context.Context, path, dir string, o Options) (*firefoxProcess, error) {
	cmd := exec.Command(path, "--headless", "--no-remote", "--profile", filepath.Join(dir, "profile"),
		"--remote-debugging-port", "0", "about:blank")
	cmd.Env = append(os.Environ(), environment(dir, o)...)
	// Its own process group, so that no child of it is left; and the kernel
	// ends it when the test process dies.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	started, said := make(chan error), make(chan string, 1)
	p := &firefoxProcess{exited: make(chan struct{})}
	go func() {
		// Pdeathsig fires at the end of the thread that forked, so it stays.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		readAddress(stderr, said)
		_ = cmd.Wait()
		close(p.exited)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	p.pid = cmd.Process.Pid
	select {
	case p.address = <-said:
	case <-ctx.Done():
	}
	if p.address == "" {
		p.kill()
		return nil, errors.Join(fmt.Errorf("firefox gave no address of its BiDi server"), ctx.Err())
	}
	return p, nil
}

// readAddress says the address in the output, or "" at its end, and reads on
// so that the browser never blocks on a full pipe.
func readAddress(output io.Reader, said chan<- string) {
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if _, address, ok := strings.Cut(lines.Text(), "WebDriver BiDi listening on "); ok {
			said <- strings.TrimSpace(address)
			break
		}
	}
	close(said)
	_, _ = io.Copy(io.Discard, output)
}

// kill ends the whole group and waits for it.
func (p *firefoxProcess) kill() {
	_ = syscall.Kill(-p.pid, syscall.SIGKILL)
	<-p.exited
}
