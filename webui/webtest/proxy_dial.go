package webtest

import (
	"context"
	"net"
	"strings"

	"golang.org/x/net/proxy"
)

func (p *Proxy) allows(dest string) bool {
	if p.route.Host != "" {
		return dest == p.route.Host
	}
	host, _, err := net.SplitHostPort(dest)
	return err == nil && (host == "localhost" || net.ParseIP(host).IsLoopback())
}

func (p *Proxy) dial(dest string) (net.Conn, error) {
	if p.route.Socks != "" {
		return p.dialSocks(dest)
	}
	var d net.Dialer
	if path, ok := strings.CutPrefix(p.route.Target, "unix:"); ok {
		return d.DialContext(p.ctx, "unix", path)
	}
	if p.route.Target != "" {
		dest = p.route.Target
	}
	return d.DialContext(p.ctx, "tcp", dest)
}

// dialSocks keeps the plain TCP connection: the library's own wrapper hides
// CloseWrite, and an end of stream would end both directions.
func (p *Proxy) dialSocks(dest string) (net.Conn, error) {
	var apart *proxy.Auth
	if p.route.Apart {
		apart = &proxy.Auth{User: p.Addr(), Password: "0"}
	}
	d, err := proxy.SOCKS5("tcp", p.route.Socks, apart, nil)
	if err != nil {
		return nil, err
	}
	c, err := new(net.Dialer).DialContext(p.ctx, "tcp", p.route.Socks)
	if err != nil {
		return nil, err
	}
	type negotiator interface {
		DialWithConn(context.Context, net.Conn, string, string) (net.Addr, error)
	}
	if _, err := d.(negotiator).DialWithConn(p.ctx, c, "tcp", dest); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}
