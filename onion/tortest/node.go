package tortest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
)

// launch starts one tor of the network. Every line it logs goes to hear, if
// that is not nil. It lives until Close; dying earlier is reported on died.
func (n *Network) launch(name, lines string, hear func(line string)) error {
	if err := os.MkdirAll(n.path(name), 0o700); err != nil {
		return err
	}
	file := n.path(name, "torrc")
	if err := os.WriteFile(file, []byte(n.nodeLines(name)+n.Torrc()+lines), 0o600); err != nil {
		return err
	}
	out := &lineWriter{hear: hear}
	n.nodes.Go(func() {
		err := n.tor.Run(n.ctx, out, "-f", file, "--defaults-torrc", n.path("empty"))
		if n.ctx.Err() == nil {
			n.report(fmt.Errorf("%s stopped (%v): %s", name, err, out.trouble()))
		}
	})
	return nil
}

// report keeps the first death: others follow from it.
func (n *Network) report(err error) {
	select {
	case n.died <- err:
	default:
	}
}

// Client is a tor that has joined the network as a client.
type Client struct {
	SOCKS string // host:port on loopback
}

// Client starts a client, with more lines of torrc if there are any, and returns
// when it can build circuits.
func (n *Network) Client(ctx context.Context, more ...string) (*Client, error) {
	ports, err := freePorts(1)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	n.clients++
	name := fmt.Sprintf("client%d", n.clients)
	n.mu.Unlock()
	c := &Client{SOCKS: fmt.Sprintf("127.0.0.1:%d", ports[0])}
	ready := make(chan struct{})
	once := sync.OnceFunc(func() { close(ready) })
	lines := append([]string{"ClientOnly 1", "SocksPort " + c.SOCKS}, more...)
	err = n.launch(name, strings.Join(lines, "\n")+"\n", func(line string) {
		if strings.Contains(line, "Bootstrapped 100%") {
			once()
		}
	})
	if err != nil {
		return nil, err
	}
	select {
	case <-ready:
		return c, nil
	case err := <-n.died:
		return nil, err
	case <-ctx.Done():
		return nil, fmt.Errorf("%s cannot join: %w", name, ctx.Err())
	}
}

// lineWriter splits a log into lines and keeps the last warning or error.
type lineWriter struct {
	hear func(string)

	mu   sync.Mutex
	rest []byte
	bad  string
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rest = append(w.rest, p...)
	for {
		line, rest, whole := bytes.Cut(w.rest, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		w.rest = rest
		w.take(string(line))
	}
}

func (w *lineWriter) take(line string) {
	if strings.Contains(line, "[err]") || strings.Contains(line, "[warn]") {
		w.bad = line
	}
	if w.hear != nil {
		w.hear(line)
	}
}

func (w *lineWriter) trouble() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.bad
}
