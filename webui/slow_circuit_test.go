package webui

import (
	"fmt"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ashpost/webui/api"
)

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
