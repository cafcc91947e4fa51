package webui

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"ashpost/vault"
	"ashpost/webui/api"
)

// TestWrongProofFlood guesses at a message over ever new circuits until the
// total is used up. That neither destroys it nor locks, and whoever comes with
// the right proof then is not kept waiting.
func TestWrongProofFlood(t *testing.T) {
	r := start(t, setup{onion: true, limits: func(l *limits) { l.budget.wrong = allowance{burst: 200, rate: 1. / 3600} }})
	l := r.through(1).sent(9000)
	var all sync.WaitGroup
	for id := range uint32(60) {
		all.Go(func() {
			bad := r.through(1000 + id)
			wrong := *l
			for range 10 {
				wrong.claim, wrong.manage, wrong.reader = api.NewKey(), api.NewKey(), api.NewKey()
				for _, a := range []reply{bad.claim(&wrong), bad.with(wrong.manage, "POST", &wrong, api.PathRevoke),
					bad.with(wrong.reader, "POST", &wrong, api.PathAcknowledge)} {
					if a.status != 403 && a.status != 429 {
						t.Errorf("a wrong proof gets %d", a.status)
					}
				}
			}
		})
	}
	all.Wait()
	if n := r.s.Counters(); n.Wrong < 100 || n.Crowded == 0 {
		t.Fatalf("that was no flood: %+v", n)
	}
	if !r.v.Status().Open || !r.through(2).waiting(l) {
		t.Error("the flood locked or destroyed")
	}
	reader := r.through(3)
	r.want(200, reader.claim(l))
	r.want(204, reader.with(l.reader, "POST", l, api.PathAcknowledge))
}

// TestFullFlood sends as much as it can for three hours, over a fresh circuit
// each time. The vault never fills, and who sends something small next to it
// waits seconds.
func TestFullFlood(t *testing.T) {
	const quota, large = 16 << 20, 256 << 10
	synctest.Test(t, func(t *testing.T) {
		r := start(t, setup{onion: true, pipes: true, vault: vault.Options{Quota: quota}})
		id, stored := uint32(100), 0
		flood := func() {
			for {
				bad := r.through(id)
				id++
				l := bad.letter(large)
				l.expires = "604800"
				a := bad.put(l)
				bad.client.CloseIdleConnections()
				if a.status != 201 {
					r.refused(api.CodeBusy, a)
					return
				}
				stored++
			}
		}
		flood()
		const half = quota * vault.FullAt / 100 / 2
		if got := r.v.Status().Bytes; got > half+large || got < half-large {
			t.Errorf("%d of %d bytes are taken at once", got, quota)
		}
		for range 18 {
			time.Sleep(10 * time.Minute)
			r.turn(time.Second) // the vault's clock is not the limits'
			flood()
			honest := r.through(1)
			l, a := honest.letter(8<<10), reply{}
			for wait := 0; a.status != 201; wait += 5 {
				if a = honest.put(l); a.status != 201 {
					r.refused(api.CodeBusy, a)
					time.Sleep(5 * time.Second) // as it is told
				}
				if wait > 60 {
					t.Fatal("the flood keeps others out")
				}
			}
			r.want(200, honest.claim(l))
			r.want(204, honest.with(l.reader, "POST", l, api.PathAcknowledge))
		}
		s := r.v.Status()
		t.Logf("%d messages, %d of %d bytes taken", stored, s.Bytes, s.Quota)
		if free := s.Quota*vault.FullAt/100 - s.Bytes; free < quota/20 || !s.Open {
			t.Errorf("%d bytes may still be taken: %+v", free, s)
		}
	})
}

// TestReservationFlood: over fresh circuits no more begin than leave an upload
// under way its time.
func TestReservationFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, setup{onion: true, pipes: true})
		s := r.s
		slow := r.through(1).letter(1000)
		begun, most := 0, s.budget.creates
		for id := uint32(100); id < 700; id++ { // ten minutes
			for k := s.pace.circuit(id); s.mayCreate(k) == nil; begun++ {
				if _, _, err := r.v.Reserve(); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(time.Second)
		}
		if least := most.burst; begun < least || begun > 4095 {
			t.Errorf("%d began", begun)
		}
		r.want(201, r.through(2).put(slow))
	})
}

// TestFair: the less of a total is left, the less a circuit may have drawn.
func TestFair(t *testing.T) {
	for _, c := range []struct {
		left, drawn, n int
		want           bool
	}{
		{100, 0, 1, true}, {100, 10, 1, true}, {100, 10, 100, true}, {51, 10, 1, true}, {50, 10, 1, false}, {50, 5, 1, true},
		{26, 5, 1, true}, {25, 5, 1, false}, {1, 0, 1, true}, {0, 0, 1, false}, {0, 0, 0, true}, {0, 1, 0, false},
		{100, 0, 1000, true}, {99, 0, 1000, false},
	} {
		total, own := rate.NewLimiter(0, 100), rate.NewLimiter(0, 10)
		total.AllowN(time.Now(), 100-c.left)
		own.AllowN(time.Now(), c.drawn)
		if fair(total, own, c.n) != c.want {
			t.Errorf("%+v", c)
		}
	}
}

// TestPersonMeetsNoLimit does at once what somebody with a browser, or a team
// behind one program, may ever do.
func TestPersonMeetsNoLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, setup{onion: true, pipes: true})
		one, s := r.through(1), r.s
		page := func() {
			for range 4 {
				r.want(200, one.do("GET", "/how", nil))
			}
		}
		for range 50 { // tabs
			page()
		}
		for range 20 {
			l := one.sent(9000)
			r.want(200, one.claim(l))
			r.want(204, one.with(l.reader, "POST", l, api.PathAcknowledge))
			r.refused(api.CodeGone, one.with(l.manage, "GET", l, api.PathState))
		}
		conn := r.open(1)
		k := s.crowd.circuits[1]
		for range 4 * 25 { // parts of 4 messages of 100 MiB
			if err := s.mayBring(k, api.PartSize); err != nil {
				t.Fatal(err)
			}
			s.brought(k, api.PartSize)
		}
		for range 32 { // readers at once
			if _, err := s.stream.borrow(k, nil); err != nil || s.mayTake(k) != nil {
				t.Fatal("a download is refused")
			}
		}
		conn.Close()
		for range 60 { // and then goes on
			time.Sleep(time.Minute)
			for range 20 {
				page()
			}
			r.want(201, one.put(one.letter(9000)))
			if err := s.mayBring(k, 10<<20); err != nil {
				t.Fatal(err)
			}
			s.brought(k, 10<<20)
		}
		if n := s.Counters(); n.Limited+n.Crowded+n.Closed+n.Refused != 0 {
			t.Errorf("%+v", n)
		}
	})
}
