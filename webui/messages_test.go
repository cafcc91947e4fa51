package webui

import (
	"bytes"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ashpost/webui/api"
)

// TestLooksDoNotSpend is what previews, scanners and prefetchers do.
func TestLooksDoNotSpend(t *testing.T) {
	r := start(t, setup{})
	l := r.sent(1000)
	ref := l.ref.Encode()
	for i := range 1000 {
		method := []string{"GET", "HEAD"}[i%2]
		for _, path := range []string{"/m/" + ref, "/c/" + ref, l.path(api.PathClaim), l.path(api.PathContent), l.path(api.PathAcknowledge)} {
			if i%100 > 1 && path != "/m/"+ref {
				continue
			}
			r.do(method, path, nil, "Authorization", api.Bearer(l.claim))
		}
	}
	if !r.waiting(l) {
		t.Fatal("looking changed the message")
	}
	r.want(200, r.claim(l))
}

// TestOneReader lets 200 readers claim at once.
func TestOneReader(t *testing.T) {
	r := start(t, setup{})
	l := r.sent(1000)
	var won, lost atomic.Int64
	var all sync.WaitGroup
	gate := make(chan struct{})
	for range 200 {
		all.Go(func() {
			<-gate
			a, err := r.try("POST", l.path(api.PathClaim), nil, "Authorization", api.Bearer(l.claim),
				api.HeaderReader, api.NewKey().Verifier().Encode())
			switch {
			case err != nil:
				t.Errorf("claim: %v", err)
			case a.status == 200 && bytes.Equal(a.body, l.ciphertext):
				won.Add(1)
			case a.status == 403:
				lost.Add(1)
			default:
				t.Errorf("status %d", a.status)
			}
		})
	}
	close(gate)
	all.Wait()
	if won.Load() != 1 || lost.Load() != 199 {
		t.Errorf("%d readers won, %d lost", won.Load(), lost.Load())
	}
}

// TestLostAnswers repeats every request, as a client does whose circuit broke
// before the answer came.
func TestLostAnswers(t *testing.T) {
	r := start(t, setup{})
	l := r.letter(1000)
	first := r.want(201, r.put(l))
	r.turn(10 * time.Second)
	var one, two api.Receipt
	again := r.want(201, r.put(l))
	if err := errors.Join(json.Unmarshal(first.body, &one), json.Unmarshal(again.body, &two)); err != nil {
		t.Fatal(err)
	}
	if passed := one.ExpiresIn - two.ExpiresIn; passed < 10 || passed > 60 {
		t.Errorf("the receipt changed: %s, %s", first.body, again.body)
	}
	changed := *l
	changed.ciphertext = ageFile(1001)
	r.refused(api.CodeConflict, r.put(&changed))
	for range 2 {
		a := r.want(200, r.claim(l))
		if !bytes.Equal(a.body, l.ciphertext) || a.header.Get(api.HeaderSize) != "1000" ||
			a.header.Get(api.HeaderReading) != "once" || a.header.Get(api.HeaderLease) == "" || a.header.Get(api.HeaderExpiresIn) == "" {
			t.Errorf("claim: %v", a.header)
		}
	}
	for range 2 {
		if a := r.want(204, r.with(l.reader, "POST", l, api.PathAcknowledge)); len(a.body) != 0 {
			t.Errorf("body %q", a.body)
		}
	}
	r.refused(api.CodeGone, r.claim(l))
}

func TestAcknowledgeWithoutClaim(t *testing.T) {
	r := start(t, setup{})
	l := r.sent(1000)
	r.refused(api.CodeGone, r.with(l.reader, "POST", l, api.PathAcknowledge))
	if !r.waiting(l) {
		t.Error("the message is gone")
	}
}

func TestReadableUntilExpiry(t *testing.T) {
	r := start(t, setup{})
	l := r.letter(1000)
	l.reading = api.UntilExpiry
	r.want(201, r.put(l))
	for range 2 {
		a := r.want(200, r.claim(l))
		if a.header.Get(api.HeaderReading) != "until-expiry" || a.header.Get(api.HeaderLease) != "" {
			t.Errorf("claim: %v", a.header)
		}
		r.refused(api.CodeGone, r.with(l.reader, "POST", l, api.PathAcknowledge))
		r.want(200, r.with(l.claim, "GET", l, api.PathContent))
		l.reader = api.NewKey()
	}
	r.turn(time.Hour)
	r.refused(api.CodeGone, r.claim(l))
}

func TestRevoke(t *testing.T) {
	r := start(t, setup{})
	l, claimed := r.sent(1000), r.sent(1000)
	r.want(200, r.claim(claimed))
	if a := r.with(l.manage, "POST", l, api.PathRevoke); string(a.body) != `{"claimed":false}` {
		t.Errorf("revoke: %s", a.body)
	}
	if a := r.with(claimed.manage, "POST", claimed, api.PathRevoke); string(a.body) != `{"claimed":true}` {
		t.Errorf("revoke: %s", a.body)
	}
	r.refused(api.CodeGone, r.claim(l))
	r.refused(api.CodeGone, r.with(claimed.reader, "GET", claimed, api.PathContent))
}

// TestLeaseEnds: a reader who stops loses the message for good.
func TestLeaseEnds(t *testing.T) {
	r := start(t, setup{})
	l := r.sent(1000)
	r.want(200, r.claim(l))
	r.turn(11 * time.Minute)
	r.refused(api.CodeGone, r.claim(l))
	r.refused(api.CodeGone, r.with(l.reader, "GET", l, api.PathContent))
	r.refused(api.CodeGone, r.with(l.manage, "GET", l, api.PathState))
}
