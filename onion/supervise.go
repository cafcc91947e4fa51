package onion

import (
	"context"
	"errors"
	"net/textproto"
	"strings"
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
		s.note(func(d *diagnosis, now time.Time) {
			if d.excused { // it is to be back at once
				pause = firstPause
			}
			d.died(now, words)
		})
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
	if err := s.prepare(); err != nil {
		return err.Error()
	}
	// The context given to the process is its life: ending it stops tor.
	ctx, end := context.WithCancel(ctx)
	defer end()
	var said lastWords
	l, err := s.conf.Tor.launch(ctx, s.conf.Dir, &said)
	if err == nil {
		s.readAddress()
		s.note((*diagnosis).born)
		err = s.attend(ctx, l)
	}
	end()
	how := l.close()
	if errors.Is(err, errHangs) {
		how = err // then it was killed here
	}
	said.ended(how)
	said.ended(err)
	return s.conf.route.scrub(said.String())
}

// attend sees one tor through its life and returns when it must end: it is
// gone, the connection to it broke, it hangs, or ctx ended. It reads events and
// watches for a hang, each in its own goroutine; both end with the connection.
func (s *Service) attend(ctx context.Context, l *link) (err error) {
	broken := make(chan error, 2)
	var both sync.WaitGroup
	both.Go(func() {
		broken <- l.listen(func(e event) {
			s.note(func(d *diagnosis, now time.Time) { d.hear(e, now) })
		})
	})
	s.govern(l)
	defer s.govern(nil)
	watching, stop := context.WithCancel(ctx)
	both.Go(func() { broken <- s.watch(watching, l) })
	select {
	case err = <-broken:
	case <-l.child.gone:
	case <-ctx.Done():
	}
	stop()
	l.hangUp()
	both.Wait()
	return err
}

// watch asks for events, switches the network on only then, so that none is
// missed, unless a bridge is missing, and wants a sign of life every second.
func (s *Service) watch(ctx context.Context, l *link) error {
	if _, err := l.command("SETEVENTS STATUS_CLIENT STATUS_GENERAL NETWORK_LIVENESS ORCONN HS_DESC"); err != nil {
		return err
	}
	if s.barred == nil {
		if _, err := l.command("SETCONF DisableNetwork=0"); err != nil {
			return err
		}
	}
	if err := l.admit(s.conf.key); err != nil {
		return err
	}
	s.note(func(d *diagnosis, _ time.Time) { d.bridged = len(s.conf.route.bridges) > 0 })
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		if err := s.heedBridges(); err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		if err := s.heedRoster(l); err != nil {
			return err
		}
		if err := s.look(l); err != nil {
			return err
		}
	}
}

// look takes in tor's own view of the network, its connections to relays and
// the introduction points that are ready. It is also how a hung tor is noticed.
// The signed consensus says from when it is valid: a lower bound of the time of
// day, if there is one yet.
func (s *Service) look(l *link) error {
	seen, err := l.info("network-liveness", "orconn-status", "circuit-status")
	if err != nil {
		return err
	}
	var after time.Time
	var refused *textproto.Error
	switch signed, err := l.info("consensus/valid-after"); {
	case err == nil:
		after, _ = time.Parse(time.DateTime, strings.Trim(signed["consensus/valid-after"], `"`))
	case !errors.As(err, &refused):
		return err
	}
	unreachable := false
	s.note(func(d *diagnosis, now time.Time) {
		d.consensus = after
		d.hearLiveness(seen["network-liveness"])
		d.hearRelays(strings.Count(seen["orconn-status"], " CONNECTED"), now)
		d.hearIntroductions(strings.Count(seen["circuit-status"], " HS_STATE=HSSI_ESTABLISHED"), now)
		unreachable = d.unreachable(now, patienceRestart)
	})
	if unreachable {
		return errors.New("tor finds no introduction points")
	}
	return nil
}
