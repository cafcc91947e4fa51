package webui

import (
	"bytes"
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"ashpost/webui/api"
)

// TestGoClient takes messages of every kind through the contract's own
// client, which is strict about what it is answered.
func TestGoClient(t *testing.T) {
	r := start(t, setup{})
	c, err := api.NewClient("http://"+r.host, new(net.Dialer).DialContext)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
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
