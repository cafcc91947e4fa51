package webui

import (
	"container/list"
	"io"
	"net"
)

// undated wraps connections so that no answer tells the machine's clock,
// whose skew is a fingerprint. Handlers suppress the Date header themselves;
// the one dated answer net/http gives without them, 417 to an unknown Expect,
// becomes a closed connection.
//
// It also keeps connections few, so that descriptors and the memory for
// headers stay bounded, and knows those from Tor by their circuits: see crowd.
type undated struct {
	net.Listener
	crowd *crowd
	onion bool // a preamble precedes every stream
}

func (u *undated) Accept() (net.Conn, error) {
	c, err := u.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l := &clockless{Conn: c, crowd: u.crowd, nameless: u.onion}
	u.crowd.join(l)
	return l, nil
}

type connKey struct{}

type clockless struct {
	net.Conn
	crowd    *crowd
	nameless bool   // its preamble was not read yet
	early    []byte // of the stream, read along with the preamble

	// guarded by crowd.mu
	place   *list.Element // among the waiting; nil while a request is served
	left    bool
	circuit *circuit // nil on the preview, and before the preamble
}

// Read takes in the preamble before net/http sees a byte, under the deadline
// for the first request's header.
func (l *clockless) Read(p []byte) (int, error) {
	if l.nameless {
		if err := l.introduce(); err != nil {
			l.Close()
			return 0, io.EOF // to which net/http answers nothing
		}
	}
	if len(l.early) > 0 {
		n := copy(p, l.early)
		l.early = l.early[n:]
		return n, nil
	}
	return l.Conn.Read(p)
}

// introduce reads the preamble and joins the connection to its circuit.
func (l *clockless) introduce() error {
	var b [longestPreamble]byte
	for got := 0; ; {
		n, err := l.Conn.Read(b[got:])
		got += n
		id, rest, wrong := cutPreamble(b[:got])
		switch {
		case wrong != nil:
			l.crowd.unnamed.Add(1)
			return wrong
		case id != 0:
			l.nameless, l.early = false, rest
			return l.crowd.name(l, id)
		case err != nil:
			return err
		}
	}
}

func (l *clockless) Close() error {
	l.crowd.mu.Lock()
	l.leave()
	l.crowd.mu.Unlock()
	return l.Conn.Close()
}

// Write sees every status line at the start of a write, because net/http
// flushes between answers.
func (l *clockless) Write(p []byte) (int, error) {
	if len(p) > 13 && string(p[:7]) == "HTTP/1." && string(p[8:13]) == " 417 " {
		l.Close()
		return 0, net.ErrClosed
	}
	return l.Conn.Write(p)
}

// CloseWrite keeps net/http's way of closing after a refusal: half-closed
// first, so that the answer is not lost in a reset.
func (l *clockless) CloseWrite() error {
	if half, ok := l.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
