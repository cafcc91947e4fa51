package vault

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

const (
	// stallAfter is how many seconds a request waits for the disk.
	stallAfter = 30
	// mostHung bounds what waits for a disk that does not answer.
	mostHung = 1024
)

var (
	errStalled  = fmt.Errorf("%w: the disk does not answer", ErrLocked)
	errPanicked = errors.New("an operation on the disk panicked")
)

// patience bounds every wait for the disk that a request makes or that holds
// up a request. A disk that does not answer must not hang the service with it:
// it locks with [CauseDisk], and whoever waited is told. The operation itself
// cannot be taken back, and goes on when the disk does: until it is through, no
// maintenance proves anything.
type patience struct {
	latch *latch
	tick  time.Duration // a second; tests have less patience
	hung  atomic.Int64  // operations that were given up and are not through
}

func newPatience(l *latch) *patience { return &patience{latch: l, tick: time.Second} }

// ticks is how long to wait. It is counted in pauses of its own, not by the
// clock: that the process was stopped, or the machine slept, is no fault of
// the disk. Once something hangs, others wait briefly.
func (p *patience) ticks() int {
	if p.hung.Load() > 0 {
		return 1
	}
	return stallAfter
}

// wait returns what done gives, or errStalled. After errStalled the operation
// may still use what it was given: nobody else must.
func (p *patience) wait(done <-chan error) error {
	for range p.ticks() {
		select {
		case err := <-done:
			return err
		case <-time.After(p.tick):
		}
	}
	p.hung.Add(1)
	p.latch.lock(CauseDisk)
	go func() {
		<-done
		p.hung.Add(-1)
	}()
	return errStalled
}

// do is wait for a function.
func (p *patience) do(f func() error) error {
	if p.hung.Load() >= mostHung {
		return errStalled
	}
	done := make(chan error, 1)
	go func() {
		defer func() {
			if recover() != nil { // its value may name a key
				done <- errPanicked
			}
		}()
		done <- f()
	}()
	err := p.wait(done)
	if err == errPanicked {
		panic(err) // where it is expected, in the caller
	}
	return err
}

// send passes x to whoever works on the disk. It is not passed on after
// errStalled.
func send[T any](p *patience, to chan<- T, x T) error {
	select {
	case to <- x:
		return nil
	default:
	}
	for range p.ticks() {
		select {
		case to <- x:
			return nil
		case <-time.After(p.tick):
		}
	}
	p.latch.lock(CauseDisk)
	return errStalled
}
