package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"syscall"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/onion"
	"ashpost/webui/api"
)

const overTor = "Ashpost reaches onion services, and a preview on this machine. It never goes over the clearnet."

// parseService checks the address of a service as a link's would be: a link of
// this service must parse.
func parseService(text string) (string, error) {
	text = strings.TrimRight(strings.TrimSpace(text), "/")
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	if err := clearnet(text); err != nil {
		return "", err
	}
	probe, err := seal.ParseLink(seal.Link{Service: text}.String())
	if err != nil {
		return "", &failure{exitUsage, "this is not the address of a service",
			"It is http:// and an onion address of 56 characters and .onion, with nothing behind it.", err}
	}
	return probe.Service, nil
}

// parseLink parses a secret link. Its host is looked at first, so that a link to
// a web site is refused for what it is.
func parseLink(text string) (seal.Link, error) {
	if err := clearnet(text); err != nil {
		return seal.Link{}, err
	}
	return seal.ParseLink(text)
}

// clearnet refuses an address whose host is neither an onion nor this machine.
func clearnet(text string) error {
	address, _, _ := strings.Cut(strings.TrimSpace(text), "#")
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return nil // not an address at all: the parser of links says so
	}
	host := strings.ToLower(u.Hostname())
	ip := net.ParseIP(host)
	if strings.HasSuffix(host, ".onion") || host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	if ip != nil || strings.Contains(host, ".") {
		return refused("this is the address of a server on the clearnet", overTor)
	}
	return nil
}

// reached is a client of a service, with the Tor that was started to reach it.
type reached struct {
	*api.Client
	own   *ownTor                     // nil when another one is used, or none
	again func() (*api.Client, error) // another one, that has circuits of its own
}

// apart makes another client of the service, with circuits and a channel of its
// own: what goes over it is tied to the first by its time alone. The caller
// closes it.
func (r *reached) apart() (*api.Client, error) {
	c, err := r.again()
	if err == nil {
		c.ThroughChannel()
	}
	return c, err
}

// Close ends the connections, and then the Tor.
func (r *reached) Close() {
	r.Client.Close()
	if r.own != nil {
		r.own.close()
	}
}

// client makes a client of the service at a parsed address, which speaks through
// a channel. To the service nothing is sent yet.
func (n network) client(ctx context.Context, t *tui, service string) (*reached, error) {
	c, err := n.plain(ctx, t, service)
	if err == nil {
		c.ThroughChannel()
	}
	return c, err
}

func (n network) plain(ctx context.Context, t *tui, service string) (*reached, error) {
	if n.Socks != "" && n.bridged() {
		return nil, &failure{code: exitUsage, what: "either --socks or bridges", hint: "Bridges are for a Tor that is started here; one that runs has its own."}
	}
	if !strings.HasSuffix(service, ".onion") {
		return reach(nil, func() (*api.Client, error) { return api.NewClient(service, loopback) })
	}
	key, err := n.clientKey(service)
	if err != nil {
		return nil, err
	}
	if n.Socks != "" {
		socks, err := socksAddress(n.Socks)
		if err != nil {
			return nil, err
		}
		return reach(nil, overOnion(service, func() onion.DialContext { return onion.Dialer(socks) }, false))
	}
	if !n.bridged() && n.ClientKey == "" {
		found, err := onion.FindSOCKS(ctx)
		if !errors.Is(err, onion.ErrNoTor) {
			if err != nil {
				return nil, err
			}
			return reach(nil, overOnion(service, func() onion.DialContext { return onion.Dialer(found) }, false))
		}
	}
	own, err := n.startTor(ctx, t, key)
	if err != nil {
		return nil, err
	}
	return reach(own, overOnion(service, own.client.Dialer, true))
}

// socksAddress checks the SOCKS port that was named.
func socksAddress(socks string) (string, error) {
	host, port, err := net.SplitHostPort(socks)
	if host == "localhost" { // not looked up, as in loopback
		host = "127.0.0.1"
	}
	if err != nil || net.ParseIP(host) == nil {
		return "", &failure{exitUsage, "--socks is not HOST:PORT with a numeric host",
			"As in --socks 127.0.0.1:9050. A name would be looked up outside of Tor.", err}
	}
	return net.JoinHostPort(host, port), nil
}

func reach(own *ownTor, again func() (*api.Client, error)) (*reached, error) {
	client, err := again()
	return &reached{client, own, again}, err
}

// overOnion makes clients of an onion service, each over a dialer of its own. Ours
// says that the Tor they go through is this command's.
func overOnion(service string, dialer func() onion.DialContext, ours bool) func() (*api.Client, error) {
	return func() (*api.Client, error) {
		dial := dialer()
		return api.NewClient(service, func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			switch {
			case errors.Is(err, onion.ErrPrivate), errors.Is(err, onion.ErrShutOut):
				err = fmt.Errorf("%w: %w", err, syscall.ECONNREFUSED) // trying again does not help
			case !errors.Is(err, onion.ErrNoTor):
			case !ours:
				// As where nothing listens: trying again does not start a Tor.
				err = fmt.Errorf("%w: %w", err, syscall.ECONNREFUSED)
			default: // it is being started again
				err = onion.ErrUnreachable
			}
			return conn, err
		})
	}
}

// loopback dials this machine and nothing else. "localhost" is not looked up: a
// resolver could answer with any address.
func loopback(ctx context.Context, _, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	if host != "localhost" {
		if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
			return nil, refused("this is not a loopback address", overTor)
		}
		return d.DialContext(ctx, "tcp", address)
	}
	conn, err := d.DialContext(ctx, "tcp4", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		conn, err = d.DialContext(ctx, "tcp6", net.JoinHostPort("::1", port))
	}
	return conn, err
}
