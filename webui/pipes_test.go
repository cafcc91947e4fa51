package webui

import (
	"io"
	"net"
	"sync"
)

// pipes is a listener of net.Pipe connections, which run on fake time.
type pipes struct {
	onion bool // its streams begin as Tor's
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

func (p *pipes) dial() net.Conn {
	client, server := net.Pipe()
	p.conns <- server
	return client
}

// through dials by way of a circuit.
func (p *pipes) through(id uint32) net.Conn {
	conn := p.dial()
	if p.onion {
		io.WriteString(conn, preamble(id)) // the server may have closed it
	}
	return conn
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error { p.once.Do(func() { close(p.done) }); return nil }

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }
