// Package tortest runs a private Tor network on loopback for tests and the
// demo: one directory authority, which relays too, four more relays, and as
// many clients as are asked for. It needs no internet and makes no connection
// beyond loopback.
//
// It guarantees that every tor it started is gone after Close, or when this
// process dies, and that its one folder is removed by Close.
//
// It guarantees nothing about anonymity: the network is small, its relays are
// one machine, and the protections that need a large network are off. Its ports
// are open to every user of this machine.
package tortest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"ashpost/onion"
)

const relays = 4 // besides the authority; one and two never carry an onion service

// Options say what to run the network with.
type Options struct {
	Tor onion.Tor
	Dir string                           // where to make the network's folder; empty is the system's
	Log func(format string, args ...any) // progress; nil is silence
}

// Network is a running private network.
type Network struct {
	tor       onion.Tor
	log       func(string, ...any)
	dir       string
	authority string // the DirAuthority line
	ctx       context.Context
	end       context.CancelFunc
	nodes     sync.WaitGroup
	died      chan error // the first death of a node

	mu      sync.Mutex
	clients int
}

// Start brings the network up and returns once its directory lists every
// relay, so that clients and services can join at once. ctx bounds the start
// only.
func Start(ctx context.Context, o Options) (*Network, error) {
	dir, err := os.MkdirTemp(o.Dir, "tornet-")
	if err != nil {
		return nil, err
	}
	n := &Network{tor: o.Tor, log: o.Log, dir: dir, died: make(chan error, 1)}
	if n.log == nil {
		n.log = func(string, ...any) {}
	}
	n.ctx, n.end = context.WithCancel(context.Background())
	if err := n.start(ctx); err != nil {
		n.Close()
		return nil, fmt.Errorf("the private network: %w", err)
	}
	return n, nil
}

func (n *Network) start(ctx context.Context) error {
	begun := time.Now()
	if err := os.WriteFile(n.path("empty"), nil, 0o600); err != nil {
		return err
	}
	ports, err := freePorts(2)
	if err != nil {
		return err
	}
	a := &authority{or: ports[0], dir: ports[1]}
	if err := n.makeKeys(ctx, a); err != nil {
		return err
	}
	n.authority = a.line()
	took := time.Since(begun)
	n.log("the relays' keys are made after %v", took.Round(time.Millisecond))
	// How long keys take tells how loaded the machine is.
	lead := min(3*time.Second+2*took, (voteEvery-2)*time.Second)
	if err := n.launch("authority", a.torrc(time.Now(), lead), nil); err != nil {
		return err
	}
	for i := range relays {
		if err := n.launch(relayName(i), relayLines("auto"), nil); err != nil {
			return err
		}
	}
	if err := n.awaitDirectories(ctx); err != nil {
		return err
	}
	n.log("every relay knows every relay after %v", time.Since(begun).Round(time.Millisecond))
	return nil
}

func relayName(i int) string { return fmt.Sprintf("relay%d", i) }

// Torrc is what a tor needs in its configuration to join the network.
func (n *Network) Torrc() string { return joinLines + n.authority + "\n" }

// Close ends every tor of the network and removes its folder.
func (n *Network) Close() {
	n.end()
	n.nodes.Wait()
	os.RemoveAll(n.dir)
}

func (n *Network) path(elem ...string) string {
	return filepath.Join(append([]string{n.dir}, elem...)...)
}

// freePorts finds loopback ports nobody listens on, all different. They are below
// those that Linux gives out by itself: seconds pass until tor listens on them,
// and a port of any other test is not one of these.
func freePorts(count int) ([]int, error) {
	const first, beyond, tries = 12000, 32000, 100
	var ports []int
	for range tries {
		if len(ports) == count {
			return ports, nil
		}
		port := first + rand.IntN(beyond-first)
		l, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		defer l.Close()
		ports = append(ports, port)
	}
	return nil, errors.New("no free ports")
}
