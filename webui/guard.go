package webui

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"ashpost/webui/api"
)

// guard turns a panic into the fixed internal answer. The panic's value and
// stack can hold references and keys: both are dropped, only a count remains.
// Once bytes have left, the one honest thing is to break the connection.
func (s *Server) guard(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler { // a download that broke off
				panic(cause)
			}
			s.panics.Add(1)
			if c.Response().Committed {
				panic(http.ErrAbortHandler)
			}
			fail(c.Response())
		}()
		return next(c)
	}
}

// fail answers from a clean set of headers.
func fail(w http.ResponseWriter) {
	clear(w.Header())
	setFixed(w.Header())
	w.Header().Set("Connection", "close")
	writeError(w, api.Refuse(api.CodeInternal))
}

// unrouted answers what is not in the table of routes; echo reports that as
// errors, and handlers return one alone: that their route is not there for this
// caller. What the operator's routes take shows to nobody.
func (s *Server) unrouted(err error, c echo.Context) {
	allow, known := c.Get(echo.ContextKeyHeaderAllow).(string)
	if known && strings.HasPrefix(c.Request().URL.Path, api.PathOperator+"/") {
		known = false
		c.Response().Header().Del("Allow") // which echo has set
	}
	if known {
		c.Response().Header().Set("Allow", strings.TrimPrefix(allow, "OPTIONS, "))
	}
	switch {
	case known:
		writeError(c.Response(), api.Refuse(api.CodeMethod))
	case isAPI(c.Request().URL.Path):
		writeError(c.Response(), api.Refuse(api.CodeNotFound))
	default:
		s.sendFile(c.Response(), c.Request(), notFoundPage, http.StatusNotFound)
	}
}

// noOptions undoes echo's own answer to OPTIONS on a known path.
func noOptions(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if c.Request().Method == http.MethodOptions {
			return echo.ErrMethodNotAllowed
		}
		return next(c)
	}
}
