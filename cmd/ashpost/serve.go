package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"ashpost/onion"
	"ashpost/vault"
	"ashpost/webui"
)

// memoryTarget keeps Go's heap small enough for a machine with 1 GB. It is a
// target of the garbage collector, not a limit, and GOMEMLIMIT overrides it.
const memoryTarget = 160 << 20

// stopWithin is how long running requests may take to finish at the end.
const stopWithin = time.Second

// stopAtMost is how long stopping may take: far more than it ever does, and less
// than systemd waits.
const stopAtMost = 80 * time.Second

// firstWithin is how long the first maintenance is waited for.
const firstWithin = 30 * time.Second

type serveCmd struct {
	Data    string `placeholder:"DIR" default:"${data}" help:"Folder of the service: its messages and its onion address. Made if missing. [${data}]"`
	Preview string `placeholder:"HOST:PORT" help:"Serve the same pages on this loopback address too, for a look without Tor."`
	NoTor   bool   `help:"Publish no onion service; needs --preview."`
	Socket  string `placeholder:"PATH" help:"Have no network at all: serve on this Unix socket for a Tor in another process, \"ashpost onion run --target PATH\". Its control socket is PATH.control."`

	MaxMessage messageSize `placeholder:"SIZE" default:"100MiB" help:"Largest message, once encrypted: 1MiB to 1GiB. [100MiB]"`

	Volatile         bool `help:"Keep messages in memory only: they are lost when the service stops."`
	VolatileIfNeeded bool `help:"As --volatile, but only where the file system of the data folder cannot destroy."`

	visitorFlags
	bridgeFlags

	TorNetwork string `hidden:"" env:"-" type:"existingfile" placeholder:"FILE" help:"Lines of torrc that join a private Tor network: for tests and the demo."`
}

// publisher is the part with Tor as the rest sees it: in this process
// (*onion.Service) or in another one (*onion.Remote).
type publisher interface {
	State() onion.State
	Changes() <-chan struct{}
	CloseCircuit(id uint32) error
}

// service is one run of serve. This file is the only place where the vault,
// the pages and the onion service meet.
type service struct {
	serveCmd
	tui     *tui
	contact *webui.Contact // nil without --contact
	vault   *vault.Vault
	web     *webui.Server
	onion   publisher                   // nil with --no-tor
	publish func(context.Context) error // runs it
	free    func()                      // Tor's folder; nil without a Tor of its own
	sockets *sockets
	preview net.Listener // nil without --preview
	parts   sync.WaitGroup
	last    *time.Timer // runs while the service stops
}

func (c *serveCmd) Run(ctx context.Context, t *tui) error {
	if c.NoTor && c.Preview == "" {
		return &failure{code: exitUsage, what: "--no-tor serves nobody without --preview", hint: "Add --preview 127.0.0.1:8080."}
	}
	if c.Socket != "" && (c.NoTor || c.Preview != "" || c.TorNetwork != "" || c.bridged()) {
		return &failure{code: exitUsage, what: "--socket has no network at all: neither a preview nor a Tor of its own", hint: "Give --socket alone, and start \"ashpost onion run\" beside it."}
	}
	if err := harden(t); err != nil {
		return err
	}
	if swapsToDisk() {
		t.warn(swapWarning)
	}
	if !c.NoTor && c.Socket == "" {
		onion.Unpack() // while the vault opens
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryTarget)
	}
	contact, err := c.visitorFlags.check()
	if err != nil {
		return err
	}
	s := &service{serveCmd: *c, tui: t, contact: contact}
	defer s.close()
	if err := s.open(); err != nil {
		return err
	}
	return s.run(ctx)
}

// open takes everything that can fail before anything is served.
func (s *service) open() (err error) {
	if err := s.openVault(); err != nil {
		return err
	}
	if s.sockets, err = openSockets(s.Data, s.Socket); err != nil {
		return socketFailure(err)
	}
	if s.Preview != "" {
		if s.preview, err = listenPreview(s.Preview); err != nil {
			return err
		}
	}
	if err := s.openOnion(); err != nil {
		return err
	}
	conf := webui.Config{Hosts: s.hosts}
	if s.onion != nil {
		conf.CloseCircuit = s.onion.CloseCircuit
	}
	s.admit(&conf)
	s.web = webui.New(s.vault, conf)
	return nil
}

func (s *service) openVault() (err error) {
	if err := (dataFlag{s.Data}).own(); err != nil {
		return err
	}
	options := vault.Options{MaxMessage: int64(s.MaxMessage), Volatile: s.Volatile}
	s.vault, err = vault.Open(s.Data, options)
	var unsuitable *vault.UnsuitableError
	if errors.As(err, &unsuitable) && unsuitable.InMemory && s.VolatileIfNeeded {
		s.tui.warn(unsuitable.Why)
		options.Volatile = true
		s.vault, err = vault.Open(s.Data, options)
	}
	switch {
	case errors.Is(err, vault.ErrInUse):
		return &failure{exitOther, "another Ashpost is already running on this data folder",
			"Stop it first, or choose another folder with --data. Nothing was touched.", err}
	case errors.As(err, &unsuitable):
		return unsuitableFolder(unsuitable)
	case err != nil:
		return fmt.Errorf("the vault cannot be opened: %w", err)
	}
	return nil
}

// unsuitableFolder adds the flags to what the vault advises.
func unsuitableFolder(e *vault.UnsuitableError) error {
	hint := e.Do
	if e.InMemory {
		hint += " The flags: --data DIR, --volatile."
	}
	return refused(e.Why, hint)
}

// openOnion prepares the part with Tor, and what runs it.
func (s *service) openOnion() error {
	switch {
	case s.NoTor:
	case s.Socket != "":
		remote := onion.NewRemote()
		s.onion, s.publish = remote, func(ctx context.Context) error { return remote.Run(ctx, s.sockets.link) }
	default:
		dir := dataFlag{s.Data}.torFolder()
		local, err := openTor(dir, s.sockets.web.Addr().String(), s.TorNetwork, s.bridgeFlags)
		if err != nil {
			return err
		}
		if s.free, err = holdTor(dir); err != nil {
			return err
		}
		s.onion, s.publish = local, local.Run
	}
	return nil
}

// listenPreview listens on a loopback address and refuses any other: without
// Tor in front, a network could see who reads what.
func listenPreview(address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, &failure{code: exitUsage, what: "--preview is not HOST:PORT", hint: "As in --preview 127.0.0.1:8080.", cause: err}
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, refused("--preview is for this machine only", "Use 127.0.0.1 or ::1. Others come through the onion service.")
	}
	l, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, &failure{exitOther, "the preview's port is taken", "Choose another, as in --preview 127.0.0.1:8081, or port 0 for any.", err}
	}
	return l, err
}

// hosts are the exact Host values that are served, on one kind of listener.
func (s *service) hosts(preview bool) []string {
	if preview {
		_, port, _ := net.SplitHostPort(s.preview.Addr().String())
		return []string{s.preview.Addr().String(), net.JoinHostPort("localhost", port)}
	}
	if s.onion != nil {
		if address := s.onion.State().Address; address != "" {
			return []string{address}
		}
	}
	return nil
}

// run serves until ctx ends. The first maintenance comes before anything is
// served: what fell due while the service was off is destroyed first. One that
// hangs with the disk is not waited for: the pages must say so.
func (s *service) run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	s.maintainFirst()
	s.start(func() error { s.vault.Run(ctx); return nil }, stop)
	s.start(func() error { return s.web.Serve(s.sockets.web, false) }, stop)
	s.start(func() error { return s.serveAdmin(ctx) }, stop)
	if s.preview != nil {
		s.start(func() error { return s.web.Serve(s.preview, true) }, stop)
	}
	if s.onion != nil {
		s.start(func() error { return s.publish(ctx) }, stop)
		s.start(func() error { s.passTime(ctx); return nil }, stop)
	}
	newScreen(s).watch(ctx)
	s.last = time.AfterFunc(stopAtMost, s.abandon)
	s.tui.remark("stopping")
	finish, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	_ = s.web.Shutdown(finish) // what does not finish is cut
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

func (s *service) maintainFirst() {
	done := make(chan error, 1)
	s.parts.Go(func() { done <- s.vault.Maintain() })
	select {
	case err := <-done:
		if err != nil {
			s.tui.warn("the service is locked: " + causeWords(s.vault.Status().Cause))
		}
	case <-time.After(firstWithin):
	}
}

// passTime tells the vault what the signed consensus of the Tor network says
// about the time of day: a lower bound, and a witness of the wall clock.
func (s *service) passTime(ctx context.Context) {
	for {
		changed := s.onion.Changes()
		if after := s.onion.State().Consensus; !after.IsZero() {
			s.vault.Hear(after)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

// start runs a part of the service; a part that fails ends the whole.
func (s *service) start(part func() error, stop context.CancelCauseFunc) {
	s.parts.Go(func() {
		if err := part(); err != nil && !errors.Is(err, http.ErrServerClosed) {
			stop(err)
		}
	})
}

// abandon ends the process where a disk does not answer: no file on it can be
// closed then, nor a socket's name removed. Nothing is lost by it that a power cut
// would not take.
func (s *service) abandon() {
	s.tui.warn("the disk does not answer; it is not waited for")
	os.Exit(exitOther)
}

// close waits for every part, then closes what open opened.
func (s *service) close() {
	s.parts.Wait()
	if s.preview != nil {
		s.preview.Close()
	}
	if s.sockets != nil {
		s.sockets.close()
	}
	if s.free != nil {
		s.free()
	}
	if s.vault != nil {
		s.vault.Close()
	}
	if s.last != nil {
		s.last.Stop()
	}
}
