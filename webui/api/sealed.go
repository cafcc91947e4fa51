package api

import (
	"context"
	"errors"
	"net/http"

	"ashpost/webui/api/channel"
)

// ThroughChannel sends every request of this client, the one for the service's
// state apart, through a channel: encrypted once more, to the service itself. It
// is called before the first request.
func (c *Client) ThroughChannel() { c.http.Transport = c.channel() }

func (c *Client) channel() *channel.Transport {
	return &channel.Transport{
		Base:      c.transport,
		Recipient: c.recipientOf,
		Plain:     func(r *http.Request) bool { return r.URL.Path == PathService },
	}
}

// recipientOf gives what the service said last, unless that no longer opens.
func (c *Client) recipientOf(ctx context.Context, fresh bool) (string, error) {
	if known := c.recipient.Load(); known != nil && !fresh {
		return *known, nil
	}
	var s Service
	resp, stop, err := c.once(ctx, call{method: http.MethodGet, path: PathService, want: http.StatusOK})
	if err != nil {
		return "", err
	}
	defer stop()
	defer resp.Body.Close()
	if err := readJSON(ctx, resp, &s); err != nil {
		return "", err
	}
	return c.learn(s)
}

// learn keeps the recipient that the service's state names.
func (c *Client) learn(s Service) (string, error) {
	if s.Channel == "" {
		return "", breach("it offers no channel")
	}
	c.recipient.Store(&s.Channel)
	return s.Channel, nil
}

// ours finds an error of this package, or of the channel, in one of net/http's.
func ours(err error) error {
	var b *Broken
	var refused *Error
	var br breach
	switch {
	case errors.As(err, &b):
		return b
	case errors.As(err, &refused):
		return refused
	case errors.As(err, &br):
		return br
	case errors.Is(err, channel.ErrAnswer):
		return breach("it did not come through the channel")
	}
	return nil
}
