package onion_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"ashpost/onion"
	"ashpost/onion/tortest"

	"go.uber.org/goleak"
)

// private is one network with one client for all tests of this binary. It takes
// seconds to start, so it starts when a test first asks for it.
type private struct {
	network *tortest.Network
	client  *tortest.Client
}

var (
	startPrivate = sync.OnceValues(newPrivate)
	running      *tortest.Network // for TestMain to close
)

func newPrivate() (*private, error) {
	tor, err := onion.FindTor("../build/tor")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	n, err := tortest.Start(ctx, tortest.Options{Tor: tor})
	if err != nil {
		return nil, err
	}
	running = n
	c, err := n.Client(ctx)
	return &private{n, c}, err
}

func needNetwork(t *testing.T) *private {
	t.Helper()
	p, err := startPrivate()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// needTor is the Tor that services run: the one inside this test, if there is
// one (make test-binary). It relays for nobody, so networks are of the other.
func needTor(t *testing.T) onion.Tor {
	t.Helper()
	tor, err := onion.ChooseTor("", "../build/tor")
	if err != nil {
		t.Fatal(err)
	}
	return tor
}

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		fmt.Fprintln(os.Stderr, child(dir))
		os.Exit(1)
	}
	code := m.Run()
	if running != nil {
		running.Close()
	}
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, errors.Join(errors.New("goroutines leak"), err))
		code = 1
	}
	os.Exit(code)
}
