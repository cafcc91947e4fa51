package vault

import (
	"runtime"
	"testing"
	"time"
)

// Whoever asks how the vault is gets an answer while one call hangs with the
// disk and another waits for it, as closing and opening the stores does.
func TestStatusWaitsForNobody(t *testing.T) {
	s := newStalled(t, 8, false)
	s.life.RLock() // the call that hangs
	changed := make(chan struct{})
	go func() {
		defer close(changed)
		s.change(func() { s.storage = "another" })
	}()
	for s.life.TryRLock() { // until the change waits
		s.life.RUnlock()
		runtime.Gosched()
	}
	answered := make(chan Status)
	go func() {
		s.Locked()
		answered <- s.Status()
	}()
	select {
	case got := <-answered:
		if !got.Open || got.Live != 1 || got.Storage == "another" {
			t.Errorf("%+v", got)
		}
	case <-time.After(time.Minute):
		t.Error("the status waits")
	}
	s.life.RUnlock()
	<-changed
	if got := s.Status(); got.Storage != "another" {
		t.Errorf("after the change: %+v", got)
	}
}
