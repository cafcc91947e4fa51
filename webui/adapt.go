package webui

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"ashpost/vault"
	"ashpost/webui/api"
	"ashpost/webui/api/channel"
)

// A call is what a request says, decoded and within limits.
type call struct {
	ref     vault.Reference
	key     vault.Key // of the bearer
	part    int
	inbox   vault.InboxID
	info    vault.InboxInfo // of an owner's route
	before  uint64
	name    string
	circuit *circuit // nil on the preview
	body    []byte   // valid until the call returns
	head    http.Header
	preview bool
	through *channel.Request // nil outside of a channel
	owner   string           // the recipient that an owner session proved; "" outside of one
}

// maxPart keeps sums of part sizes far from overflowing; the vault's limit is
// lower.
const maxPart = api.MaxSize / api.PartSize

// An answer is what a call returns: JSON, octets, a download, or nothing.
type answer struct {
	status int
	json   any
	facts  map[string]string // headers of the contract
	octets []byte
	text   []byte
	down   *download
}

// adapt makes a handler of a route. Everything that routes have in common
// happens here, in this order, so that no route can forget it.
func (s *Server) adapt(rt route) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		in := &call{head: r.Header, preview: isPreview(r), circuit: circuitOf(r), through: through(r), owner: ownerOf(r)}
		if rt.operator && !s.isOperator(in) {
			return echo.ErrNotFound
		}
		if err := s.handle(rt, c, in); err != nil {
			e := s.verdict(err)
			if r.ContentLength != 0 && in.body == nil && in.through == nil || e.Code == api.CodeLengthRequired {
				// A body still on its way would be read as the next request.
				c.Response().Header().Set("Connection", "close")
			}
			writeError(c.Response(), e)
		}
		return nil
	}
}

// handle leaves in.body nil unless it was read to its end.
func (s *Server) handle(rt route, c echo.Context, in *call) error {
	w, r := c.Response(), c.Request()
	if !rt.locked && s.locked() {
		return vault.ErrLocked
	}
	if err := in.read(rt, c); err != nil {
		return err
	}
	if e := rt.body.check(r); e != nil {
		return e
	}
	if rt.bearer || rt.owner || rt.guess {
		if err := s.mayProve(in.circuit); err != nil {
			return err
		}
	}
	if rt.owner {
		if err := s.admit(rt, in); err != nil {
			return err
		}
	}
	giveBack, err := s.takeBody(rt, w.Writer, r, in)
	defer giveBack()
	if err != nil {
		return err
	}
	out, err := rt.do(s, in)
	if errors.Is(err, vault.ErrGone) && !rt.owner {
		s.provedWrong(in.circuit)
	}
	if err != nil {
		return err
	}
	return s.reply(w, in.circuit, out)
}

// takeBody reads the body into lent memory, unless it came through a channel and
// lies in such already.
func (s *Server) takeBody(rt route, w http.ResponseWriter, r *http.Request, in *call) (giveBack func(), err error) {
	giveBack = func() {}
	if rt.body == noBody {
		return giveBack, nil
	}
	if came, sealed := r.Context().Value(innerKey{}).(inner); sealed {
		in.body = came.Body
		if !came.charged {
			err = s.mayBring(in.circuit, len(came.Body))
		}
	} else {
		var l *loan
		if l, err = s.lend(w, r); err != nil {
			return giveBack, err
		}
		giveBack = l.giveBack
		in.body, err = s.fill(l, w, r)
	}
	if err == nil {
		s.brought(in.circuit, len(in.body))
	}
	return giveBack, err
}

func (s *Server) reply(w *echo.Response, k *circuit, out answer) error {
	for name, value := range out.facts {
		w.Header().Set(name, value)
	}
	switch {
	case out.down != nil:
		return s.send(w, k, out.down)
	case out.json != nil:
		writeJSON(w, out.status, out.json)
	case out.status == http.StatusNoContent:
		w.WriteHeader(out.status)
	case out.text != nil:
		write(w, out.status, api.TypeText, out.text)
	default:
		write(w, out.status, api.TypeBinary, out.octets)
	}
	return nil
}

// read decodes what the path and the Authorization header say. Only the shape
// is judged here; a well-formed wrong value is the vault's "gone".
func (in *call) read(rt route, c echo.Context) error {
	for _, name := range c.ParamNames() {
		switch value := c.Param(name); name {
		case "ref":
			ref, err := api.ParseReference(value)
			if err != nil {
				return bad("the reference is malformed")
			}
			in.ref = vault.Reference(ref)
		case "part":
			n, err := api.ParseNumber(value)
			if err != nil || n > maxPart {
				return bad("the part number is malformed")
			}
			in.part = int(n)
		case "inbox":
			id, err := api.ParseInboxID(value)
			if err != nil {
				return bad("the inbox is malformed")
			}
			in.inbox = vault.InboxID(id)
		case "before":
			n, err := api.ParseNumber(value)
			if err != nil {
				return bad("the serial number is malformed")
			}
			in.before = uint64(n)
		case "name":
			in.name = value
		}
	}
	if !rt.bearer {
		return nil
	}
	key, err := api.ParseBearer(single(in.head, "Authorization"))
	if err != nil {
		return bad("the bearer key is missing or malformed")
	}
	in.key = vault.Key(key)
	return nil
}

// single returns a header's value if it is there exactly once; which of two
// counts must not depend on the parser.
func single(h http.Header, name string) string {
	if values := h[name]; len(values) == 1 {
		return values[0]
	}
	return ""
}
