package e2e

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ashpost/onion"
)

// visitor asks for pages over a circuit of its own.
func visitor(t *testing.T, dial onion.DialContext) *http.Client {
	transport := &http.Transport{DialContext: dial, MaxIdleConnsPerHost: 8}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 20 * time.Second}
}

func get(c *http.Client, url string) (status int, err error) {
	answer, err := c.Get(url)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, err
}

// One circuit asks for all it can and does not wait when it is told to: it is
// refused, then closed. Somebody else is served all the while.
func TestAbusiveCircuit(t *testing.T) {
	page := world.service.address() + "/how"
	before := closedCircuits(t)
	ctx, stop := context.WithTimeout(t.Context(), 90*time.Second)
	defer stop()
	dial := onion.Dialer(world.socks)
	bad := visitor(t, func(_ context.Context, network, address string) (net.Conn, error) {
		return dial(ctx, network, address)
	})
	var served, refused, broken atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for ctx.Err() == nil {
				switch status, err := get(bad, page); {
				case err != nil:
					broken.Add(1)
				case status == http.StatusTooManyRequests:
					refused.Add(1)
				case status == http.StatusOK:
					served.Add(1)
				}
			}
		})
	}
	good, pages := visitor(t, onion.Dialer(world.socks)), 0
	for again := time.NewTicker(250 * time.Millisecond); ctx.Err() == nil && closedCircuits(t) == before; <-again.C {
		status, err := get(good, page)
		if err == nil && status != http.StatusOK {
			t.Errorf("somebody else gets %d", status)
		}
		if err == nil {
			pages++
		}
	}
	if status, err := get(good, page); err != nil || status != http.StatusOK {
		t.Errorf("afterwards: %d, %v", status, err)
	}
	stop()
	all.Wait()
	t.Logf("the abuser: %d served, %d refused, %d broken; somebody else: %d pages", served.Load(), refused.Load(), broken.Load(), pages)
	if closedCircuits(t) == before || refused.Load() < 10 || broken.Load() == 0 || pages == 0 {
		t.Errorf("no circuit was closed, or nobody else was served")
	}
}

func closedCircuits(t *testing.T) float64 {
	t.Helper()
	return world.service.status(t)["counters"].(map[string]any)["closed"].(float64)
}
