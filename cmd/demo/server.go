package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"ashpost/onion"
)

// server is a running "ashpost serve".
type server struct {
	end  context.CancelFunc
	gone chan struct{}
	err  error // set when gone is closed
}

// serve starts ashpost on the private network. What it prints goes through.
func serve(ctx context.Context, ashpost, data, torrc, dir string) (*server, error) {
	file := filepath.Join(dir, "network")
	if err := os.WriteFile(file, []byte(torrc), 0o600); err != nil {
		return nil, err
	}
	ctx, end := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, ashpost, "serve", "--data", data, "--tor-network", file, "--volatile-if-needed")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	// It gives its tor two seconds. Killed, it could leave a tor that still writes
	// into the folder that is removed next.
	cmd.WaitDelay = 20 * time.Second
	// A group of its own: a terminal's Ctrl-C comes here and is passed on once.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		end()
		return nil, fmt.Errorf("%w: run make, or go build ./cmd/ashpost, first", err)
	}
	s := &server{end: end, gone: make(chan struct{})}
	go func() {
		defer close(s.gone)
		s.err = errors.New("ashpost has stopped")
		if err := cmd.Wait(); err != nil {
			s.err = fmt.Errorf("ashpost has stopped: %w", err)
		}
	}()
	return s, nil
}

// stop ends ashpost and waits until it is gone.
func (s *server) stop() {
	s.end()
	<-s.gone
}

// wait returns when ctx ends or ashpost does, which is an error here.
func (s *server) wait(ctx context.Context) error {
	select {
	case <-s.gone:
	case <-ctx.Done():
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.err
}

// until tries again and again, and gives up when ctx ends or ashpost does.
func (s *server) until(ctx context.Context, done func() bool) error {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-s.gone:
			return s.wait(ctx)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// address waits for the file in which tor writes the onion address.
func (s *server) address(ctx context.Context, data string) (string, error) {
	var address string
	err := s.until(ctx, func() bool {
		b, _ := os.ReadFile(filepath.Join(data, "tor", "hs", "hostname")) // absent at first
		address = strings.TrimSpace(string(b))
		return onion.IsAddress(address)
	})
	return address, err
}

// reachable waits for any answer from the service, through Tor.
func (s *server) reachable(ctx context.Context, socks, address string) error {
	return s.until(ctx, func() bool {
		// New circuits each time: one that hangs is not waited for.
		transport := &http.Transport{DialContext: onion.Dialer(socks), DisableKeepAlives: true}
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/", nil)
		if err != nil {
			return false
		}
		answer, err := transport.RoundTrip(request)
		if err != nil {
			return false
		}
		answer.Body.Close()
		return true
	})
}
