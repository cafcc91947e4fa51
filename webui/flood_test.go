package webui

import (
	"fmt"
	"io"
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
		if got := r.v.Status().Bytes; got > quota/2+large || got < quota/2-large {
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
		if free := s.Quota - s.Bytes; free < quota/20 || !s.Open {
			t.Errorf("%d bytes are free: %+v", free, s)
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

// TestSlowCircuits: 500 connections over 25 circuits announce a body and send
// next to none of it. Everybody else is served.
func TestSlowCircuits(t *testing.T) {
	r := start(t, setup{onion: true})
	for i := range 500 {
		l := &letter{}
		conn, err := r.stream(100 + uint32(i/20))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "PUT %s HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\nx",
			l.path(api.PathMessage), r.host, api.Bearer(l.upload), api.TypeBinary, []int{8000, api.SmallSize, api.PartSize}[i%3])
	}
	honest := r.through(1)
	l := honest.sent(9000)
	r.want(200, honest.claim(l))
	r.want(204, honest.with(l.reader, "POST", l, api.PathAcknowledge))
	if n := r.s.Counters(); n.Limited+n.Crowded+n.Closed != 0 {
		t.Errorf("%+v", n)
	}
}

// TestGreedyCircuit: one circuit that keeps every buffer busy, fast enough not
// to count as slow, makes way for another, and keeps what nobody waits for.
func TestGreedyCircuit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, setup{onion: true, pipes: true})
		part := func(id uint32, everySecond int) string {
			conn, _ := r.stream(id)
			return trickle(conn, r.part(), api.PartSize, everySecond)
		}
		greedy := make(chan string, 24)
		for range 24 {
			go func() { greedy <- part(1, 64<<10) }()
		}
		time.Sleep(5 * time.Second)
		for range 3 {
			if got := part(2, 1<<20); got != "HTTP/1.1 403" { // no such message, after the whole part
				t.Errorf("the other circuit: %q", got)
			}
		}
		through := 0
		for range 24 {
			if got := <-greedy; got == "HTTP/1.1 403" {
				through++
			} else if got != "HTTP/1.1 429" {
				t.Errorf("the greedy one: %q", got)
			}
		}
		if through < 5 {
			t.Errorf("only %d of its parts came through", through)
		}
	})
}

// TestSlowParts: the same with the large buffers, of which there are few. Who
// comes again when told to is served.
func TestSlowParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, setup{onion: true, pipes: true})
		part := func(id uint32, everySecond int) string {
			conn, _ := r.stream(id)
			return trickle(conn, r.part(), api.PartSize, everySecond)
		}
		var all sync.WaitGroup
		for i := range 500 {
			all.Go(func() { part(100+uint32(i/20), 5<<10) })
		}
		time.Sleep(time.Second)
		begin, got := time.Now(), ""
		for got != "HTTP/1.1 403" {
			if got = part(1, 256<<10); got == "HTTP/1.1 429" {
				time.Sleep(5 * time.Second)
			}
		}
		if took := time.Since(begin); took > time.Minute {
			t.Errorf("another waited %v", took)
		}
		all.Wait()
	})
}

// part is the head of a request that sends a whole part, and is then refused.
func (r *rig) part() string {
	return fmt.Sprintf("PUT %s HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n",
		api.PartPath(api.Reference{1}, 1), r.host, api.Bearer(api.NewKey()), api.TypeBinary, api.PartSize)
}

// TestTooSlow: both ways, slower than the floor is ended, and a circuit that
// does it again and again waits; slow is served.
func TestTooSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, setup{onion: true, pipes: true})
		part := func(id uint32, everySecond int) string {
			conn, _ := r.stream(id)
			return trickle(conn, r.part(), api.PartSize, everySecond)
		}
		slow := make(chan string, 8)
		for range 8 {
			go func() { slow <- part(1, 1) }()
		}
		for range 8 {
			if got := <-slow; got != "HTTP/1.1 400" {
				t.Errorf("a byte a second: %q", got)
			}
		}
		if got := part(1, 1<<20); got != "HTTP/1.1 429" {
			t.Errorf("the same circuit: %q", got)
		}
		if got := part(2, 8<<10); got != "HTTP/1.1 403" {
			t.Errorf("8 KB/s: %q", got)
		}
		reader := r.through(3)
		l := reader.sentInParts(512 << 10)
		r.want(200, reader.claim(l))
		for everySecond, whole := range map[int64]bool{1 << 10: false, 8 << 10: true} {
			res, begin := reader.stalled(l), time.Now()
			var err error
			for err == nil {
				_, err = io.CopyN(io.Discard, res.Body, everySecond)
				time.Sleep(time.Second)
			}
			if (err == io.EOF) != whole {
				t.Errorf("a download at %d bytes a second: %v", everySecond, err)
			}
			if held := time.Since(begin); !whole && held > 3*time.Minute {
				t.Errorf("held for %v", held)
			}
		}
		if n := r.s.Counters(); n.Slow != 9 || n.Limited != 1 {
			t.Errorf("%+v", n)
		}
	})
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
