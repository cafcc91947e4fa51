package webui

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"ashpost/webui/api"
	"ashpost/webui/api/channel"
)

// A need says what body a route takes. The zero need takes none.
type need struct {
	kind string // content type; "" for no body
	most int64
}

var (
	noBody    = need{}
	wholeFile = need{api.TypeBinary, api.PartSize}
	onePart   = need{api.TypeBinary, api.PartSize}
	someJSON  = need{api.TypeJSON, api.MaxJSON}

	recipientsFile = need{api.TypeText, api.MaxRecipientsFile}

	oneRecord = need{channel.ContentType, int64(channel.RecordSize(api.PartSize))}
)

// check measures the body by its header, before a byte of it is read: a
// client that waits for "100 Continue" never sends what would be refused.
func (n need) check(r *http.Request) *api.Error {
	if n == noBody {
		if r.ContentLength > 0 {
			return bad("this route takes no body")
		}
		return nil
	}
	switch kind := r.Header["Content-Type"]; {
	case r.Header.Get("Content-Length") == "":
		return api.Refuse(api.CodeLengthRequired)
	case len(kind) != 1 || kind[0] != n.kind:
		return api.Refuse(api.CodeUnsupported)
	case r.ContentLength > n.most:
		return api.Refuse(api.CodeTooLarge)
	}
	return nil
}

// lend borrows a buffer for r's body. Bodies of each size have a room of their
// own, so that large ones do not keep the small ones waiting.
func (s *Server) lend(w http.ResponseWriter, r *http.Request) (*loan, error) {
	k := circuitOf(r)
	if err := s.mayBring(k, int(r.ContentLength)); err != nil {
		return nil, err
	}
	return s.buffer(k, w, r)
}

// buffer is lend for a body that is charged when it is known what it is.
func (s *Server) buffer(k *circuit, w http.ResponseWriter, r *http.Request) (*loan, error) {
	control := http.NewResponseController(w)
	for _, p := range s.bodies {
		if r.ContentLength <= int64(p.size) {
			return p.borrow(k, func() { control.SetReadDeadline(time.Unix(1, 0)) })
		}
	}
	return nil, api.Refuse(api.CodeTooLarge)
}

// fill reads exactly the announced body into the loan. The deadline moves
// with the bytes, so that slow is allowed and held open is not.
func (s *Server) fill(l *loan, w http.ResponseWriter, r *http.Request) ([]byte, error) {
	const piece = 64 << 10
	control := http.NewResponseController(w)
	defer func() { control.SetWriteDeadline(time.Now().Add(s.answer)) }() // it began before the body
	body := (*l.buf)[:r.ContentLength]
	for got := 0; got < len(body); {
		control.SetReadDeadline(l.deadline(0)) // a read returns with whatever came
		if l.lost.Load() {
			s.lagged(l)
			return nil, errNoRoom
		}
		n, err := r.Body.Read(body[got:min(got+piece, len(body))])
		got += n
		l.progress(n)
		if err != nil && got < len(body) {
			return nil, s.why(l, err)
		}
	}
	l.settle()
	control.SetReadDeadline(time.Time{})
	return body, nil
}

// why tells a body that lied or lagged from one that gave way to others.
func (s *Server) why(l *loan, err error) error {
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return errNoFloor
	}
	s.lagged(l)
	if l.lost.Load() {
		return errNoRoom
	}
	return errNoFloor
}

// decode reads one JSON value of exactly the known fields.
func decode(r io.Reader, into any) *api.Error {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return bad("the body is not the JSON this route takes")
	}
	if _, err := d.Token(); err != io.EOF {
		return bad("the body goes on after its JSON")
	}
	return nil
}
