package onion

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Config says what to publish and with what.
type Config struct {
	Dir     string // tor's state, 0700: the address's secret key is in it
	Target  string // the unix socket tor connects to
	Tor     Tor
	Network string // further lines of torrc that join a private network
	Access  Access // how to reach the Tor network where it is blocked

	route  route // what Access came to at this start of tor
	client bool  // nothing is published; Target is where SOCKS is offered
}

// Service is one onion service. Its methods may be called from any goroutine.
type Service struct {
	conf    Config
	clients roster // as the running tor has read it; Run's
	barred  error  // why the running tor may connect to nothing; Run's

	mu      sync.Mutex
	ran     bool
	seen    diagnosis
	state   State
	changed chan struct{}
}

// New prepares the state folder. Nothing is started.
func New(c Config) (*Service, error) {
	var err error
	if c.Tor.Path == "" {
		return nil, errors.New("onion: no tor is given")
	}
	if c.Dir, err = filepath.Abs(c.Dir); err != nil {
		return nil, err
	}
	if c.Target, err = filepath.Abs(c.Target); err != nil {
		return nil, err
	}
	if len(c.Target) > longestSocket {
		return nil, fmt.Errorf("onion: the path of the socket is longer than %d bytes: choose a shorter data folder", longestSocket)
	}
	if !plainPath(c.Dir) || !plainPath(c.Target) {
		return nil, errors.New("onion: a path has control characters in it")
	}
	if err := c.Access.Check(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, err
	}
	// tor refuses a folder that others may enter.
	if err := os.Chmod(c.Dir, 0o700); err != nil {
		return nil, err
	}
	s := &Service{conf: c, changed: make(chan struct{})}
	s.note(func(d *diagnosis, now time.Time) { d.reset(now) })
	s.readAddress()
	return s, nil
}

// State is how the service is doing now.
func (s *Service) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// Changes returns a channel that is closed when State next changes. Whoever
// takes the channel first and the state second misses nothing.
func (s *Service) Changes() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// note changes the diagnosis and tells of it if the state is another then.
func (s *Service) note(change func(*diagnosis, time.Time)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	change(&s.seen, now)
	if next := s.seen.state(now); next != s.state {
		s.state = next
		close(s.changed)
		s.changed = make(chan struct{})
	}
}

// readAddress takes over the address as soon as tor has written it.
func (s *Service) readAddress() {
	address, err := Address(s.conf.Dir)
	if err != nil {
		return
	}
	s.note(func(d *diagnosis, _ time.Time) { d.address = address })
}
