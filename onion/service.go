package onion

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// longestSocket is the longest path sockaddr_un holds.
const longestSocket = 107

// Config says what to publish and with what.
type Config struct {
	Dir     string // tor's state, 0700: the address's secret key is in it
	Target  string // the unix socket tor connects to; a line with the circuit's id precedes each stream
	Tor     Tor
	Network string // further lines of torrc that join a private network
	Access  Access // how to reach the Tor network where it is blocked

	route  route // what Access came to at this start of tor
	client bool  // nothing is published; Target is where SOCKS is offered
	key    ClientKey
}

// Service is one onion service. Its methods may be called from any goroutine.
type Service struct {
	conf    Config
	clients roster // as the running tor has read it; Run's
	barred  error  // why the running tor may connect to nothing; Run's

	mu      sync.Mutex
	ran     bool
	control *link // to the tor that runs; nil between two
	seen    diagnosis
	state   State
	changed chan struct{}
}

// New prepares the state folder. Nothing is started. A disk that is full or
// read-only does not fail it.
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
	if err := makeFolder(c.Dir); err != nil && !ailing(err) {
		return nil, err
	}
	s := &Service{conf: c, changed: make(chan struct{})}
	s.note(func(d *diagnosis, now time.Time) { d.reset(now) })
	s.readAddress()
	return s, nil
}

// makeFolder makes a folder that others may not enter, or tor refuses it.
func makeFolder(dir string) error {
	return errors.Join(os.MkdirAll(dir, 0o700), os.Chmod(dir, 0o700))
}

// ailing says that err is the disk's: Run tries again until it is mended.
func ailing(err error) bool {
	return errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EIO)
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
	next := s.seen.state(now)
	next.Tor = s.conf.Tor
	if next != s.state {
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
