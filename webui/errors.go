package webui

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"ashpost/vault"
	"ashpost/webui/api"
)

// verdicts is the one table from what went wrong to what the client learns.
// Whatever is not here is an internal error, of which it learns nothing.
var verdicts = []struct {
	err  error
	code api.Code
}{
	{vault.ErrGone, api.CodeGone},
	{vault.ErrNotProven, api.CodeNotProven},
	{vault.ErrLocked, api.CodeLocked},
	{vault.ErrFull, api.CodeFull},
	{vault.ErrTooLarge, api.CodeTooLarge},
	{vault.ErrConflict, api.CodeConflict},
	{vault.ErrReplaced, api.CodeReplaced},
	{vault.ErrBusy, api.CodeBusy},
	{errNoRoom, api.CodeBusy},
}

// Seconds after which a client may try again.
const (
	retryBusy   = "5"
	retryLocked = "60"
)

// errNoFloor says that the client sent or took its bytes too slowly.
var errNoFloor = &api.Error{Code: api.CodeBadRequest, Message: "the body ended early or came too slowly"}

// verdict finds the answer to err.
func (s *Server) verdict(err error) *api.Error {
	if known, ok := errors.AsType[*api.Error](err); ok {
		return known
	}
	if e, ok := errors.AsType[*vault.InvalidError](err); ok {
		return bad(e.Reason)
	}
	if e, ok := errors.AsType[*vault.IncompleteError](err); ok {
		return &api.Error{Code: api.CodeIncomplete, Message: missing(e.Missing)}
	}
	for _, v := range verdicts {
		if errors.Is(err, v.err) {
			return api.Refuse(v.code)
		}
	}
	s.failed.Add(1)
	return api.Refuse(api.CodeInternal)
}

func bad(why string) *api.Error {
	return &api.Error{Code: api.CodeBadRequest, Message: why}
}

// missing names a few parts; a client sends those and commits again.
func missing(parts []int) string {
	const shown = 100
	var b strings.Builder
	b.WriteString("missing parts:")
	for _, n := range parts[:min(len(parts), shown)] {
		fmt.Fprintf(&b, " %d", n)
	}
	if len(parts) > shown {
		b.WriteString(" and more")
	}
	return b.String()
}

// writeError writes a refusal. Its headers depend on nothing else.
func writeError(w http.ResponseWriter, e *api.Error) {
	switch {
	case e.RetryAfter > 0: // the circuit's own doing: its stream ends
		w.Header().Set("Retry-After", strconv.FormatInt(seconds(e.RetryAfter), 10))
		w.Header().Set("Connection", "close")
	case e.Code == api.CodeBusy:
		w.Header().Set("Retry-After", retryBusy)
	case e.Code == api.CodeLocked:
		w.Header().Set("Retry-After", retryLocked)
	}
	writeJSON(w, e.Code.Status(), e)
}

// writeJSON writes v; the types of package api always marshal.
func writeJSON(w http.ResponseWriter, status int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		panic("webui: an answer that is no JSON")
	}
	write(w, status, api.TypeJSON, text)
}

func write(w http.ResponseWriter, status int, kind string, body []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body) // an error here is the client's connection, which ends anyway
}
