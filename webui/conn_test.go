package webui

import (
	"bufio"
	"fmt"
	"net/http"
	"testing"

	"ashpost/webui/api"
)

// TestCrowd: connections that wait give way to a request; the count stays.
func TestCrowd(t *testing.T) {
	r := start(t, setup{})
	r.s.crowd.mu.Lock()
	r.s.crowd.most = 8
	r.s.crowd.mu.Unlock()
	for range 50 {
		conn := r.dial()
		defer conn.Close()
		fmt.Fprint(conn, "GET / HTTP/1.1\r\nX: ")
	}
	conn := r.dial()
	defer conn.Close()
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", api.PathService, r.host)
	if res, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || res.StatusCode != 200 {
		t.Errorf("the honest one: %v %v", res, err)
	}
	r.s.crowd.mu.Lock()
	defer r.s.crowd.mu.Unlock()
	if r.s.crowd.open > 8 {
		t.Errorf("%d open", r.s.crowd.open)
	}
}
