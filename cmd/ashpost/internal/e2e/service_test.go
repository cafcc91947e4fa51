package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// service is one running `ashpost serve`.
type service struct {
	data string
	cmd  *exec.Cmd
	out  *log
	done chan struct{}
}

// log collects what a process prints and can be waited on.
type log struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{}
}

func newLog() *log { return &log{changed: make(chan struct{})} }

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.changed)
	l.changed = make(chan struct{})
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// wait returns the rest of the first line that begins with prefix.
func (l *log) wait(ctx context.Context, ended <-chan struct{}, prefix string) (string, error) {
	for {
		l.mu.Lock()
		text, changed := l.text.String(), l.changed
		l.mu.Unlock()
		for line := range strings.Lines(text) {
			if rest, ok := strings.CutPrefix(line, prefix); ok && strings.HasSuffix(line, "\n") {
				return strings.TrimSpace(rest), nil
			}
		}
		select {
		case <-changed:
		case <-ended:
			return "", fmt.Errorf("ended before it said %q:\n%s", prefix, l)
		case <-ctx.Done():
			return "", fmt.Errorf("did not say %q: %w\n%s", prefix, ctx.Err(), l)
		}
	}
}

// start runs serve; it does not wait.
func start(data string, args ...string) (*service, error) {
	return begin(exec.Command(world.binary, append([]string{"serve", "--data", data, "--volatile-if-needed"}, args...)...), data)
}

func begin(cmd *exec.Cmd, data string) (*service, error) {
	s := &service{data: data, cmd: cmd, out: newLog(), done: make(chan struct{})}
	s.cmd.Stdout, s.cmd.Stderr = s.out, s.out
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { _ = s.cmd.Wait(); close(s.done) }()
	return s, nil
}

// serve starts a service that ends with the test.
func serve(t *testing.T, data string, args ...string) *service {
	t.Helper()
	s, err := start(data, args...)
	return ending(t, s, err)
}

// process starts any long command of the binary, which ends with the test.
func process(t *testing.T, cmd *exec.Cmd, data string) *service {
	t.Helper()
	s, err := begin(cmd, data)
	return ending(t, s, err)
}

func ending(t *testing.T, s *service, err error) *service {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.stop() })
	return s
}

// says waits for a line of the service.
func (s *service) says(t testing.TB, prefix string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	rest, err := s.out.wait(ctx, s.done, prefix)
	if err != nil {
		t.Fatal(err)
	}
	return rest
}

func (s *service) published(ctx context.Context) error {
	_, err := s.out.wait(ctx, s.done, "ashpost: published: ")
	return err
}

// address is http://ADDRESS.onion without a slash.
func (s *service) address() string {
	rest, err := s.out.wait(context.Background(), s.done, "ashpost: onion address: ")
	if err != nil {
		panic(err)
	}
	return strings.TrimSuffix(rest, "/")
}

// stop interrupts the service as Ctrl-C does and says how long it took.
func (s *service) stop() (time.Duration, error) {
	began := time.Now()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return 0, err
	}
	select {
	case <-s.done:
		return time.Since(began), nil
	case <-time.After(time.Minute):
		_ = s.cmd.Process.Signal(syscall.SIGQUIT)
		<-s.done
		return 0, fmt.Errorf("did not stop within a minute:\n%s", s.out)
	}
}

// status is what `ashpost status --json` says.
func (s *service) status(t *testing.T) (state map[string]any) {
	t.Helper()
	r := ashpost(t, "", "status", "--json", "--data", s.data)
	if err := json.Unmarshal([]byte(r.out), &state); err != nil {
		t.Fatalf("%v: %+v", err, r)
	}
	return state
}

// result is how a command ended.
type result struct {
	out, err string
	code     int
}

// ashpost runs a command of the binary.
func ashpost(t testing.TB, stdin string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, world.binary, args...)
	var out, complaint bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &complaint
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{out.String(), complaint.String(), cmd.ProcessState.ExitCode()}
}
