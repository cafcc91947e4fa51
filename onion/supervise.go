package onion

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	watchEvery   = time.Second
	firstPause   = 250 * time.Millisecond
	longestPause = 30 * time.Second
	steady       = time.Minute // a tor that lived this long was not a failed start
)

// Run keeps the service published until ctx ends. It returns when tor is gone,
// about two seconds later at most. Nothing tor does makes it return earlier.
// It can be called once.
func (s *Service) Run(ctx context.Context) error {
	s.mu.Lock()
	again := s.ran
	s.ran = true
	s.mu.Unlock()
	if again {
		return errors.New("onion: Run was called twice")
	}
	defer s.note(func(d *diagnosis, now time.Time) {
		d.reset(now)
		d.stopped = true
	})
	pause := firstPause
	for {
		begun := time.Now()
		words := s.live(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if time.Since(begun) > steady {
			pause = firstPause
		}
		s.note(func(d *diagnosis, now time.Time) { d.died(now, words) })
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil
		}
		pause = min(2*pause, longestPause)
	}
}

// live is one life of tor, from the start of the process until it is gone. It
// returns what is known of the death.
func (s *Service) live(ctx context.Context) string {
	socket, remove, err := s.prepare()
	if err != nil {
		return err.Error()
	}
	defer remove()
	// The context given to the process is its life: ending it stops tor.
	ctx, end := context.WithCancel(ctx)
	var said lastWords
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		if err := s.conf.Tor.Run(ctx, &said, s.arguments()...); err != nil {
			said.otherwise(err.Error())
		}
	}()
	err = s.attend(ctx, socket, gone)
	end()
	<-gone
	if err != nil {
		said.otherwise(err.Error())
	}
	return said.String()
}

// attend sees one tor through its life and returns when it must end: it is
// gone, a connection to it broke, it hangs, or ctx ended.
func (s *Service) attend(ctx context.Context, socket string, gone <-chan struct{}) error {
	events, err := open(ctx, socket, gone)
	if err != nil {
		return err
	}
	defer events.close()
	commands, err := open(ctx, socket, gone)
	if err != nil {
		return err
	}
	defer commands.close()
	if err := events.command("SETEVENTS STATUS_CLIENT STATUS_GENERAL NETWORK_LIVENESS ORCONN HS_DESC"); err != nil {
		return err
	}
	// The owner's connection going away makes tor exit.
	if err := commands.command("TAKEOWNERSHIP"); err != nil {
		return err
	}
	s.readAddress()
	s.note((*diagnosis).born)
	return s.follow(ctx, events, commands, gone)
}

// follow reads events and watches for a hang, each in its own goroutine. Both
// end with their connections.
func (s *Service) follow(ctx context.Context, events, commands *link, gone <-chan struct{}) (err error) {
	broken := make(chan error, 2)
	var both sync.WaitGroup
	both.Go(func() {
		broken <- events.events(func(e event) {
			s.note(func(d *diagnosis, now time.Time) { d.hear(e, now) })
		})
	})
	watching, stop := context.WithCancel(ctx)
	both.Go(func() { broken <- s.watch(watching, commands) })
	select {
	case err = <-broken:
	case <-gone:
	case <-ctx.Done():
	}
	stop()
	events.close()
	commands.close()
	both.Wait()
	return err
}

// watch switches the network on, then asks tor for a sign of life every second.
func (s *Service) watch(ctx context.Context, commands *link) error {
	if err := commands.command("SETCONF DisableNetwork=0"); err != nil {
		return err
	}
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		seen, err := commands.network()
		if err != nil {
			return errors.New("tor does not answer")
		}
		consensus, err := commands.consensus()
		if err != nil {
			return errors.New("tor does not answer")
		}
		unreachable := false
		s.note(func(d *diagnosis, now time.Time) {
			d.consensus = consensus
			d.hearLiveness(seen.liveness)
			d.hearRelays(seen.relays, now)
			d.hearIntroductions(seen.introductions, now)
			unreachable = d.unreachable(now, patienceRestart)
		})
		if unreachable {
			return errors.New("tor finds no introduction points")
		}
	}
}
