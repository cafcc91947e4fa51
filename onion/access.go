package onion

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"
)

// Access says how Tor gets to its network: directly, or where that is blocked
// or dangerous through bridges. As soon as anything of it is set, nothing is
// connected to but a bridge.
type Access struct {
	Bridges    []Bridge
	File       string            // further lines; read at each start of tor
	Transports map[string]string // programs named by the operator, by transport
	Required   bool              // connect to nothing until there is a line
}

// ErrNoBridges says that bridges are wanted, and none is given.
var ErrNoBridges = errors.New("onion: there is no bridge line")

const longestBridgeFile = 1 << 20

// A route is what Access comes to at one start of tor.
type route struct {
	bridges  []Bridge
	programs map[string]string
}

// Check says what is wrong with what is given, so that it can be said before
// anything is started. Without any line only a Required one is right: it waits.
func (a Access) Check() error {
	_, err := a.route()
	if a.Required && errors.Is(err, ErrNoBridges) {
		return nil
	}
	return err
}

// Bridged says whether bridges are to be used.
func (a Access) Bridged() bool { return a.Required || a.File != "" || len(a.Bridges) > 0 }

// Ready says whether there is a way by now.
func (a Access) Ready() bool {
	_, err := a.route()
	return err == nil
}

// route reads the file and finds the programs.
func (a Access) route() (route, error) {
	r := route{bridges: a.Bridges}
	if a.File != "" {
		text, err := readBridgeFile(a.File)
		if err != nil && !(a.Required && errors.Is(err, os.ErrNotExist)) {
			return route{}, err
		}
		more, err := ParseBridges(text)
		if err != nil {
			return route{}, err
		}
		r.bridges = append(r.bridges[:len(r.bridges):len(r.bridges)], more...)
	}
	if a.Bridged() && len(r.bridges) == 0 {
		return route{}, ErrNoBridges
	}
	var err error
	r.programs, err = findTransports(r.bridges, a.Transports)
	return r, err
}

// ErrBridgeFile says that the bridges file is none that can be read again: a
// pipe gives its lines once, and may keep whoever opens it waiting.
var ErrBridgeFile = errors.New("onion: the bridges file is not an ordinary file")

func readBridgeFile(name string) (string, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return "", errors.Join(ErrBridgeFile, err)
	}
	b, err := io.ReadAll(io.LimitReader(f, longestBridgeFile))
	return string(b), err
}

// errWayOpen ends the life of a tor that was not allowed to connect.
var errWayOpen = errors.New("tor starts anew with the bridges")

// heedBridges looks whether a tor that may not connect now could: the operator
// writes lines into the file when they come.
func (s *Service) heedBridges() error {
	if s.barred == nil {
		return nil
	}
	_, err := s.conf.Access.route()
	if err == nil {
		s.note(excuse)
		return errWayOpen
	}
	s.note(func(d *diagnosis, _ time.Time) { d.barred = barWords(err) })
	return nil
}

// barWords says why nothing is connected to, and what would change that.
func barWords(err error) words {
	var line *BridgeError
	var transport *TransportError
	switch {
	case errors.Is(err, ErrNoBridges):
		return words{"Nothing is connected to: bridges are required and there is no bridge line.",
			"Write one into the bridges file; it is taken up by itself. Lines come from https://bridges.torproject.org or bridges@torproject.org."}
	case errors.As(err, &line):
		return words{fmt.Sprintf("Nothing is connected to: line %d of the bridges file is not a bridge line.", line.Line),
			"Copy the line again, whole, and nothing else into its line; it is taken up by itself."}
	case errors.As(err, &transport):
		return words{"Nothing is connected to: the program for the bridge's transport " + transport.Transport + " is missing.", transport.Advice()}
	}
	return words{"Nothing is connected to: the bridges cannot be used.", "Look at the bridges file and at the programs of --transport."}
}

// words are a State's Trouble and Advice.
type words struct{ trouble, advice string }
