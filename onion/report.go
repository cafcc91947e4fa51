package onion

import (
	"bufio"
	"context"
	"net"
	"time"
)

// comeback is the pause before the service's control socket is tried again.
const comeback = time.Second

// Report tells the part that serves, behind a control socket, how this service
// is doing, and closes the circuits it asks for, until ctx ends. It connects
// again for as long as it takes: either part may be started first.
func (s *Service) Report(ctx context.Context, socket string) {
	for ctx.Err() == nil {
		conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
		if err == nil {
			s.report(ctx, conn, s.CloseCircuit)
		}
		select {
		case <-time.After(comeback):
		case <-ctx.Done():
		}
	}
}

// report is one connection, until it breaks or ctx ends.
func (s *Service) report(ctx context.Context, conn net.Conn, closeCircuit func(uint32) error) {
	defer context.AfterFunc(ctx, func() { conn.Close() })() // a peer that does not read holds up nobody
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		orders := bufio.NewReaderSize(conn, reportLine)
		for {
			var o order
			if readLine(orders, &o) != nil {
				return
			}
			_ = closeCircuit(o.Close) // it may have ended by itself
		}
	}()
	defer func() { conn.Close(); <-ended }()
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for {
		changed := s.Changes()
		if send(conn, tell(s.State())) != nil {
			return
		}
		select {
		case <-changed:
		case <-tick.C:
		case <-ended:
			return
		case <-ctx.Done():
			return
		}
	}
}
