package api

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// TestSlowPartsAreSentAgain: a part that was on its way for longer than the
// patience and then broke is sent again; one that always breaks is given up.
func TestSlowPartsAreSentAgain(t *testing.T) {
	for name, c := range map[string]struct{ breaks, asked int }{
		"breaks once":   {breaks: 1, asked: 2},
		"breaks always": {breaks: 1 << 30, asked: unhurried.resends + 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dials := 0
				client, err := NewClient("http://"+host, func(context.Context, string, string) (net.Conn, error) {
					dials++
					near, far := net.Pipe()
					go slow(far, dials <= c.breaks)
					return near, nil
				})
				if err != nil {
					t.Fatal(err)
				}
				defer client.Close()
				err = client.PutPart(t.Context(), aHold, 0, make([]byte, PartSize))
				if done := c.breaks < dials; done != (err == nil) || dials < c.asked {
					t.Errorf("asked %d times: %v", dials, err)
				}
			})
		})
	}
}

// slow takes one part at 32 KiB/s, breaking near its end or answering.
func slow(conn net.Conn, breaks bool) {
	defer conn.Close()
	r, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil {
		return
	}
	for left := int64(PartSize); left > 0; left -= 32 << 10 {
		time.Sleep(time.Second)
		if breaks && left <= 64<<10 {
			return
		}
		io.CopyN(io.Discard, r.Body, 32<<10)
	}
	io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
}
