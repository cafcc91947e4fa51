package webui

import (
	"bytes"
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"ashpost/webui/api"
	"ashpost/webui/api/channel"
)

// innerKey marks, in its context, a request that came through a channel; the
// value is its body, which lies in memory that is lent already.
type innerKey struct{}

// errChannel is the one refusal of the channel, outside of it.
var errChannel = api.Refuse(api.CodeChannel)

// throughChannel opens a record and serves the request in it as if it had come by
// itself. The record is read as any other body, with the same floors; what it
// brings is charged when it is known, since a claim must not wait for room.
func (s *Server) throughChannel(c echo.Context) error {
	w, r := c.Response(), c.Request()
	loan, body, err := s.takeIn(w, r)
	if err != nil {
		w.Header().Set("Connection", "close") // what is unread would be the next request
		writeError(w, s.verdict(err))
		return nil
	}
	defer loan.giveBack()
	err = s.endChannelsOnLock()
	var request *channel.Request
	if err == nil {
		request, err = s.channels.Open(r.Host, body)
	}
	if err != nil {
		s.provedWrong(circuitOf(r))
		writeError(w, errChannel)
		return nil
	}
	out := request.Respond(w)
	s.serveInner(out, r, request)
	out.End() // not deferred: an answer that broke off by a panic has no last frame
	return nil
}

func (s *Server) takeIn(w *echo.Response, r *http.Request) (*loan, []byte, error) {
	if e := oneRecord.check(r); e != nil {
		return nil, nil, e
	}
	// What does not open costs more work than a wrong proof, and counts as one.
	if err := s.mayProve(circuitOf(r)); err != nil {
		return nil, nil, err
	}
	loan, err := s.buffer(circuitOf(r), w.Writer, r)
	if err != nil {
		return nil, nil, err
	}
	body, err := s.fill(loan, w.Writer, r)
	if err != nil {
		loan.giveBack()
		return nil, nil, err
	}
	return loan, body, nil
}

// serveInner lets the gate look at the request inside as at one outside.
func (s *Server) serveInner(w http.ResponseWriter, outer *http.Request, in *channel.Request) {
	header := in.Header
	if len(in.Body) > 0 || in.Method == http.MethodPut {
		header.Set("Content-Length", strconv.Itoa(len(in.Body)))
	}
	r, err := http.NewRequestWithContext(context.WithValue(outer.Context(), innerKey{}, in.Body),
		in.Method, "http://"+outer.Host+in.Path, bytes.NewReader(in.Body))
	if err != nil {
		writeError(w, bad("the request target must be a path"))
		return
	}
	r.Header, r.RequestURI, r.ContentLength = header, in.Path, int64(len(in.Body))
	if why := s.refusal(r); why != "" {
		s.refused.Add(1)
		writeError(w, bad(why))
		return
	}
	s.echo.ServeHTTP(w, r)
}

// endChannelsOnLock ends every channel once for each time the vault was locked.
func (s *Server) endChannelsOnLock() error {
	locks := s.vault.Status().Locks
	if s.locksSeen.Swap(locks) == locks {
		return nil
	}
	return s.channels.Forget()
}

// recipient is what clients open channels to.
func (s *Server) recipient() (string, error) {
	if err := s.endChannelsOnLock(); err != nil {
		return "", err
	}
	return s.channels.Recipient()
}
