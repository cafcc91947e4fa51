package webtest

import (
	"net"
	"sync"
	"time"
)

// track makes a connection one that Cut breaks. After Close there are none.
func (p *Proxy) track(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx.Err() != nil {
		c.Close()
		return false
	}
	p.live[c] = struct{}{}
	return true
}

func (p *Proxy) untrack(c net.Conn) {
	c.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.live, c)
}

// relay copies both ways until both ends are done or cut.
func (p *Proxy) relay(browser, server net.Conn) {
	var both sync.WaitGroup
	both.Go(func() { p.pump(server, browser, &p.stats.Up) })
	both.Go(func() { p.pump(browser, far{server, p}, &p.stats.Down) })
	both.Wait()
}

// far is a server whose bytes are on their way for as long as SetDelay says.
type far struct {
	net.Conn
	proxy *Proxy
}

func (f far) Read(b []byte) (int, error) {
	n, err := f.Conn.Read(b)
	f.proxy.mu.Lock()
	delay := f.proxy.delay
	f.proxy.mu.Unlock()
	select {
	case <-time.After(delay):
	case <-f.proxy.ctx.Done():
	}
	return n, err
}

// pump copies one way. An end of stream is passed on and leaves the other
// direction open; an error ends both.
func (p *Proxy) pump(to, from net.Conn, counter *int64) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		n, cut := p.count(n, counter)
		_, werr := to.Write(buf[:n])
		if cut {
			p.Cut()
			return
		}
		if werr != nil {
			from.Close()
			return
		}
		if err != nil {
			if w, ok := to.(interface{ CloseWrite() error }); !ok || w.CloseWrite() != nil {
				to.Close()
			}
			return
		}
	}
}

// count adds passing bytes and says how many may pass before a cut, if one is
// due. A cut in the middle of bytes already read must not let the rest pass,
// nor an answer to what passes last.
func (p *Proxy) count(n int, counter *int64) (pass int, cut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cutting {
		return 0, false
	}
	if p.fuse > 0 && int64(n) >= p.fuse {
		n, p.fuse, cut = int(p.fuse), 0, true
		p.cutting = true
	} else if p.fuse > 0 {
		p.fuse -= int64(n)
	}
	*counter += int64(n)
	return n, cut
}

// cut needs the lock. Connections of the browser and to the server come in
// pairs; one being opened counts as well.
func (p *Proxy) cut() int {
	p.cutting = false
	n := len(p.live)
	for c := range p.live {
		c.Close()
		delete(p.live, c)
	}
	return (n + 1) / 2
}
