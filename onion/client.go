package onion

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ClientConfig says with what to reach onion services.
type ClientConfig struct {
	Dir     string // tor's state, 0700: its guards and what it knows of the network
	Tor     Tor
	Network string    // further lines of torrc that join a private network
	Access  Access    // how to reach the Tor network where it is blocked
	Key     ClientKey // to a private service; the zero value is to none
}

// Client is a tor that publishes nothing and is dialled through. It offers
// SOCKS on a unix socket in a folder of mode 0700: no other user of this machine
// can use it. It is watched and kept up as a Service is.
type Client struct {
	service *Service
	socket  string
	short   string // a folder of its own for the socket, where Dir's path is too long
}

// NewClient prepares the state folder. Nothing is started.
func NewClient(c ClientConfig) (*Client, error) {
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil, err
	}
	client := &Client{socket: filepath.Join(dir, "socks.sock")}
	if len(client.socket) > longestSocket {
		if client.short, err = os.MkdirTemp("", "ashpost-"); err != nil {
			return nil, err
		}
		client.socket = filepath.Join(client.short, "socks.sock")
	}
	client.service, err = New(Config{Dir: dir, Tor: c.Tor, Network: c.Network, Access: c.Access, Target: client.socket, client: true, key: c.Key})
	if err != nil && client.short != "" {
		err = errors.Join(err, os.Remove(client.short))
	}
	return client, err
}

// Run keeps tor up until ctx ends, and returns when it is gone. It can be called
// once.
func (c *Client) Run(ctx context.Context) error {
	err := c.service.Run(ctx)
	if c.short != "" {
		err = errors.Join(err, os.RemoveAll(c.short))
	}
	return err
}

// State and Changes are a Service's; a client is ready at a progress of 100.
func (c *Client) State() State { return c.service.State() }

// Changes returns a channel that is closed when State next changes.
func (c *Client) Changes() <-chan struct{} { return c.service.Changes() }

// Dialer connects to onion services through this tor, as the function Dialer
// does.
func (c *Client) Dialer() DialContext { return dialer("unix", c.socket) }

// asClient makes the torrc of a service one of a client: without the service,
// and with a SOCKS socket, which tells why a service is not reached
// (socks-extensions.txt, "Extended error codes").
func asClient(lines []string, socket string) []string {
	lines = slices.DeleteFunc(lines, func(line string) bool {
		return strings.HasPrefix(line, "HiddenService") || strings.HasPrefix(line, "SocksPort ")
	})
	return append(lines, "SocksPort "+quote("unix:"+quote(socket)+" ExtendedErrors"))
}
