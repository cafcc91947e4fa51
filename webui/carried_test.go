package webui

import (
	"bytes"
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"filippo.io/age"

	"ashpost/vault"
	"ashpost/webui/api"
)

// clientOf is the Go client of an owner.
func (r *rig) clientOf(i *age.HybridIdentity) *api.Client {
	r.Helper()
	anyone, err := api.NewClient("http://"+r.host, func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, r.host)
	})
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(anyone.Close)
	anyone.ThroughChannel()
	return anyone.WithOwner(i.Recipient().String(), answers(i))
}

// TestLettersComeAlong: the list is the same as without them, each file is that of its
// message, and asking from where they end gives the others.
func TestLettersComeAlong(t *testing.T) {
	r := start(t, setup{})
	b := r.opened(1)
	var want [][]byte // oldest first; nil is large
	for _, size := range []int{9000, api.SmallSize, 3000, api.SmallSize + 1, api.SmallSize, api.SmallSize, api.SmallSize, 2000, api.SmallSize} {
		file := r.written(b, size).ciphertext
		if size > api.SmallSize {
			file = nil
		}
		want = append(want, file)
	}
	owner := r.clientOf(b.owners[0])
	answers := 0
	for before, i := uint64(0), len(want)-1; i >= 0; answers++ {
		list, err := owner.List(t.Context(), b.id, before)
		if err != nil {
			t.Fatal(err)
		}
		got, err := owner.Letters(t.Context(), b.id, before)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Facts(), list.Facts()) {
			t.Errorf("%+v instead of %+v", got.List, list)
		}
		for n, file := range got.Files {
			if file == nil && want[i] != nil {
				break
			}
			if !bytes.Equal(file, want[i]) {
				t.Errorf("message %d changed on its way", i)
			}
			before, i = got.Messages[n].Serial, i-1
		}
	}
	if answers != 2 {
		t.Errorf("%d answers", answers)
	}
}

// TestLettersOfAHundred: with one key, a page of small messages comes at once.
func TestLettersOfAHundred(t *testing.T) {
	r := start(t, setup{})
	b := r.opened(1)
	for range api.MaxListed + 1 {
		r.written(b, 8192+2000) // the smallest, and more than its header
	}
	got, err := r.clientOf(b.owners[0]).Letters(t.Context(), b.id, 0)
	if err != nil || len(got.Messages) != api.MaxListed || !got.More || got.Count != api.MaxListed+1 {
		t.Fatalf("%d of %d, %v", len(got.Messages), got.Count, err)
	}
	for i, file := range got.Files {
		if file == nil {
			t.Errorf("message %d did not come along", i)
		}
	}
}

// TestDestroyedOnTheWay: what is destroyed after the list was made is zeros, whole,
// and the others are there. A lock ends the answer.
func TestDestroyedOnTheWay(t *testing.T) {
	r := start(t, setup{})
	b := r.opened(1)
	var sent []*letter
	for range 4 {
		sent = append(sent, r.written(b, 100_000))
	}
	begin := func() *download {
		t.Helper()
		out, err := r.s.letters(&call{inbox: vault.InboxID(b.id), info: vault.InboxInfo{Kind: vault.KindInbox}})
		if err != nil {
			t.Fatal(err)
		}
		return out.down
	}
	destroy := func(l *letter) {
		t.Helper()
		if err := r.v.DestroyLetter(vault.InboxID(b.id), vault.Reference(l.ref)); err != nil {
			t.Fatal(err)
		}
	}
	d := begin()
	destroy(sent[2])
	piece := make([]byte, api.SmallSize)
	all := []byte{}
	for len(all) < int(d.size) {
		n, err := d.read(piece, int64(len(all)))
		if err != nil || n == 0 {
			t.Fatal(n, err)
		}
		if all = append(all, piece[:n]...); len(all) == n {
			destroy(sent[0]) // between two pieces
		}
	}
	size := len(sent[0].ciphertext)
	all = all[len(all)-4*size:]
	zeros := make([]byte, size)
	for i, want := range [][]byte{sent[3].ciphertext, zeros, sent[1].ciphertext, zeros} {
		if !bytes.Equal(all[i*size:][:size], want) {
			t.Errorf("file %d is not what it should be", i)
		}
	}
	d = begin()
	r.halt()
	r.turn(76 * time.Minute)
	if _, err := d.read(piece, 0); !errors.Is(err, vault.ErrLocked) {
		t.Errorf("while locked: %v", err)
	}
}
