package webui

import (
	"io"
	"net/http"

	"github.com/labstack/echo/v4"

	"ashpost/webui/api"
	"ashpost/webui/api/channel"
)

// A route is one call of the API.
type route struct {
	method, path string
	bearer       bool // needs a key
	body         need
	locked       bool // tried while the vault is locked, too
	do           func(*Server, *call) (answer, error)
}

// calls is the whole API: what is not here does not exist. No GET changes
// anything, and no HEAD is routed.
var calls = []route{
	{method: "GET", path: api.PathService, locked: true, do: (*Server).service},
	{method: "POST", path: channel.SessionPath, body: someJSON, locked: true, do: (*Server).session},
	{method: "POST", path: api.PathReservations, do: (*Server).reserve},
	{method: "PUT", path: api.PathMessage, bearer: true, body: wholeFile, do: (*Server).put},
	{method: "PUT", path: api.PathPart, bearer: true, body: onePart, do: (*Server).putPart},
	{method: "POST", path: api.PathCommit, bearer: true, body: someJSON, do: (*Server).commit},
	{method: "POST", path: api.PathClaim, bearer: true, do: (*Server).claim},
	{method: "GET", path: api.PathContent, bearer: true, do: (*Server).content},
	{method: "POST", path: api.PathAcknowledge, bearer: true, locked: true, do: (*Server).acknowledge},
	{method: "GET", path: api.PathState, bearer: true, do: (*Server).state},
	{method: "POST", path: api.PathRevoke, bearer: true, locked: true, do: (*Server).revoke},
}

// views are the pages. always marks those that stay while the vault is locked.
var views = []struct {
	path, name string
	always     bool
}{
	{path: "/", name: sendPage},
	{path: "/m/:ref", name: openPage},
	{path: "/c/:ref", name: controlPage},
	{path: "/how", name: howPage, always: true},
}

// routes makes an echo that routes and does nothing else: no logger, no
// banner, no binder, no trust in headers about the client.
func (s *Server) routes() *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Logger.SetOutput(io.Discard)
	e.HTTPErrorHandler = s.unrouted
	e.Pre(s.guard)
	e.Use(noOptions)
	for _, rt := range calls {
		e.Add(rt.method, rt.path, s.adapt(rt))
	}
	e.POST(channel.Path, s.throughChannel)
	for _, v := range views {
		e.Match([]string{http.MethodGet, http.MethodHead}, v.path, s.page(v.name, v.always))
	}
	e.Match([]string{http.MethodGet, http.MethodHead}, "/assets/*", s.asset)
	return e
}
