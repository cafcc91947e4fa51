package tortest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ashpost/onion"

	"go.uber.org/goleak"
)

func findTor(t *testing.T) onion.Tor {
	t.Helper()
	tor, err := onion.FindTor("../../build/tor")
	if err != nil {
		t.Fatal(err)
	}
	return tor
}

// left lists the processes that have dir on their command line.
func left(t *testing.T, dir string) (found []string) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		b, _ := os.ReadFile(file) // it may have ended meanwhile
		if strings.Contains(string(b), dir) {
			found = append(found, string(b))
		}
	}
	return found
}

func TestNetwork(t *testing.T) {
	defer goleak.VerifyNone(t)
	tor, base := findTor(t), t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	n, err := Start(ctx, Options{Tor: tor, Dir: base, Log: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if _, err := n.Client(ctx); err != nil {
		t.Error(err)
	}
	if got := len(left(t, base)); got != relays+2 {
		t.Errorf("%d processes run", got)
	}
	n.Close()
	if got := left(t, base); len(got) != 0 {
		t.Errorf("still running: %q", got)
	}
	if got, err := os.ReadDir(base); err != nil || len(got) != 0 {
		t.Errorf("files stay: %v, %v", got, err)
	}
}

func TestStartEndsWithItsContext(t *testing.T) {
	defer goleak.VerifyNone(t)
	tor, base := findTor(t), t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if _, err := Start(ctx, Options{Tor: tor, Dir: base}); err == nil {
		t.Error("the start took less than two seconds")
	}
	if got, err := os.ReadDir(base); err != nil || len(got) != 0 || len(left(t, base)) != 0 {
		t.Errorf("something stays: %v, %v", got, err)
	}
}

func TestStartWithoutGencert(t *testing.T) {
	tor := findTor(t)
	alone := filepath.Join(t.TempDir(), "tor")
	if err := os.Symlink(tor.Path, alone); err != nil {
		t.Fatal(err)
	}
	tor.Path = alone
	if _, err := Start(t.Context(), Options{Tor: tor, Dir: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "tor-gencert") {
		t.Errorf("%v", err)
	}
}
