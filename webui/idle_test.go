package webui

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
)

// TestIdleThousands: 3000 connections that wait, silent, in the middle of a
// header of the largest size, or after an answer. The server keeps the newest
// up to its limit, ends the others, takes bounded memory, and serves one more.
func TestIdleThousands(t *testing.T) {
	const many, perConn = 3000, 64 << 10
	for name, begin := range map[string]string{
		"silent":      "",
		"in a header": "GET /how HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("a", 15<<10),
		"answered":    "GET /none HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := build(nil, Config{Hosts: func(bool) []string { return []string{"x"} }}, standard())
				l := newPipes()
				done := make(chan error)
				go func() { done <- s.Serve(l, true) }()
				before := memoryInUse()
				conns, ended := make([]net.Conn, many), make([]bool, many)
				for i := range conns {
					conn := l.dial()
					conns[i] = conn
					go func() {
						var err error
						for one := make([]byte, 64); err == nil; { // small: it is in the same memory
							_, err = conn.Read(one)
						}
						ended[i] = true
					}()
					io.WriteString(conn, begin) // the server may close it meanwhile
					synctest.Wait()             // they wait in this order
				}
				took := memoryInUse() - before
				open := 0
				for i := range ended {
					if !ended[i] {
						open++
					} else if i >= many-s.conns {
						t.Errorf("connection %d gave way before older ones", i)
					}
				}
				s.crowd.mu.Lock()
				counted := s.crowd.open
				s.crowd.mu.Unlock()
				if open > s.conns || counted != open {
					t.Errorf("%d open, %d counted, the limit is %d", open, counted, s.conns)
				}
				t.Logf("%d open, %d KiB each", open, took>>10/int64(open))
				if took > int64(s.conns)*perConn {
					t.Errorf("%d MiB for %d connections", took>>20, open)
				}
				honest := l.dial()
				fmt.Fprint(honest, "GET /how HTTP/1.1\r\nHost: x\r\n\r\n")
				if res, err := http.ReadResponse(bufio.NewReader(honest), nil); err != nil || res.StatusCode != 200 {
					t.Errorf("the honest one: %v %v", res, err)
				}
				honest.Close()
				for _, conn := range conns {
					conn.Close()
				}
				s.Shutdown(t.Context())
				l.Close()
				<-done
			})
		})
	}
}

// memoryInUse is the heap and the stacks that cannot be given back now.
func memoryInUse() int64 {
	runtime.GC()
	runtime.GC() // what pools held goes with the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}
