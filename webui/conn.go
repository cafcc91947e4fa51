package webui

import (
	"container/list"
	"net"
	"sync"
)

// undated wraps connections so that no answer tells the machine's clock,
// whose skew is a fingerprint. Handlers suppress the Date header themselves;
// the one dated answer net/http gives without them, 417 to an unknown Expect,
// becomes a closed connection.
//
// It also keeps connections few, so that descriptors and the memory for
// headers stay bounded: see crowd.
type undated struct {
	net.Listener
	crowd *crowd
}

func (u *undated) Accept() (net.Conn, error) {
	c, err := u.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l := &clockless{Conn: c, crowd: u.crowd}
	u.crowd.join(l)
	return l, nil
}

// A crowd bounds the connections open at once. A process without descriptors
// cannot prove destruction, and locks. When there are too many, the one that
// waits longest between two requests, or before its first, gives way; without
// any, the new one does.
type crowd struct {
	most    int
	mu      sync.Mutex
	open    int
	waiting list.List // of *clockless, the longest in front
}

func (c *crowd) join(l *clockless) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open++
	l.place = c.waiting.PushBack(l)
	if c.most > 0 && c.open > c.most {
		oldest := c.waiting.Front().Value.(*clockless)
		oldest.leave()
		oldest.Conn.Close()
	}
}

// leave is called with the crowd locked.
func (l *clockless) leave() {
	if !l.left {
		l.left = true
		l.crowd.open--
	}
	l.unwait()
}

func (l *clockless) unwait() {
	if l.place != nil {
		l.crowd.waiting.Remove(l.place)
		l.place = nil
	}
}

// busy says that a request of l is being served, or no longer is.
func (l *clockless) busy(yes bool) {
	l.crowd.mu.Lock()
	defer l.crowd.mu.Unlock()
	l.unwait()
	if !yes && !l.left {
		l.place = l.crowd.waiting.PushBack(l)
	}
}

type connKey struct{}

type clockless struct {
	net.Conn
	crowd *crowd

	// guarded by crowd.mu
	place *list.Element // among the waiting; nil while a request is served
	left  bool
}

func (l *clockless) Close() error {
	l.crowd.mu.Lock()
	l.leave()
	l.crowd.mu.Unlock()
	return l.Conn.Close()
}

// Write sees every status line at the start of a write, because net/http
// flushes between answers.
func (c *clockless) Write(p []byte) (int, error) {
	if len(p) > 13 && string(p[:7]) == "HTTP/1." && string(p[8:13]) == " 417 " {
		c.Close()
		return 0, net.ErrClosed
	}
	return c.Conn.Write(p)
}

// CloseWrite keeps net/http's way of closing after a refusal: half-closed
// first, so that the answer is not lost in a reset.
func (c *clockless) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
