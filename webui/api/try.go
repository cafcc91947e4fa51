package api

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// call is one request of the contract.
type call struct {
	method string
	path   string
	key    *Key
	header map[string]string
	kind   string // content type of the body; none when empty
	body   []byte
	want   int   // the status that means it was done
	room   int64 // the most that a large answer may have; 0 for a small one
	ends   bool  // "gone" after a try whose answer was lost means that this try did it
}

// limit is how long one try may take: a large body must make the floor, either way.
func (p pace) limit(q call) time.Duration {
	return p.try + time.Duration((int64(len(q.body))+q.room)/p.floor)*time.Second
}

// once sends the call once. The answer has the wanted status; its content type
// is still to be checked. Its body is open until stop is called.
func (c *Client) once(ctx context.Context, q call) (*http.Response, context.CancelFunc, error) {
	ctx, stop := context.WithCancelCause(ctx)
	end := func() { stop(context.Canceled) }
	late := time.AfterFunc(c.pace.limit(q), func() { stop(errLate) })
	defer late.Stop()
	req, err := c.request(ctx, q)
	if err != nil {
		end()
		return nil, nil, err
	}
	resp, err := c.http.Do(req)
	if err == nil {
		c.met.Store(true)
		err = accept(ctx, resp, q.want)
	} else {
		err = broken(ctx, err)
	}
	if err != nil {
		end()
		return nil, nil, err
	}
	return resp, end, nil
}

// errLate ends a try whose answer does not begin in time.
var errLate = &Broken{What: "the service did not answer in time"}

func (c *Client) request(ctx context.Context, q call) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, q.method, c.base+q.path, bytes.NewReader(q.body))
	if err != nil {
		return nil, errors.New("the request could not be made")
	}
	req.Header.Set("User-Agent", "") // says nothing about the client
	if q.key != nil {
		req.Header.Set("Authorization", Bearer(*q.key))
	}
	if q.kind != "" {
		req.Header.Set("Content-Type", q.kind)
	}
	for name, value := range q.header {
		req.Header.Set(name, value)
	}
	return req, nil
}

// do sends the call until it is answered, and takes the answer in with read.
func (c *Client) do(ctx context.Context, q call, read func(context.Context, *http.Response) error) error {
	tries, lost := 0, false
	return c.persist(ctx, func() (time.Time, error) {
		began := time.Now()
		// The answer's body counts towards the try: a service must not hold
		// the client with a byte a minute.
		limited, cancel := context.WithTimeoutCause(ctx, c.pace.limit(q), errLate)
		defer cancel()
		var by carrier
		resp, stop, err := c.once(by.on(limited), q)
		if q.ends && lost && errors.Is(err, ErrGone) {
			return time.Time{}, nil
		}
		if err != nil {
			lost = lost || errors.As(err, new(*Broken)) && by.lastTaken().After(began)
			if tries++; tries > c.pace.resends {
				return time.Time{}, err
			}
			return by.lastTaken(), err
		}
		defer stop()
		defer resp.Body.Close()
		return time.Time{}, read(limited, resp)
	})
}

// carrier knows the connection that a try goes over, and when it last took some
// of a request: a part that goes up for minutes and then breaks was not waited
// for in vain.
type carrier struct{ conn atomic.Pointer[watched] }

// on makes the transport name the connection.
func (c *carrier) on(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		if w, ok := info.Conn.(*watched); ok {
			c.conn.Store(w)
		}
	}})
}

func (c *carrier) lastTaken() time.Time {
	if w := c.conn.Load(); w != nil {
		if at := w.taken.Load(); at != nil {
			return *at
		}
	}
	return time.Time{}
}

// persist repeats try while the failure is one that passes: a broken connection
// or a busy service. A try says when it last got further, which starts the
// patience anew.
func (c *Client) persist(ctx context.Context, try func() (further time.Time, err error)) error {
	begin, pause := time.Now(), c.pace.pause
	for {
		further, err := try()
		if further.After(begin) {
			begin, pause = further, c.pace.pause
		}
		wait, passes := c.passes(err, pause)
		if !passes || time.Since(begin)+wait > c.pace.patience {
			return err
		}
		pause = min(2*pause, c.pace.longest)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// passes says whether to try again after err, and after how long. The pause is
// spread so that clients cut off together do not come back together.
func (c *Client) passes(err error, pause time.Duration) (time.Duration, bool) {
	spread := pause/2 + rand.N(pause)
	var b *Broken
	if errors.As(err, &b) {
		return spread, !b.final || c.met.Load()
	}
	var refused *Error
	if errors.As(err, &refused) && refused.Code == CodeBusy {
		return min(max(spread, refused.RetryAfter), 3*c.pace.longest), true
	}
	return 0, false
}
