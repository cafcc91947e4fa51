package webui

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"ashpost/webui/api"
	"ashpost/webui/api/channel"
)

// innerKey marks, in its context, a request that came through a channel; the
// value is an inner.
type innerKey struct{}

// inner is what came through a channel. Its body lies in memory that is lent
// already.
type inner struct {
	*channel.Request
	charged bool
}

// through is what r came through a channel as, or nil.
func through(r *http.Request) *channel.Request {
	in, _ := r.Context().Value(innerKey{}).(inner)
	return in.Request
}

// ownerOf is the recipient whose identity the sender of r proved to hold by an
// owner session; "" outside of one.
func ownerOf(r *http.Request) string {
	if in := through(r); in != nil {
		return in.Owner
	}
	return ""
}

// smallestRecord holds every request but an upload.
var smallestRecord = int64(channel.RecordSize(api.MaxJSON))

// errChannel is the one refusal of the channel, outside of it.
var errChannel = api.Refuse(api.CodeChannel)

// throughChannel opens a record and serves the request in it as if it had come by
// itself. The record is read as any other body, with the same floors.
func (s *Server) throughChannel(c echo.Context) error {
	w, r := c.Response(), c.Request()
	k := circuitOf(r)
	loan, body, err := s.takeIn(k, w, r)
	if errors.Is(err, errNoFloor) {
		err = errNoRoom // of refusals out here a client waits for this one, and sends its record again
	}
	if err != nil {
		w.Header().Set("Connection", "close") // what is unread would be the next request
		writeError(w, s.verdict(err))
		return nil
	}
	defer loan.giveBack()
	request, err := s.open(k, r.Host, body)
	if err != nil {
		writeError(w, s.verdict(err))
		return nil
	}
	out := request.Respond(w)
	s.serveInner(out, r, request)
	out.End() // not deferred: an answer that broke off by a panic has no last frame
	return nil
}

// open opens a record. What does not open counts as a wrong proof, unless there
// is no such channel, or no such key: that happens to whoever comes back after a
// rest, and to all after a restart. Openings have a limit of their own.
func (s *Server) open(k *circuit, host string, record []byte) (*channel.Request, error) {
	if err := s.endChannelsOnLock(); err != nil {
		return nil, err
	}
	if k != nil && s.channels.Opens(record) && !k.openings.Allow() {
		return nil, s.over(k, s.pace.openings)
	}
	request, err := s.channels.Open(host, record)
	if err == nil {
		return request, nil
	}
	if !errors.Is(err, channel.ErrUnknown) {
		s.provedWrong(k)
	}
	return nil, errChannel
}

// session begins an owner session, while the vault is locked too: an owner may
// destroy then. Whether there is an inbox of that recipient is not looked at. A
// challenge costs what an opening does, and counts as one.
func (s *Server) session(in *call) (answer, error) {
	var asked channel.SessionRequest
	if err := decode(bytes.NewReader(in.body), &asked); err != nil {
		return answer{}, err
	}
	if in.through == nil || in.owner != "" {
		return answer{}, bad("a session begins inside of a channel, and not inside of a session")
	}
	if in.circuit != nil && !in.circuit.openings.Allow() {
		return answer{}, s.over(in.circuit, s.pace.openings)
	}
	challenge, err := s.channels.Challenge(in.through, asked.Recipient)
	if errors.Is(err, channel.ErrRefused) {
		err = bad("the recipient is not a post-quantum one of age")
	}
	return answer{status: http.StatusOK, octets: challenge}, err
}

// takeIn reads a record. An upload is charged before it is read, as outside of a
// channel; all else is charged when it is known, since a claim must not wait for
// room.
func (s *Server) takeIn(k *circuit, w *echo.Response, r *http.Request) (*loan, []byte, error) {
	if e := oneRecord.check(r); e != nil {
		return nil, nil, e
	}
	if err := s.mayProve(k); err != nil { // what does not open counts as a wrong proof
		return nil, nil, err
	}
	if r.ContentLength > smallestRecord {
		if err := s.mayBring(k, int(r.ContentLength)); err != nil {
			return nil, nil, err
		}
	}
	loan, err := s.buffer(k, w.Writer, r)
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

// serveInner lets the gate look at the request inside as at one outside. Of the
// path, it lets pass only what stands for itself.
func (s *Server) serveInner(w http.ResponseWriter, outer *http.Request, in *channel.Request) {
	header := in.Header
	if len(in.Body) > 0 || in.Method == http.MethodPut {
		header.Set("Content-Length", strconv.Itoa(len(in.Body)))
	}
	came := inner{in, outer.ContentLength > smallestRecord}
	r := outer.WithContext(context.WithValue(outer.Context(), innerKey{}, came))
	path, _, _ := strings.Cut(in.Path, "?")
	r.Method, r.RequestURI, r.URL = in.Method, in.Path, &url.URL{Path: path}
	r.Header, r.Body, r.ContentLength = header, http.NoBody, int64(len(in.Body)) // takeBody has it
	if why := s.refusal(r); why != "" {
		s.refused.Add(1)
		writeError(w, bad(why))
		return
	}
	s.echo.ServeHTTP(w, r)
}

const tidyEvery = time.Minute

// tidyChannels lets go of keys in time also when nobody asks for anything.
func (s *Server) tidyChannels() {
	s.mu.Lock()
	ended := s.ended
	s.mu.Unlock()
	if ended {
		return
	}
	if err := errors.Join(s.endChannelsOnLock(), s.channels.Tidy()); err != nil {
		s.failed.Add(1)
	}
	time.AfterFunc(tidyEvery, s.tidyChannels)
}

// endChannelsOnLock ends every channel once for each time the vault was locked.
func (s *Server) endChannelsOnLock() error {
	_, locks := s.vault.Locked()
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
