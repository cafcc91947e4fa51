package tortest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// awaitDirectories waits until the authority and then all relays have a
// directory of everyone: whoever joins then gets it from any of them.
func (n *Network) awaitDirectories(ctx context.Context) error {
	if err := n.awaitFile(ctx, "\nr ", "authority", "cached-microdesc-consensus"); err != nil {
		return err
	}
	for i := range relays {
		if err := n.hurry(relayName(i)); err != nil {
			return err
		}
	}
	for i := range relays {
		if err := n.awaitFile(ctx, "onion-key\n", relayName(i), "cached-microdescs.new"); err != nil {
			return err
		}
	}
	return nil
}

// hurry makes a relay ask for the directory now. It has asked in vain before
// there was one, and the next time would be some ten seconds later.
func (n *Network) hurry(name string) error {
	b, err := os.ReadFile(n.path(name, "pid"))
	if err != nil {
		return err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return err
	}
	return syscall.Kill(pid, syscall.SIGHUP)
}

// awaitFile waits until mark is in a file of a node once for every relay and
// the authority.
func (n *Network) awaitFile(ctx context.Context, mark, node, file string) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		b, _ := os.ReadFile(n.path(node, file)) // tor has yet to write it
		listed := bytes.Count(b, []byte(mark))
		if listed >= relays+1 {
			return nil
		}
		select {
		case <-tick.C:
		case err := <-n.died:
			return err
		case <-ctx.Done():
			return fmt.Errorf("%w: the %s knows %d of %d relays", ctx.Err(), node, listed, relays+1)
		}
	}
}
