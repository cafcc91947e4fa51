package tortest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"
)

// Bridge starts a bridge that only speaks obfs4 and returns its line, once it
// takes part in the network. Program is obfs4proxy.
func (n *Network) Bridge(ctx context.Context, program string) (line string, err error) {
	ports, err := freePorts(1)
	if err != nil {
		return "", err
	}
	lines := relayLines("auto") + fmt.Sprintf(`BridgeRelay 1
BridgeDistribution none
ExtORPort auto
ServerTransportPlugin obfs4 exec %s
ServerTransportListenAddr obfs4 127.0.0.1:%d
`, program, ports[0])
	if err := n.launch("bridge", lines, nil); err != nil {
		return "", err
	}
	template, err := n.await(ctx, "bridge", "pt_state/obfs4_bridgeline.txt", regexp.MustCompile(`(?m)^Bridge (obfs4 .*)$`))
	if err != nil {
		return "", err
	}
	print, err := n.await(ctx, "bridge", "fingerprint", regexp.MustCompile(`^bridge ([0-9A-F]{40})\s`))
	if err != nil {
		return "", err
	}
	if _, err := n.await(ctx, "bridge", "cached-microdescs.new", regexp.MustCompile(`()onion-key`)); err != nil {
		return "", err
	}
	return strings.NewReplacer("<IP ADDRESS>:<PORT>", fmt.Sprintf("127.0.0.1:%d", ports[0]), "<FINGERPRINT>", print).Replace(template), nil
}

// await waits until a node has written a match, and returns its first group.
func (n *Network) await(ctx context.Context, node, file string, match *regexp.Regexp) (string, error) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		b, _ := os.ReadFile(n.path(node, file)) // the node has yet to write it
		if m := match.FindSubmatch(b); m != nil {
			return string(m[1]), nil
		}
		select {
		case <-tick.C:
		case err := <-n.died:
			return "", err
		case <-ctx.Done():
			return "", errors.Join(ctx.Err(), errors.New("the bridge does not write "+file))
		}
	}
}
