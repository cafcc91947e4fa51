package webui

import (
	"bytes"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"

	"ashpost/webui/api"
	"ashpost/webui/api/channel"
)

// TestReaderInAChannelUnderFlood: with the total of wrong proofs used up, a
// reader whose channel was forgotten in the middle is not kept waiting.
func TestReaderInAChannelUnderFlood(t *testing.T) {
	r := start(t, setup{onion: true, limits: func(l *limits) { l.budget.wrong = allowance{burst: 20, rate: 1. / 3600} }})
	l := r.through(1).sent(9000)
	reader := r.through(2)
	reader.sealed()
	r.want(200, reader.claim(l))
	for id := range uint32(20) {
		garbage(r.through(100 + id))
	}
	if n := r.s.Counters(); n.Wrong < 10 {
		t.Fatalf("that was no flood: %+v", n)
	}
	if err := r.s.channels.Forget(); err != nil {
		t.Fatal(err)
	}
	r.want(204, reader.with(l.reader, "POST", l, api.PathAcknowledge))
}

// garbage is sent to a channel that there is, and opens nothing.
func garbage(r *rig) {
	tap := r.sealed()
	r.do("GET", "/api/v1/nothing", nil)
	record := bytes.Clone(tap.records[0])
	record[len(record)-1] ^= 1
	r.refused(api.CodeChannel, r.record(tap, record, asRecord...))
}

// TestWrongRecords: what does not open counts as a wrong proof; a channel that
// there is not, and a key that is gone, do not.
func TestWrongRecords(t *testing.T) {
	r := start(t, setup{})
	tap := r.sealed()
	r.do("GET", "/api/v1/nothing", nil)
	first := bytes.Clone(tap.records[0])
	wrong := func(record []byte) int64 {
		before := r.s.Counters().Wrong
		r.refused(api.CodeChannel, r.record(tap, record, asRecord...))
		return r.s.Counters().Wrong - before
	}
	unknown := bytes.Clone(first)
	unknown[1], unknown[2] = 0, unknown[2]^1
	if n := wrong(unknown); n != 0 {
		t.Error("an unknown channel counts as a wrong proof")
	}
	if n := wrong(first); n != 1 {
		t.Error("a replay counts as none")
	}
	if err := r.s.channels.Forget(); err != nil {
		t.Fatal(err)
	}
	if n := wrong(first); n != 0 {
		t.Error("an opening to a key that is gone counts as a wrong proof")
	}
	other := bytes.Clone(first)
	other[2] ^= 1 // the opening is not of this id
	if n := wrong(other); n != 1 {
		t.Error("another id counts as none")
	}
}

// TestOpeningsOfACircuit: one circuit cannot take all the channels there are, and
// goes on with the one it has.
func TestOpeningsOfACircuit(t *testing.T) {
	r := start(t, setup{onion: true, limits: func(l *limits) { l.pace.openings = allowance{3, 1. / 3600, time.Minute} }})
	one := r.through(1)
	one.sealed()
	r.want(404, one.do("GET", "/api/v1/nothing", nil))
	for n, want := range []int{404, 404, 429} {
		more := r.through(1)
		more.sealed()
		if a := more.do("GET", "/api/v1/nothing", nil); a.status != want {
			t.Errorf("opening %d: %d instead of %d", n+2, a.status, want)
		}
	}
	r.want(404, one.do("GET", "/api/v1/nothing", nil))
	other := r.through(2)
	other.sealed()
	r.want(404, other.do("GET", "/api/v1/nothing", nil))
}

// TestOverLimitInAChannel: whoever is over a limit loses the stream, and the
// circuit when it does not wait, as outside of a channel; any other refusal ends
// nothing.
func TestOverLimitInAChannel(t *testing.T) {
	few := allowance{burst: 2, rate: 1. / 3600, wait: 7 * time.Second}
	nobody := &letter{ref: api.Reference{1}, upload: api.NewKey(), claim: api.NewKey(), reader: api.NewKey()}
	for name, c := range map[string]struct {
		limit        func(*pace)
		method, path string
		body         []byte
		head         []string
		status       int
	}{
		"reservations": {func(p *pace) { p.creates = few }, "POST", api.PathReservations, nil, nil, 201},
		"wrong proofs": {func(p *pace) { p.wrong = few }, "POST", nobody.path(api.PathClaim), nil,
			[]string{"Authorization", api.Bearer(nobody.claim), api.HeaderReader, nobody.reader.Verifier().Encode()}, 403},
		"bytes": {func(p *pace) { p.bytes = few; p.bytes.burst *= 1000 }, "PUT", api.PartPath(nobody.ref, 1), make([]byte, 1000),
			[]string{"Authorization", api.Bearer(nobody.upload), "Content-Type", api.TypeBinary}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			told := make(chan uint32, 10)
			r := start(t, setup{onion: true, close: func(id uint32) error { told <- id; return nil }, limits: func(l *limits) {
				l.pace.refusals = allowance{burst: 1, rate: 1. / 3600}
				c.limit(&l.pace)
			}})
			bad := r.through(257)
			tap := bad.sealed()
			bad.refused(api.CodeBadRequest, bad.do("PUT", api.PartPath(nobody.ref, 1), make([]byte, 9)))
			if tap.last {
				t.Error("a refusal of what was read ends the stream")
			}
			for range 2 {
				if bad.want(c.status, bad.do(c.method, c.path, c.body, c.head...)); tap.last {
					t.Error("the stream ends although all is well")
				}
			}
			a := bad.refused(api.CodeBusy, bad.do(c.method, c.path, c.body, c.head...))
			if a.header.Get("Retry-After") != "7" || !tap.last {
				t.Errorf("wait %q, last %v", a.header.Get("Retry-After"), tap.last)
			}
			if a, err := bad.try(c.method, c.path, c.body, c.head...); err == nil {
				t.Errorf("answered with %d", a.status)
			}
			select {
			case id := <-told:
				if id != 257 {
					t.Errorf("closed %d", id)
				}
			case <-time.After(time.Minute):
				t.Error("Tor was not told")
			}
		})
	}
}

// TestUploadsAreChargedOnce: before they are read, and not again inside.
func TestUploadsAreChargedOnce(t *testing.T) {
	r := start(t, setup{onion: true, limits: func(l *limits) { l.pace.bytes = allowance{burst: 300_000, rate: 1, wait: time.Minute} }})
	one := r.through(1)
	one.sealed()
	l := one.letter(200_000)
	r.want(201, one.put(l))
	before := r.s.Counters().Limited
	second := one.letter(200_000)
	r.want(429, one.put(second))
	if n := r.s.Counters().Limited - before; n != 1 {
		t.Errorf("refused %d times", n)
	}
	r.want(200, one.claim(l)) // which brings nothing
}

// TestSlowRecords: what is too slow may be sent again, but a circuit that is so
// again and again waits with its uploads inside of channels, too.
func TestSlowRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, setup{onion: true, pipes: true})
		head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n",
			channel.Path, r.host, channel.ContentType, api.PartSize)
		record := func() string {
			conn, _ := r.stream(1)
			return trickle(conn, head, api.PartSize, 1)
		}
		slow := make(chan string, 8)
		for range 8 {
			go func() { slow <- record() }()
		}
		for range 8 {
			if got := <-slow; got != "HTTP/1.1 429" {
				t.Errorf("a byte a second: %q", got)
			}
		}
		if n := r.s.Counters(); n.Slow != 8 || n.Limited != 0 {
			t.Errorf("%+v", n)
		}
		if got := record(); got != "HTTP/1.1 429" || r.s.Counters().Limited != 1 {
			t.Errorf("the same circuit: %q", got)
		}
	})
}

// TestKeysGoByThemselves: with a lock, and in time, also when nobody asks for
// anything.
func TestKeysGoByThemselves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, setup{onion: true, pipes: true})
		s := New(r.v, Config{})
		defer s.Shutdown(t.Context())
		recipient := func() string {
			got, err := s.channels.Recipient()
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		before := recipient()
		r.halt()
		r.turn(76 * time.Minute) // and the vault locks
		time.Sleep(tidyEvery)
		synctest.Wait()
		if r.v.Status().Open || recipient() == before {
			t.Error("the key outlives the lock")
		}
	})
}

// TestBrokenOffInside: what breaks off inside breaks the connection outside.
func TestBrokenOffInside(t *testing.T) {
	r := start(t, setup{})
	r.s.echo.GET("/api/v1/breaks", func(c echo.Context) error {
		c.Response().Header().Set("Content-Length", "200000")
		c.Response().WriteHeader(200)
		c.Response().Write(make([]byte, 100_000))
		panic(http.ErrAbortHandler)
	})
	r.s.echo.GET("/api/v1/panics", func(c echo.Context) error { panic("secret") })
	r.sealed()
	if a, err := r.try("GET", "/api/v1/breaks", nil); err == nil {
		t.Errorf("taken for whole: %d bytes", len(a.body))
	}
	r.refused(api.CodeInternal, r.do("GET", "/api/v1/panics", nil))
}
