package webui

import (
	"fmt"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// TestCrowdOfOneCircuit: when there are too many connections, those of the
// circuit with the most give way, and an older one of another stays.
func TestCrowdOfOneCircuit(t *testing.T) {
	r := start(t, setup{onion: true, limits: func(l *limits) { l.conns = 8 }})
	lone := r.open(1)
	for range 50 {
		r.open(2)
	}
	fmt.Fprint(lone, "GET /how HTTP/1.1\r\nHost: test.onion\r\n\r\n")
	if n, err := lone.Read(make([]byte, 12)); n != 12 || err != nil {
		t.Errorf("the other circuit's connection: %v", err)
	}
}

// known is how many circuits are remembered, and how many of them have streams.
func (c *crowd) known() (all, with int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.circuits), len(c.circuits) - c.gone.Len()
}

// enter names a new connection, as its first read does.
func (c *crowd) enter(t *testing.T, id uint32) *clockless {
	t.Helper()
	near, far := net.Pipe()
	t.Cleanup(func() { near.Close() })
	l := &clockless{Conn: far, crowd: c}
	c.join(l)
	if err := c.name(l, id); err != nil {
		l.Close()
		return nil
	}
	return l
}

// TestCircuitsAreForgotten: what is known of a circuit lasts as long as its
// streams and a while, and there are never many.
func TestCircuitsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &crowd{most: 2048, pace: onePerson}
		stays, first := c.enter(t, 1), c.enter(t, 2)
		second := c.enter(t, 2)
		spent := first.circuit
		spent.wrong.AllowN(time.Now(), 20)
		first.Close()
		time.Sleep(2 * remembered)
		if second.circuit != spent || c.circuits[2] != spent {
			t.Error("forgotten although it has a stream")
		}
		second.Close()
		time.Sleep(remembered - time.Second)
		again := c.enter(t, 2)
		if again.circuit != spent {
			t.Error("forgotten too soon")
		}
		time.Sleep(2 * remembered)
		if all, with := c.known(); all != 2 || with != 2 {
			t.Errorf("%d known, %d with streams", all, with)
		}
		again.Close()
		time.Sleep(remembered + time.Second)
		if all, _ := c.known(); all != 1 {
			t.Errorf("%d known", all)
		}
		for id := range uint32(3 * mostKnown) {
			c.enter(t, 100+id).Close()
			if all, _ := c.known(); all > mostKnown {
				t.Fatalf("%d known", all)
			}
		}
		if c.circuits[1] != stays.circuit || c.circuits[100+3*mostKnown-1] == nil {
			t.Error("the wrong ones were forgotten")
		}
		stays.Close()
		time.Sleep(remembered + time.Second)
		if all, _ := c.known(); all != 0 || c.open != 0 {
			t.Errorf("%d known, %d open", all, c.open)
		}
	})
}

// TestShutCircuit: closing takes every stream, lasts a minute, and is told once.
func TestShutCircuit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &crowd{most: 2048, pace: onePerson}
		one, two, other := c.enter(t, 7), c.enter(t, 7), c.enter(t, 8)
		k := one.circuit
		if !c.shut(k) || c.shut(k) {
			t.Error("not shut once")
		}
		for l, open := range map[*clockless]bool{one: false, two: false, other: true} {
			if l.left == open {
				t.Errorf("a stream of circuit %d: left %v", l.circuit.id, l.left)
			}
		}
		if c.enter(t, 7) != nil {
			t.Error("a new stream is taken")
		}
		time.Sleep(shutFor + time.Second)
		l := c.enter(t, 7)
		if l == nil || l.circuit != k {
			t.Error("shut for good, or forgotten")
		}
		l.Close()
		other.Close()
		if _, with := c.known(); with != 0 || c.open != 0 {
			t.Errorf("%d with streams, %d open", with, c.open)
		}
		time.Sleep(remembered + time.Second)
	})
}
