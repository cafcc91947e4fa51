package webui

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"ashpost/webui/api"
)

// slowServer reads bodies as the adapter does, on fake time.
func slowServer(t *testing.T, pools func(*Server)) (*Server, *pipes) {
	s := build(nil, Config{}, standard())
	pools(s)
	s.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l, err := s.lend(w, r)
		if err == nil {
			defer l.giveBack()
			_, err = s.fill(l, w, r)
		}
		if err != nil {
			writeError(w, s.verdict(err))
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	l := newPipes()
	done := make(chan error)
	go func() { done <- s.Serve(l, true) }()
	t.Cleanup(func() {
		s.Shutdown(t.Context())
		l.Close()
		<-done
	})
	return s, l
}

// upload sends size bytes, so many every second, and returns the status.
func upload(l *pipes, size, everySecond int) string {
	return trickle(l.dial(), fmt.Sprintf("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nConnection: close\r\n\r\n", size), size, everySecond)
}

// trickle sends a request's body slowly and returns the status.
func trickle(conn net.Conn, head string, size, everySecond int) string {
	defer conn.Close()
	status := make(chan string, 1)
	go func() {
		got, _ := io.ReadAll(io.LimitReader(conn, 12)) // ends with the connection
		status <- string(got)
		io.Copy(io.Discard, conn)
	}()
	io.WriteString(conn, head) // the server may have closed it, and the body tells
	for sent := 0; sent < size; sent += everySecond {
		if _, err := conn.Write(make([]byte, min(everySecond, size-sent))); err != nil {
			break
		}
		time.Sleep(time.Second)
	}
	return <-status
}

// TestSlowBodies: a few KB/s are served, less is not.
func TestSlowBodies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, l := slowServer(t, func(s *Server) { s.bodies = []*pool{newPool(2, api.SmallSize), newPool(2, api.PartSize)} })
		if got := upload(l, api.PartSize, 6<<10); got != "HTTP/1.1 204" {
			t.Errorf("6 KB/s: %q", got)
		}
		begin := time.Now()
		if got := upload(l, 100<<10, 1); got != "HTTP/1.1 400" {
			t.Errorf("1 byte a second: %q", got)
		}
		if held := time.Since(begin); held > 35*time.Second {
			t.Errorf("held for %v", held)
		}
	})
}

// TestSmallAnswersHaveTime: their fixed time is no stricter than the floor.
func TestSmallAnswersHaveTime(t *testing.T) {
	largest := api.SmallSize
	for _, f := range pages() {
		largest = max(largest, len(f.body))
	}
	if floor := patience + time.Duration(largest/slowest)*time.Second; standard().answer < floor {
		t.Errorf("%d bytes may take %v, and have %v", largest, floor, standard().answer)
	}
}

// TestUnreadBody: a refused request whose body never comes is not waited for.
func TestUnreadBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := build(nil, Config{Hosts: func(bool) []string { return []string{"x"} }}, standard())
		l := newPipes()
		done := make(chan error)
		go func() { done <- s.Serve(l, true) }()
		for _, head := range []string{"POST /nothing HTTP/1.1\r\nHost: x", "POST /how HTTP/1.1\r\nHost: x", "GET / HTTP/1.1\r\nHost: y"} {
			conn, begin := l.dial(), time.Now()
			fmt.Fprintf(conn, "%s\r\nContent-Length: 9\r\n\r\n", head)
			io.Copy(io.Discard, conn) // until the server closes
			if held := time.Since(begin); held > 3*time.Minute {
				t.Errorf("%q held for %v", head, held)
			}
			conn.Close()
		}
		s.Shutdown(t.Context())
		<-done
	})
}

// TestSlowGiveWay: when all buffers are with slow senders, a quick one still
// gets through, and the slow ones are told to come back.
func TestSlowGiveWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, l := slowServer(t, func(s *Server) { s.bodies = []*pool{newPool(2, api.SmallSize)} })
		slow := make(chan string, 10)
		for range 10 {
			go func() { slow <- upload(l, api.SmallSize, 5<<10) }()
		}
		time.Sleep(8 * time.Second)
		if got := upload(l, api.SmallSize, 128<<10); got != "HTTP/1.1 204" {
			t.Errorf("quick: %q", got)
		}
		for range 10 {
			if got := <-slow; got != "HTTP/1.1 429" && got != "HTTP/1.1 204" {
				t.Errorf("slow: %q", got)
			}
		}
	})
}

// TestSlowCrowd: 500 connections that announce a body and send next to none
// of it leave room for everybody else.
func TestSlowCrowd(t *testing.T) {
	r := start(t, setup{})
	for i := range 500 {
		l, conn := &letter{}, r.dial()
		defer conn.Close()
		fmt.Fprintf(conn, "PUT %s HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\nx",
			l.path(api.PathMessage), r.host, api.Bearer(l.upload), api.TypeBinary, []int{8000, api.SmallSize, api.PartSize}[i%3])
	}
	var took time.Duration
	for range 5 { // a noisy machine gets more tries: room that is missing is missing in all
		begin := time.Now()
		l := r.sent(9000)
		r.want(200, r.claim(l))
		r.want(204, r.with(l.reader, "POST", l, api.PathAcknowledge))
		if took = time.Since(begin); took < grace {
			return
		}
	}
	t.Errorf("a small message took %v", took)
}
