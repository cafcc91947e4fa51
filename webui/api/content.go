package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

// claimed reads the answer to a claim.
func claimed(ctx context.Context, resp *http.Response) (got Claimed, err error) {
	if !typed(resp, TypeBinary) {
		return got, breach("it is not binary")
	}
	if got.Size, err = number(resp.Header, HeaderSize); err != nil {
		return got, err
	}
	if got.ExpiresIn, err = number(resp.Header, HeaderExpiresIn); err != nil {
		return got, err
	}
	got.Reading = Reading(resp.Header.Get(HeaderReading))
	switch got.Reading {
	case Once:
		if got.Lease, err = number(resp.Header, HeaderLease); err != nil {
			return got, err
		}
	case UntilExpiry:
	default:
		return got, breach("its kind of reading is unknown")
	}
	if got.Size < 1 || got.Size > MaxSize {
		return got, breach("its size cannot be")
	}
	return got, got.read(ctx, resp)
}

// read takes in the file of a small message, and insists on nothing for a large one.
func (g *Claimed) read(ctx context.Context, resp *http.Response) error {
	length := int64(0)
	if g.Size <= SmallSize {
		length = g.Size
	}
	if resp.ContentLength != length {
		return breach("its length is not the announced size")
	}
	g.Content = make([]byte, length)
	if _, err := io.ReadFull(resp.Body, g.Content); err != nil {
		return broken(ctx, err)
	}
	return nil
}

// Content opens the file of a claimed message of this size from an offset on.
// It is one try; [Client.Download] goes on where a connection broke. The key is
// the reader key, or the claim key of a message readable until expiry.
func (c *Client) Content(ctx context.Context, ref Reference, key Key, from, size int64) (io.ReadCloser, error) {
	return c.from(ctx, call{method: "GET", path: MessagePath(PathContent, ref), key: &key}, from, size)
}

// from opens an answer of this size from an offset on.
func (c *Client) from(ctx context.Context, q call, from, size int64) (io.ReadCloser, error) {
	q.want = http.StatusOK
	if from > 0 {
		q.header = map[string]string{"Range": fmt.Sprintf("bytes=%d-", from)}
		q.want = http.StatusPartialContent
	}
	resp, stop, err := c.once(ctx, q)
	if err != nil {
		return nil, err
	}
	body := &content{ctx: ctx, body: resp.Body, stop: stop}
	switch {
	case !typed(resp, TypeBinary):
		err = breach("it is not binary")
	case resp.ContentLength != size-from:
		err = breach("its length is not the announced size")
	case from > 0 && resp.Header.Get("Content-Range") != fmt.Sprintf("bytes %d-%d/%d", from, size-1, size):
		err = breach("it is another range than was asked for")
	}
	if err != nil {
		body.Close()
		return nil, err
	}
	return body, nil
}

// content is the body of an answer, with errors that are safe to show.
type content struct {
	ctx  context.Context
	body io.ReadCloser
	stop context.CancelFunc
}

func (b *content) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	if err != nil && err != io.EOF {
		err = broken(b.ctx, err)
	}
	return n, err
}

func (b *content) Close() error {
	b.stop()
	return b.body.Close()
}
