package onion

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"sync"
	"time"
)

// Apart is the trouble of a service whose part with Tor is not connected.
const Apart Kind = "apart"

var apart = State{
	Phase:   Starting,
	Doing:   "Waiting for the part with Tor",
	Kind:    Apart,
	Trouble: "The part of Ashpost with Tor is not running.",
	Advice:  "Start it: ashpost onion run. It connects by itself.",
}

// Remote is an onion service that runs in another process, as the part that
// serves sees it. Its methods may be called from any goroutine.
//
// It guarantees that the state is never older than half a minute: a part that is
// silent for longer counts as gone. It does not guarantee that the state is true.
type Remote struct {
	mu      sync.Mutex
	state   State
	changed chan struct{}
	peer    net.Conn // the connection that counts; nil when there is none
}

// NewRemote makes one that waits for its first connection.
func NewRemote() *Remote { return &Remote{state: apart, changed: make(chan struct{})} }

// State is what the part with Tor last said. The address stays known when that
// part is gone.
func (r *Remote) State() State {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state
}

// Changes is as [Service.Changes].
func (r *Remote) Changes() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.changed
}

// CloseCircuit asks the part with Tor to close a circuit. It does not wait, and
// without such a part there is no circuit.
func (r *Remote) CloseCircuit(id uint32) error {
	r.mu.Lock()
	peer := r.peer
	r.mu.Unlock()
	if peer == nil {
		return ErrNoCircuit
	}
	err := send(peer, order{Close: id})
	if err != nil {
		peer.Close()
	}
	return err
}

// Run takes connections from l until ctx ends, and closes l. The newest
// connection counts: the part with Tor was started again, and the old one may
// not have noticed its own end yet.
func (r *Remote) Run(ctx context.Context, l net.Listener) error {
	defer context.AfterFunc(ctx, func() { l.Close() })()
	var conns sync.WaitGroup
	defer conns.Wait()
	defer r.adopt(nil)
	for {
		conn, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			if errors.Is(err, net.ErrClosed) {
				return err
			}
			select { // out of descriptors, perhaps: the visitors' affair goes on
			case <-time.After(comeback):
			case <-ctx.Done():
			}
			continue
		}
		r.adopt(conn)
		conns.Go(func() { r.listen(conn) })
	}
}

// adopt makes conn the one that counts, and ends the one before.
func (r *Remote) adopt(conn net.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.peer != nil {
		r.peer.Close()
	}
	r.peer = conn
}

// listen takes reports from conn until it ends.
func (r *Remote) listen(conn net.Conn) {
	defer conn.Close()
	lines := bufio.NewReaderSize(conn, reportLine)
	for {
		conn.SetReadDeadline(time.Now().Add(silence))
		var t told
		err := readLine(lines, &t)
		s, bad := t.state()
		if err != nil || bad != nil {
			r.note(conn, nil)
			return
		}
		r.note(conn, &s)
	}
}

// note takes over what conn said, or that it is gone (nil), unless another
// connection counts by now.
func (r *Remote) note(conn net.Conn, said *State) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.peer != conn {
		return
	}
	next := apart
	if said != nil {
		next = *said
	} else {
		r.peer = nil
	}
	if next.Address == "" {
		next.Address = r.state.Address
	}
	next.Consensus = later(next.Consensus, r.state.Consensus)
	if next != r.state {
		r.state = next
		close(r.changed)
		r.changed = make(chan struct{})
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func send(conn net.Conn, v any) error {
	var line bytes.Buffer
	e := json.NewEncoder(&line)
	e.SetEscapeHTML(false) // sixfold bytes would not fit into a line
	if err := e.Encode(v); err != nil {
		return err
	}
	conn.SetWriteDeadline(time.Now().Add(answerTime))
	_, err := conn.Write(line.Bytes())
	return err
}
