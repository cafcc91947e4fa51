package webui

import "net"

// undated wraps connections so that no answer tells the machine's clock,
// whose skew is a fingerprint. Handlers suppress the Date header themselves;
// the one dated answer net/http gives without them, 417 to an unknown Expect,
// becomes a closed connection.
type undated struct{ net.Listener }

func (u undated) Accept() (net.Conn, error) {
	c, err := u.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return clockless{c}, nil
}

type clockless struct{ net.Conn }

// Write sees every status line at the start of a write, because net/http
// flushes between answers.
func (c clockless) Write(p []byte) (int, error) {
	if len(p) > 13 && string(p[:7]) == "HTTP/1." && string(p[8:13]) == " 417 " {
		c.Close()
		return 0, net.ErrClosed
	}
	return c.Conn.Write(p)
}

// CloseWrite keeps net/http's way of closing after a refusal: half-closed
// first, so that the answer is not lost in a reset.
func (c clockless) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
