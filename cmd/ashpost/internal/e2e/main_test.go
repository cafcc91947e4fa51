package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"ashpost/onion"
	"ashpost/onion/tortest"
)

// world is what every test here shares: one network, one published service.
var world struct {
	root    string // of the repository
	binary  string
	network *tortest.Network
	torrc   string // a file with the network's lines
	socks   string // of a client on it
	service *service
	trap    *trap // nil but in the copy that TestNothingLeaves runs
}

func TestMain(m *testing.M) {
	code, err := inWorld(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
	}
	os.Exit(code)
}

func inWorld(m *testing.M) (code int, err error) {
	if os.Getenv(trapped) != "" {
		if world.trap, err = newTrap(); err != nil {
			return noTrap, fmt.Errorf("no trap can be made here: %w", err)
		}
	}
	temp, err := os.MkdirTemp("", "e2e-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(temp)
	if err := build(temp); err != nil {
		return 1, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	tor, err := onion.FindTor(filepath.Join(world.root, "build", "tor"))
	if err != nil {
		return 1, err
	}
	if world.network, err = tortest.Start(ctx, tortest.Options{Tor: tor}); err != nil {
		return 1, err
	}
	defer world.network.Close()
	world.torrc = filepath.Join(temp, "torrc")
	if err := os.WriteFile(world.torrc, []byte(world.network.Torrc()), 0o600); err != nil {
		return 1, err
	}
	client, err := world.network.Client(ctx)
	if err != nil {
		return 1, err
	}
	world.socks = client.SOCKS
	began := time.Now()
	if world.service, err = start(filepath.Join(temp, "data"), "--tor-network", world.torrc, "--preview", "127.0.0.1:0"); err != nil {
		return 1, err
	}
	defer world.service.stop()
	if err := world.service.published(ctx); err != nil {
		return 1, err
	}
	fmt.Printf("e2e: from start to published: %.1f s\n", time.Since(began).Seconds())
	return m.Run(), nil
}

func build(temp string) error {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return err
	}
	world.root = filepath.Dir(string(out))
	world.binary = filepath.Join(temp, "ashpost")
	// make test-binary gives the one it has built, which has its own Tor.
	if made := os.Getenv("ASHPOST_BINARY"); made != "" {
		return os.Symlink(made, world.binary)
	}
	cmd := exec.Command("go", "build", "-trimpath", "-o", world.binary, "./cmd/ashpost")
	cmd.Dir = world.root
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building: %w\n%s", err, out)
	}
	// The binary looks for a Tor beside itself.
	return os.Symlink(filepath.Join(world.root, "build"), filepath.Join(temp, "build"))
}
