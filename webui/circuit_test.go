package webui

import (
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ashpost/webui/api"
)

// TestStreams: a stream of the onion's socket is served if it begins as Tor's
// do, however it is cut, and else ends without an answer.
func TestStreams(t *testing.T) {
	r := start(t, setup{onion: true})
	request := "GET /how HTTP/1.1\r\nHost: test.onion\r\n\r\n"
	for name, c := range map[string]struct {
		pieces  []string
		answers int
	}{
		"apart":          {[]string{preamble(7), request}, 1},
		"together":       {[]string{preamble(7) + request}, 1},
		"byte by byte":   {strings.Split(preamble(7)+request, ""), 1},
		"two requests":   {[]string{preamble(7) + request + request}, 2},
		"none":           {[]string{request}, 0},
		"after the fact": {[]string{request + preamble(7)}, 0},
		"other":          {[]string{"PROXY UNKNOWN\r\n" + request}, 0},
		"half":           {[]string{preamble(7)[:20], request}, 0},
		"endless":        {[]string{strings.Repeat(preambleStart, 100)}, 0},
	} {
		refused := r.s.Counters().Refused
		conn, err := net.Dial("unix", r.socket)
		if err != nil {
			t.Fatal(err)
		}
		conn.SetDeadline(time.Now().Add(time.Minute))
		for _, p := range c.pieces {
			io.WriteString(conn, p) // the server may have closed it
		}
		conn.(*net.UnixConn).CloseWrite()
		got, _ := io.ReadAll(conn) // a reset is an end, too
		if n := strings.Count(string(got), "HTTP/1.1 200 "); n != c.answers || n == 0 && len(got) > 0 {
			t.Errorf("%s: %d answers\n%.200s", name, n, got)
		}
		if (r.s.Counters().Refused > refused) != (c.answers == 0) {
			t.Errorf("%s: counted %d", name, r.s.Counters().Refused-refused)
		}
		conn.Close()
	}
}

// TestSilentStream: the line that Tor writes at once is not waited for long.
func TestSilentStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, setup{onion: true, pipes: true})
		for _, begin := range []string{"", "P", preamble(1), preamble(1) + "GET / HT"} {
			conn, since := r.pipes.dial(), time.Now()
			io.WriteString(conn, begin)
			io.Copy(io.Discard, conn)
			if held := time.Since(since); held > 40*time.Second {
				t.Errorf("%q held for %v", begin, held)
			}
			conn.Close()
		}
	})
}

// TestCircuitLimits drives one circuit over each of its limits. It is told to
// wait; when it does not, all its streams end, and Tor is told once. Another
// circuit has all that it asks for, before and after.
func TestCircuitLimits(t *testing.T) {
	few := allowance{burst: 5, rate: 1. / 3600, wait: 7 * time.Second}
	b := (&rig{TB: t}).newBox(1)
	nobody := &letter{ref: api.Reference{1}, upload: api.NewKey(), claim: api.NewKey(), reader: api.NewKey()}
	for name, c := range map[string]struct {
		limit        func(*pace)
		method, path string
		body         []byte
		head         []string
		status       int
	}{
		"requests": {func(p *pace) { p.requests = few; p.requests.burst++ }, // one opens a stream
			"GET", "/how", nil, nil, 200},
		"reservations": {func(p *pace) { p.creates = few },
			"POST", api.PathReservations, nil, nil, 201},
		"wrong proofs": {func(p *pace) { p.wrong = few },
			"POST", nobody.path(api.PathClaim), nil, []string{"Authorization", api.Bearer(nobody.claim), api.HeaderReader, nobody.reader.Verifier().Encode()}, 403},
		"bytes": {func(p *pace) { p.bytes = few; p.bytes.burst *= 1000 },
			"PUT", api.PartPath(nobody.ref, 1), make([]byte, 1000), []string{"Authorization", api.Bearer(nobody.upload), "Content-Type", api.TypeBinary}, 403},
		"guessed inboxes": {func(p *pace) { p.wrong = few },
			"GET", api.InboxPath(api.PathInbox, b.id), nil, nil, 403},
		"guessed names": {func(p *pace) { p.wrong = few },
			"GET", api.NamePath(api.PathAlias, "somebody"), nil, nil, 403},
		"inboxes of others": {func(p *pace) { p.wrong = few },
			"GET", api.ListPath(b.id, 0), nil, nil, 403},
		"inboxes for others": {func(p *pace) { p.wrong = few },
			"PUT", api.InboxPath(api.PathInbox, b.id), b.file, []string{"Content-Type", api.TypeText, api.HeaderKind, "inbox"}, 403},
		"mailboxes": {func(p *pace) { p.replies = few },
			"PUT", api.InboxPath(api.PathInbox, b.id), b.file, []string{"Content-Type", api.TypeText, api.HeaderKind, "reply"}, 201},
	} {
		t.Run(name, func(t *testing.T) {
			told := make(chan uint32, 10)
			tell := func(id uint32) error { told <- id; return nil }
			r := start(t, setup{onion: true, close: tell, limits: func(l *limits) {
				l.pace.refusals = allowance{burst: 3, rate: 1. / 3600}
				c.limit(&l.pace)
			}})
			bad, good := r.through(257), r.through(258)
			idle := r.open(257)
			r.want(c.status, good.do(c.method, c.path, c.body, c.head...))
			for range 5 {
				r.want(c.status, bad.do(c.method, c.path, c.body, c.head...))
			}
			for range 3 {
				a := r.refused(api.CodeBusy, bad.do(c.method, c.path, c.body, c.head...))
				if a.header.Get("Retry-After") != "7" || !a.last {
					t.Errorf("wait %q, last %v", a.header.Get("Retry-After"), a.last)
				}
			}
			r.want(c.status, good.do(c.method, c.path, c.body, c.head...))
			if len(told) > 0 {
				t.Error("closed although it might have waited")
			}
			for range 3 {
				if a, err := bad.try(c.method, c.path, c.body, c.head...); err == nil {
					t.Errorf("answered with %d", a.status)
				}
			}
			if !ended(t, idle) {
				t.Error("another stream of it stays open")
			}
			select {
			case id := <-told:
				if id != 257 {
					t.Errorf("closed %d", id)
				}
			case <-time.After(time.Minute):
				t.Error("Tor was not told")
			}
			r.want(c.status, good.do(c.method, c.path, c.body, c.head...))
			if n := r.s.Counters(); n.Limited != 4 || n.Closed != 1 || n.Crowded != 0 || len(told) > 0 {
				t.Errorf("%+v, %d more told", n, len(told))
			}
		})
	}
}
