package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ashpost/onion"

	"go.uber.org/goleak"
)

// standInTor makes this test binary serve as ashpost, with the tor of that
// folder.
const standInTor = "DEMO_TEST_TOR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(standInTor); dir != "" {
		if err := standIn(dir, os.Args[1:]); err != nil {
			os.Stderr.WriteString(err.Error() + "\n")
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// standIn does what the demo needs of "ashpost serve --data DIR --tor-network FILE".
func standIn(torDir string, args []string) error {
	if len(args) != 6 || args[0] != "serve" || args[1] != "--data" || args[3] != "--tor-network" {
		return errors.New("not what the demo should call: " + strings.Join(args, " "))
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	data := args[2]
	if err := os.Mkdir(data, 0o700); err != nil {
		return err
	}
	lines, err := os.ReadFile(args[4])
	if err != nil {
		return err
	}
	tor, err := onion.FindTor(torDir)
	if err != nil {
		return err
	}
	socket := filepath.Join(data, "web.sock")
	l, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	go http.Serve(l, http.NotFoundHandler())
	s, err := onion.New(onion.Config{Dir: filepath.Join(data, "tor"), Target: socket, Tor: tor, Network: string(lines)})
	if err != nil {
		return err
	}
	return s.Run(ctx)
}

// screen collects output and tells when a mark has appeared.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
	mark string
	seen chan struct{}
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := strings.Contains(s.text.String(), s.mark)
	s.text.Write(p)
	if !before && strings.Contains(s.text.String(), s.mark) {
		close(s.seen)
	}
	return len(p), nil
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func TestDemo(t *testing.T) {
	t.Chdir("../..")
	t.Setenv(standInTor, "build/tor")
	base := t.TempDir()
	t.Setenv("TMPDIR", base)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	out := &screen{mark: "Ctrl-C ends", seen: make(chan struct{})}
	done := make(chan error, 1)
	go func() { done <- demo(ctx, os.Args[0], out) }()
	select {
	case <-out.seen:
	case err := <-done:
		t.Fatal(err)
	}
	for _, want := range []string{".onion/\n", "chromium ", "firefox-esr ", " send --socks 127.0.0.1:"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not shown:\n%s", want, out)
		}
	}
	interrupt()
	begun := time.Now()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute): // a loaded machine takes its time
		t.Fatal("still running")
	}
	t.Logf("ended after %v", time.Since(begun))
	if left, err := os.ReadDir(base); err != nil || len(left) != 0 {
		t.Errorf("something stays: %v, %v", left, err)
	}
}

func TestEndsWithAshpost(t *testing.T) {
	for name, ashpost := range map[string]string{"ashpost has stopped: exit status": "false", "run make": "nowhere"} {
		if path, err := exec.LookPath(ashpost); err == nil {
			ashpost = path
		}
		dir := t.TempDir()
		s, err := serve(t.Context(), filepath.Join("/", ashpost), dir, "", dir)
		if err == nil {
			err = s.wait(t.Context())
			s.stop()
		}
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", ashpost, err)
		}
	}
}

func TestInstructions(t *testing.T) {
	got := instructions("./my ash'post", "abc.onion", "127.0.0.1:9", "/tmp/demo 1/firefox")
	for _, want := range []string{
		"--proxy-server=socks5://127.0.0.1:9 ", "http://abc.onion/\n", "--profile '/tmp/demo 1/firefox' ",
		`| './my ash'\''post' send --socks 127.0.0.1:9 --service http://abc.onion`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
}

func TestProfile(t *testing.T) {
	dir := t.TempDir()
	if err := writeProfile(dir, "127.0.0.1:4711"); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "user.js"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`user_pref("network.proxy.socks", "127.0.0.1");`, `user_pref("network.proxy.socks_port", 4711);`,
		`user_pref("network.proxy.socks_remote_dns", true);`, `user_pref("network.dns.blockDotOnion", false);`,
	} {
		if !strings.Contains(string(b), want) {
			t.Errorf("%s is missing", want)
		}
	}
}
