package api

import (
	"context"
	"errors"
	"io"
	"time"
)

// Progress is told how many bytes are across so far.
type Progress func(done int64)

// ErrSize says that the sender's file is not of the announced size.
var ErrSize = errors.New("the message is not of the size that was announced")

// UploadStream sends the age file of exactly size bytes that src gives: whole
// when small, else in parts, each sent again until it arrives. It holds one
// part in memory. An error of src is returned as it is.
func (c *Client) UploadStream(ctx context.Context, r Reservation, src io.Reader, size int64, t Terms, told Progress) (Receipt, error) {
	part := make([]byte, min(size, PartSize))
	if size <= SmallSize {
		if err := take(src, part, true); err != nil {
			return Receipt{}, err
		}
		return c.Put(ctx, r, part, t)
	}
	n := 0
	for sent := int64(0); sent < size; n++ {
		part = part[:min(size-sent, PartSize)]
		sent += int64(len(part))
		if err := take(src, part, sent == size); err != nil {
			return Receipt{}, err
		}
		if err := c.PutPart(ctx, r, n, part); err != nil {
			return Receipt{}, err
		}
		told(sent)
	}
	return c.Commit(ctx, r, n, size, t)
}

// take fills part from src, which must end with the last part.
func take(src io.Reader, part []byte, last bool) error {
	_, err := io.ReadFull(src, part)
	if err == nil && last {
		if _, err = io.ReadFull(src, make([]byte, 1)); err == nil {
			return ErrSize
		}
		if err == io.EOF {
			return nil
		}
	}
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return ErrSize
	}
	return err
}

// Download writes the file of a claimed message to dst, going on where a
// connection broke. The key is as for [Client.Content]. An error of dst is
// returned as it is.
func (c *Client) Download(ctx context.Context, ref Reference, key Key, of Claimed, dst io.Writer, told Progress) error {
	if of.Size <= SmallSize {
		_, err := dst.Write(of.Content)
		return err
	}
	q := call{method: "GET", path: MessagePath(PathContent, ref), key: &key}
	return c.fetch(ctx, q, of.Size, dst, told)
}

// fetch writes the whole of an answer of this size to dst, going on where a
// connection broke.
func (c *Client) fetch(ctx context.Context, q call, size int64, dst io.Writer, told Progress) error {
	var at int64
	return c.persist(ctx, func() (further time.Time, err error) {
		err = c.rest(ctx, q, size, &at, dst, func(n int64) {
			further = time.Now()
			told(n)
		})
		return further, err
	})
}

// rest copies what is missing, and moves at along with what dst has taken.
func (c *Client) rest(ctx context.Context, q call, size int64, at *int64, dst io.Writer, told Progress) error {
	body, err := c.from(ctx, q, *at, size)
	if err != nil {
		return err
	}
	defer body.Close()
	// The length of the answer is exactly what is missing: from insists on it.
	for buffer := make([]byte, 64<<10); ; {
		n, err := body.Read(buffer)
		if n > 0 {
			if _, err := dst.Write(buffer[:n]); err != nil {
				return err
			}
			*at += int64(n)
			told(*at)
		}
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
}
