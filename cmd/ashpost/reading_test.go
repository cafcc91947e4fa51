package main

import (
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"ashpost/webui/api"
)

// TestRoom: a service may say any size; nothing is fetched that has no room.
func TestRoom(t *testing.T) {
	p, err := openPlace(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	for _, c := range []struct {
		size    int64
		reading api.Reading
		hint    string
	}{
		{1, api.Once, ""},
		{math.MaxInt64, api.Once, "no other try can claim it"},
		{math.MaxInt64, api.UntilExpiry, "still at the service"},
	} {
		r := &reading{t: &tui{out: io.Discard, err: io.Discard}, unpacking: unpacking{place: p}, claimed: api.Claimed{Size: c.size, Reading: c.reading}}
		err := r.room(t.Context())
		var f *failure
		switch {
		case c.hint == "" && err != nil:
			t.Errorf("%d bytes: %v", c.size, err)
		case c.hint != "" && (!errors.As(err, &f) || f.code != exitRefused || !strings.Contains(f.hint, c.hint)):
			t.Errorf("%d bytes, %s: %+v", c.size, c.reading, f)
		}
	}
}
