package webtest

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"time"
)

// Route is the one way that a Proxy leaves open.
type Route struct {
	// Host is the only destination let through, as the browser names it:
	// "NAME.onion:80" or "127.0.0.1:8080". Empty: any loopback address.
	Host string
	// Target is dialled in place of Host: "HOST:PORT" or "unix:PATH". With it
	// a local server is an http onion, without Tor, and so no secure context.
	Target string
	// Socks is the SOCKS5 address of a Tor client to reach Host through.
	Socks string
	// Apart has that client take circuits for this proxy alone.
	Apart bool
}

// Stats count what a Proxy let through.
type Stats struct {
	Conns    int   // connections opened
	Up, Down int64 // bytes from and to the browser
}

// Proxy is a SOCKS5 proxy on loopback that lets through one route, refuses and
// records everything else, counts, and cuts connections when told.
type Proxy struct {
	route    Route
	listener net.Listener
	ctx      context.Context
	cancel   context.CancelFunc
	running  sync.WaitGroup

	mu      sync.Mutex
	stats   Stats
	refused []string
	live    map[net.Conn]struct{}
	fuse    int64 // bytes until the next cut; 0: none is set
	cutting bool  // the last bytes before a cut are on their way
	delay   time.Duration
}

// NewProxy starts a proxy on a free loopback port.
func NewProxy(r Route) (*Proxy, error) {
	if r.Target != "" && r.Socks != "" {
		return nil, errors.New("webtest: a route has a target or a SOCKS proxy, not both")
	}
	if strings.Contains(r.Host, ".onion:") && r.Target == "" && r.Socks == "" {
		return nil, errors.New("webtest: an onion needs a target or a Tor client")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{route: r, listener: l, live: map[net.Conn]struct{}{}}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.running.Go(p.accept)
	return p, nil
}

// Addr is what Options.Proxy takes.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Stats are the counters so far.
func (p *Proxy) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stats
}

// Refused are the destinations refused so far, the browser's own calls home
// among them, in order and with repetitions.
func (p *Proxy) Refused() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.refused)
}

// Cut breaks every open connection and says how many there were.
func (p *Proxy) Cut() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cut()
}

// CutAfter breaks every open connection, once, as soon as n more bytes have
// passed in either direction: a circuit lost in mid-transfer. No byte beyond
// the n-th passes.
func (p *Proxy) CutAfter(n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fuse = n
}

// SetDelay has each piece that comes back arrive this much later. With a delay far
// longer than what a page computes, which of its requests wait for one another is
// seen whatever else the machine is doing.
func (p *Proxy) SetDelay(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = d
}

// Close ends the proxy and its connections.
func (p *Proxy) Close() error {
	p.cancel()
	err := p.listener.Close()
	p.Cut()
	p.running.Wait()
	return err
}

func (p *Proxy) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.running.Go(func() { p.serve(c) })
	}
}

// serve handles one connection of the browser.
func (p *Proxy) serve(c net.Conn) {
	if !p.track(c) {
		return
	}
	defer p.untrack(c)
	dest, err := readConnect(c)
	if err != nil {
		return
	}
	if !p.allows(dest) {
		p.mu.Lock()
		p.refused = append(p.refused, dest)
		p.mu.Unlock()
		_ = answerConnect(c, socksForbidden)
		return
	}
	out, err := p.dial(dest)
	if err != nil {
		_ = answerConnect(c, socksUnreachable)
		return
	}
	if !p.track(out) {
		return
	}
	defer p.untrack(out)
	if answerConnect(c, socksGranted) != nil {
		return
	}
	p.mu.Lock()
	p.stats.Conns++
	p.mu.Unlock()
	p.relay(c, out)
}
