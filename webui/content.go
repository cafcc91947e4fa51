package webui

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"ashpost/vault"
	"ashpost/webui/api"
)

// A download is on its way: bytes first to last of what read gives. It may give fewer
// bytes than there is room for, but some; what it gave with an error is not sent.
type download struct {
	read        func(p []byte, at int64) (int, error)
	size        int64
	first, last int64
	partial     bool
	replaced    bool // when it is gone there may be another in its place
}

func (s *Server) content(in *call) (answer, error) {
	c, err := s.vault.Content(in.ref, in.key)
	if err != nil {
		return answer{}, err
	}
	return piece(in, c)
}

// piece gives what the request wants of a content: all, or one range.
func piece(in *call, c *vault.Content) (answer, error) {
	d := &download{read: c.ReadAt, size: c.Size(), last: c.Size() - 1}
	var err error
	if values := in.head["Range"]; len(values) > 0 {
		d.partial = true
		if d.first, d.last, err = oneRange(values, c.Size()); err != nil {
			return answer{}, err
		}
	}
	return answer{down: d}, nil
}

// oneRange reads "bytes=a-b" or "bytes=a-". Several ranges, suffixes and
// other units are refused rather than ignored: a client that resumes must not
// take the whole for the rest.
func oneRange(values []string, size int64) (first, last int64, err error) {
	spec, ok := strings.CutPrefix(values[0], "bytes=")
	a, b, dash := strings.Cut(spec, "-")
	first, err = api.ParseNumber(a)
	last = size - 1
	if b != "" && err == nil {
		last, err = api.ParseNumber(b)
	}
	if !ok || !dash || len(values) > 1 || err != nil || first > last || first >= size {
		return 0, 0, api.Refuse(api.CodeRange)
	}
	return first, min(last, size-1), nil
}

// send streams d through one borrowed buffer. The first piece is read before
// the status is sent, so that a message gone meanwhile is still refused in
// words. Later only breaking the connection tells the client the truth.
func (s *Server) send(w *echo.Response, k *circuit, d *download) error {
	if err := s.mayTake(k); err != nil {
		return err
	}
	control := http.NewResponseController(w.Writer)
	loan, err := s.stream.borrow(k, func() { control.SetWriteDeadline(time.Unix(1, 0)) })
	if err != nil {
		return err
	}
	defer loan.giveBack()
	for at := d.first; at <= d.last; {
		piece := (*loan.buf)[:min(int64(len(*loan.buf)), d.last+1-at)]
		n, err := d.read(piece, at)
		if err != nil {
			if at == d.first {
				return d.refusal(err)
			}
			panic(http.ErrAbortHandler)
		}
		piece = piece[:n]
		if at == d.first {
			d.announce(w)
		}
		control.SetWriteDeadline(loan.deadline(len(piece)))
		if loan.lost.Load() {
			s.lagged(loan)
			panic(http.ErrAbortHandler)
		}
		if _, err := w.Write(piece); err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) {
				s.lagged(loan)
			}
			panic(http.ErrAbortHandler)
		}
		at += int64(len(piece))
		loan.progress(len(piece))
	}
	control.SetWriteDeadline(time.Now().Add(s.answer)) // for what net/http still buffers
	return nil
}

// refusal is why there is nothing of it to send.
func (d *download) refusal(err error) error {
	if d.replaced && errors.Is(err, vault.ErrGone) {
		return vault.ErrBusy
	}
	return err
}

func (d *download) announce(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", api.TypeBinary)
	h.Set("Content-Length", strconv.FormatInt(d.last+1-d.first, 10))
	if !d.partial {
		w.WriteHeader(http.StatusOK)
		return
	}
	h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", d.first, d.last, d.size))
	w.WriteHeader(http.StatusPartialContent)
}
