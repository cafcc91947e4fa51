package main

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"

	"ashpost/webui/api"
)

// startService runs a service in preview and waits until it is open. The
// function it returns ends it and gives what it printed.
func startService(fatal func(string, ...any), data string, flags ...string) (address string, stop func() string) {
	r := startProcess(fatal, exec.Command("ashpost"), data, flags...)
	return r.address, func() string { return r.end(syscall.SIGTERM) }
}

// running is a service in another process.
type running struct {
	*exec.Cmd
	address string
	printed paper
	ended   chan error
}

// paper is what a process prints. It tells when it has printed more.
type paper struct {
	mu   sync.Mutex
	text strings.Builder
	more chan struct{} // holds a token when there is more
}

func (p *paper) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case p.more <- struct{}{}:
	default:
	}
	return p.text.Write(b)
}

func (p *paper) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// startProcess is startService for a command that is prepared in its user, its
// environment or its working folder.
func startProcess(fatal func(string, ...any), cmd *exec.Cmd, data string, flags ...string) *running {
	r := launch(fatal, cmd, data, flags...)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if !opens(ctx, "http://"+r.address, r.ended) {
		fatal("the service does not open: %s", r.end(syscall.SIGTERM))
	}
	return r
}

// launch is startProcess for a service that need not open.
func launch(fatal func(string, ...any), cmd *exec.Cmd, data string, flags ...string) *running {
	r := &running{Cmd: cmd, printed: paper{more: make(chan struct{}, 1)}, ended: make(chan error, 1)}
	cmd.Args = append(cmd.Args, "serve", "--no-tor", "--preview", "127.0.0.1:0", "--data", data, "--volatile-if-needed")
	cmd.Args = append(cmd.Args, flags...)
	cmd.Stdout, cmd.Stderr = &r.printed, &r.printed
	if err := cmd.Start(); err != nil {
		fatal("%v", err)
	}
	go func() { r.ended <- cmd.Wait() }()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if r.address = r.previews(ctx); r.address == "" {
		fatal("the service does not start: %s", r.end(syscall.SIGTERM))
	}
	return r
}

var previewLine = regexp.MustCompile(`(?m)^ashpost: preview on this machine: http://(.+)/$`)

// previews waits until the service says on which port it is: one that was free
// a moment ago may be another's by now.
func (r *running) previews(ctx context.Context) string {
	for {
		if found := previewLine.FindStringSubmatch(r.printed.String()); found != nil {
			return found[1]
		}
		select {
		case <-r.printed.more:
		case <-ctx.Done():
			return ""
		case err := <-r.ended:
			r.ended <- err
			return ""
		}
	}
}

// end sends a signal, waits for the end and gives what was printed. It can be
// called again.
func (r *running) end(with os.Signal) string {
	r.Process.Signal(with)
	r.ended <- <-r.ended
	return r.printed.String()
}

// opens waits for a service that is starting up in another process.
func opens(ctx context.Context, service string, ended chan error) bool {
	client, err := api.NewClient(service, loopback)
	if err != nil {
		return false
	}
	defer client.Close()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		if s, err := client.Service(ctx); err == nil && s.State == api.Open {
			return true
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return false
		case err := <-ended:
			ended <- err
			return false
		}
	}
}
