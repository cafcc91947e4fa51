package webui

import (
	"bytes"
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"ashpost/webui/api"
)

// TestGoClient takes messages of every kind through the contract's own
// client, which is strict about what it is answered.
func TestGoClient(t *testing.T) {
	t.Run("plain", func(t *testing.T) { testGoClient(t, func(*api.Client) {}) })
	t.Run("through a channel", func(t *testing.T) { testGoClient(t, (*api.Client).ThroughChannel) })
}

func testGoClient(t *testing.T, prepare func(*api.Client)) {
	r := start(t, setup{})
	c, err := api.NewClient("http://"+r.host, new(net.Dialer).DialContext)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	prepare(c)
	ctx := t.Context()
	for _, size := range []int{500, api.SmallSize, api.SmallSize + 1, api.PartSize, 2*api.PartSize + 99} {
		for _, reading := range []api.Reading{api.Once, api.UntilExpiry} {
			if err := trip(ctx, c, ageFile(size), reading); err != nil {
				t.Errorf("%d bytes, %s: %v", size, reading, err)
			}
		}
	}
	if s, err := c.Service(ctx); err != nil || s.State != api.Open {
		t.Errorf("service: %v %v", s, err)
	}
	r.halt()
	r.turn(76 * time.Minute)
	if _, err := c.State(ctx, api.Reference{}, api.NewKey()); !errors.Is(err, api.ErrLocked) {
		t.Errorf("locked: %v", err)
	}
}

func trip(ctx context.Context, c *api.Client, file []byte, reading api.Reading) error {
	claim, manage, reader := api.NewKey(), api.NewKey(), api.NewKey()
	res, err := c.Reserve(ctx)
	if err != nil {
		return err
	}
	t := api.Terms{ExpiresIn: 3600, Reading: reading, Claim: claim.Verifier(), Manage: manage.Verifier()}
	size := int64(len(file))
	if _, err := c.UploadStream(ctx, res, bytes.NewReader(file), size, t, func(int64) {}); err != nil {
		return err
	}
	got, err := c.Claim(ctx, res.Reference, claim, reader.Verifier())
	if err != nil {
		return err
	}
	key := reader
	if reading == api.UntilExpiry {
		key = claim
	}
	var whole bytes.Buffer
	if err := c.Download(ctx, res.Reference, key, got, &whole, func(int64) {}); err != nil {
		return err
	}
	if !bytes.Equal(whole.Bytes(), file) {
		return errors.New("the content differs")
	}
	if s, err := c.State(ctx, res.Reference, manage); err != nil || s.State != api.Taken {
		return errors.Join(err, errors.New("the sender does not see the reading"))
	}
	if reading == api.Once {
		err = c.Acknowledge(ctx, res.Reference, reader)
	} else {
		_, err = c.Revoke(ctx, res.Reference, manage)
	}
	if _, gone := c.State(ctx, res.Reference, manage); !errors.Is(gone, api.ErrGone) {
		return errors.New("still there")
	}
	return err
}

// TestBrokenConnections: a message of several parts comes up and down over
// connections that break midway, each end going on where it was.
func TestBrokenConnections(t *testing.T) {
	r := start(t, setup{})
	var dialed, broke atomic.Int64
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		b := &brittle{Conn: conn, broke: &broke}
		b.left.Store(1 << 20) // not enough for a part
		if dialed.Add(1)%2 == 0 {
			b.left.Store(6 << 20)
		}
		return b, err
	}
	c, err := api.NewClient("http://"+r.host, dial)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := trip(t.Context(), c, ageFile(2*api.PartSize+99), api.Once); err != nil {
		t.Error(err)
	}
	if n := broke.Load(); n < 4 {
		t.Errorf("only %d connections broke: the test is blind", n)
	}
}

// brittle breaks after so many bytes in both directions.
type brittle struct {
	net.Conn
	left  atomic.Int64
	broke *atomic.Int64
}

func (b *brittle) Read(p []byte) (int, error)  { return b.move(p, b.Conn.Read) }
func (b *brittle) Write(p []byte) (int, error) { return b.move(p, b.Conn.Write) }

func (b *brittle) move(p []byte, do func([]byte) (int, error)) (int, error) {
	n, err := do(p)
	if before := b.left.Add(-int64(n)) + int64(n); before > 0 && before <= int64(n) {
		b.broke.Add(1)
		b.Conn.Close()
	}
	return n, err
}
