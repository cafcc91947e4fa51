package webui

import (
	"container/list"
	"net/http"
	"time"

	"golang.org/x/time/rate"

	"ashpost/webui/api"
)

// An allowance is how much of one thing may be had.
type allowance struct {
	burst int // at once
	rate  rate.Limit
	wait  time.Duration // to tell whoever asks for more
}

func (a allowance) full() *rate.Limiter { return rate.NewLimiter(a.rate, a.burst) }

// A pace is what one circuit may do. Tor Browser gives each site a circuit of
// its own, so a circuit is one person, or a few programs of one. Opening a page
// takes 4 requests, sending 100 MiB takes 27: nobody with a browser comes near.
type pace struct {
	requests allowance
	creates  allowance // reservations, inboxes, notebooks
	replies  allowance // mailboxes for replies, which anybody opens
	openings allowance // of channels and sessions: 4096 are kept, and one circuit must not take them all
	bytes    allowance // of announced bodies
	wrong    allowance // proofs that opened nothing
	slow     allowance // bodies and downloads below the floor
	refusals allowance // of the above; who does not wait is shut out
}

var onePerson = pace{
	requests: allowance{400, 20, 5 * time.Second},
	creates:  allowance{100, 0.5, 10 * time.Second},
	replies:  allowance{8, 1. / 60, time.Minute},
	openings: allowance{64, 0.2, 10 * time.Second},
	bytes:    allowance{512 << 20, 1 << 20, 10 * time.Second},
	wrong:    allowance{30, 0.1, 30 * time.Second},
	slow:     allowance{8, 1. / 60, time.Minute},
	refusals: allowance{64, 1, 0},
}

// A circuit is what is known of one: its number and what it may still do. It
// lives in RAM, and nothing of it is ever written or logged.
type circuit struct {
	id uint32

	requests, creates, replies, openings, bytes, wrong, slow, refusals *rate.Limiter

	// guarded by crowd.mu
	streams map[*clockless]struct{}
	shut    time.Time     // until then
	place   *list.Element // among the gone; nil while it has streams
	since   time.Time     // it has none
	forget  *time.Timer
}

func (p pace) circuit(id uint32) *circuit {
	return &circuit{
		id: id, requests: p.requests.full(), creates: p.creates.full(), replies: p.replies.full(), openings: p.openings.full(),
		bytes: p.bytes.full(), wrong: p.wrong.full(), slow: p.slow.full(), refusals: p.refusals.full(),
		streams: map[*clockless]struct{}{},
	}
}

// circuitOf is nil for requests of the preview, which have no limits: they come
// from this machine.
func circuitOf(r *http.Request) *circuit {
	if conn, ok := r.Context().Value(connKey{}).(*clockless); ok {
		return conn.circuit
	}
	return nil
}

// over refuses what is over a circuit's allowance. Whoever goes on without
// waiting loses all streams, and then the circuit: a new one costs about two
// seconds, and under load a proof of work.
func (s *Server) over(k *circuit, a allowance) *api.Error {
	s.limited.Add(1)
	if !k.refusals.Allow() && s.crowd.shut(k) {
		s.closed.Add(1)
		if s.closeCircuit != nil {
			s.closeCircuit(k.id) // it may have ended meanwhile; its streams have
		}
	}
	return &api.Error{Code: api.CodeBusy, Message: "Too much came at once over this circuit. Try again shortly.", RetryAfter: a.wait}
}
