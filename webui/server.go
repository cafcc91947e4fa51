package webui

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"ashpost/vault"
	"ashpost/webui/api"
	"ashpost/webui/api/channel"
)

// Config is what a Server needs to know of its surroundings.
type Config struct {
	// Hosts gives the exact Host values that are served: the onion address,
	// or host:port of the preview, each on its own listeners alone: else
	// either would tell a stranger that the other is on this machine. It is
	// asked at every request.
	Hosts func(preview bool) []string
	// CloseCircuit has Tor end a circuit; without it only its streams are.
	CloseCircuit func(id uint32) error

	Policy   Policy
	Contact  *Contact  // nil for nobody
	Operator *Operator // nil for nobody over the network
}

// limits of the server towards its clients; tests shorten them.
type limits struct {
	header   time.Duration // to send the request's header
	idle     time.Duration // between requests of one connection
	answer   time.Duration // to take a small answer
	conns    int           // open at once
	tinies   int           // bodies up to MaxJSON, at once
	smalls   int           // bodies up to SmallSize, at once
	parts    int           // bodies up to PartSize, at once
	streams  int           // downloads at once
	pieceLen int           // bytes of a download written at once
	pace     pace          // of each circuit
	budget   budget        // of all together
}

func standard() limits {
	return limits{
		header: 30 * time.Second, idle: 2 * time.Minute, answer: 2 * time.Minute,
		conns: 2048, tinies: 1024, smalls: 64, parts: 8, streams: 64, pieceLen: 256 << 10, // 16 + 16 + 32 + 16 MiB
		pace: onePerson, budget: everybody,
	}
}

// A Server answers on any number of listeners in front of one vault.
type Server struct {
	vault *vault.Vault
	hosts func(preview bool) []string
	limits
	echo    *echo.Echo
	handler http.Handler
	files   map[string]*file
	crowd   crowd
	bodies  []*pool // by size
	stream  *pool

	totals totals

	closeCircuit func(id uint32) error

	policy   Policy
	contact  *Contact
	operator *Operator
	inviting sync.Mutex // held while an invite code is looked at and used up

	channels  *channel.Service
	locksSeen atomic.Uint64

	refused, failed, panics, dropped   atomic.Int64
	limited, full, closed, wrong, slow atomic.Int64

	mu     sync.Mutex
	serves []*http.Server
	ended  bool
}

// New builds a server. It panics when the embedded pages are incomplete,
// which only a broken build can cause.
func New(v *vault.Vault, c Config) *Server {
	l := standard()
	l.pace.bytes.burst = max(l.pace.bytes.burst, 5*int(v.Limits().MaxMessage))
	s := build(v, c, l)
	time.AfterFunc(tidyEvery, s.tidyChannels)
	return s
}

func build(v *vault.Vault, c Config, l limits) *Server {
	s := &Server{
		vault: v, hosts: c.Hosts, limits: l, files: pages(),
		bodies: []*pool{newPool(l.tinies, channel.RecordSize(api.MaxJSON)), newPool(l.smalls, channel.RecordSize(api.SmallSize)), newPool(l.parts, channel.RecordSize(api.PartSize))},
		stream: newPool(l.streams, l.pieceLen), totals: l.budget.full(),
	}
	s.closeCircuit = c.CloseCircuit
	s.policy, s.contact, s.operator = c.Policy.withDefaults(), c.Contact, c.Operator
	s.crowd.most, s.crowd.pace = l.conns, l.pace
	var err error
	if s.channels, err = channel.NewService(); err != nil {
		panic("webui: no identity for channels can be made")
	}
	s.echo = s.routes()
	s.handler = s.gate(s.echo)
	return s
}

// previewKey marks the requests of a preview listener in their context.
type previewKey struct{}

// Serve answers on l until Shutdown. Without preview, l is the onion's: every
// stream begins with the line in which Tor names its circuit, and circuits have
// limits. With it there is neither, and the service state tells the pages to say
// that this is no onion service.
func (s *Server) Serve(l net.Listener, preview bool) error {
	h := s.harden(preview)
	if !s.enlist(h) {
		l.Close()
		return http.ErrServerClosed
	}
	if err := h.Serve(&undated{Listener: l, crowd: &s.crowd, onion: !preview}); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// harden builds the HTTP server. There is no total read timeout, because a
// long upload over Tor is honest; bodies have floors of their own (body.go).
func (s *Server) harden(preview bool) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Server{
		Handler:                      s.handler,
		Protocols:                    protocols,
		DisableGeneralOptionsHandler: true, // else OPTIONS * bypasses the gate
		ReadHeaderTimeout:            s.header,
		IdleTimeout:                  s.idle,
		WriteTimeout:                 s.answer,
		MaxHeaderBytes:               api.MaxHTTPHeader,
		ErrorLog:                     log.New(counted{&s.dropped}, "", 0),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, c)
		},
		BaseContext: func(net.Listener) context.Context {
			return context.WithValue(context.Background(), previewKey{}, preview)
		},
	}
}

// counted swallows net/http's log lines, which can hold addresses and panic
// values, and counts them.
type counted struct{ n *atomic.Int64 }

func (c counted) Write(p []byte) (int, error) {
	c.n.Add(1)
	return io.Discard.Write(p)
}

func (s *Server) enlist(h *http.Server) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return false
	}
	s.serves = append(s.serves, h)
	return true
}

// Shutdown stops accepting, lets running requests finish until ctx ends, then
// cuts them.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.ended = true
	serves := s.serves
	s.mu.Unlock()
	var errs []error
	for _, h := range serves {
		if err := h.Shutdown(ctx); err != nil {
			errs = append(errs, err, h.Close())
		}
	}
	return errors.Join(errs...)
}

// Counters tell an operator that something is wrong, and nothing about whom.
type Counters struct {
	Refused int64 `json:"refused"` // requests turned away at the gate
	Failed  int64 `json:"failed"`  // answered "internal"
	Panics  int64 `json:"panics"`  // of handlers
	Dropped int64 `json:"dropped"` // lines net/http would have logged
	Limited int64 `json:"limited"` // requests over a circuit's limit
	Crowded int64 `json:"crowded"` // requests over what all circuits together may do
	Closed  int64 `json:"closed"`  // circuits ended because they did not wait
	Wrong   int64 `json:"wrong"`   // proofs that opened nothing
	Slow    int64 `json:"slow"`    // bodies and downloads ended for being too slow
}

// Counters reads the counts since the start.
func (s *Server) Counters() Counters {
	return Counters{
		s.refused.Load() + s.crowd.unnamed.Load(), s.failed.Load(), s.panics.Load(), s.dropped.Load(),
		s.limited.Load(), s.full.Load(), s.closed.Load(), s.wrong.Load(), s.slow.Load(),
	}
}
