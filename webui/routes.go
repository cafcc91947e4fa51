package webui

import (
	"io"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"ashpost/webui/api"
	"ashpost/webui/api/channel"
)

// A route is one call of the API.
type route struct {
	method, path string
	bearer       bool // needs a key
	owner        bool // needs a session of an owner of the inbox
	alone        bool // with owner: also of an inbox that is not there, for who has its one key
	operator     bool // is there for the operator alone
	guess        bool // without any proof: what is not there counts as a wrong one
	body         need
	locked       bool // tried while the vault is locked, too
	do           func(*Server, *call) (answer, error)
}

// calls, inboxCalls and operatorCalls are the whole API: what is not here does not
// exist. No GET changes anything, and no HEAD is routed.
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

var inboxCalls = []route{
	{method: "GET", path: api.PathAlias, guess: true, do: (*Server).alias},
	{method: "GET", path: api.PathInbox, guess: true, do: (*Server).inbox},
	{method: "PUT", path: api.PathInbox, guess: true, body: recipientsFile, do: (*Server).openInbox},
	{method: "POST", path: api.PathDestroyInbox, owner: true, alone: true, locked: true, do: (*Server).destroyInbox},
	{method: "GET", path: api.PathList, owner: true, do: (*Server).list},
	{method: "GET", path: api.PathLetters, owner: true, do: (*Server).letters},
	{method: "GET", path: api.PathLetter, owner: true, do: (*Server).letter},
	{method: "POST", path: api.PathDestroyLetter, owner: true, locked: true, do: (*Server).destroyLetter},
	{method: "POST", path: api.PathDestroyLetters, owner: true, body: someJSON, locked: true, do: (*Server).destroyLetters},
	{method: "GET", path: api.PathNotebook, owner: true, do: (*Server).notebook},
	{method: "PUT", path: api.PathNotebook, owner: true, alone: true, body: wholeFile, do: (*Server).putNotebook},
}

var operatorCalls = []route{
	{method: "GET", path: api.PathOperatorStatus, operator: true, locked: true, do: (*Server).status},
	{method: "POST", path: api.PathOperatorUnlock, operator: true, body: someJSON, locked: true, do: (*Server).unlock},
	{method: "GET", path: api.PathOperatorAliases, operator: true, do: (*Server).aliases},
	{method: "PUT", path: api.PathOperatorAlias, operator: true, body: someJSON, do: (*Server).setAlias},
	{method: "POST", path: api.PathOperatorAliasRemove, operator: true, do: (*Server).removeAlias},
	{method: "POST", path: api.PathOperatorInvites, operator: true, body: someJSON, do: (*Server).invite},
	{method: "GET", path: api.PathOperatorClients, operator: true, locked: true, do: (*Server).clients},
	{method: "POST", path: api.PathOperatorClients, operator: true, body: someJSON, locked: true, do: (*Server).addClient},
	{method: "POST", path: api.PathOperatorClientEnd, operator: true, locked: true, do: (*Server).removeClient},
}

// views are the pages. always marks those that stay while the vault is locked.
var views = []struct {
	path, name string
	always     bool
}{
	{path: "/", name: sendPage},
	{path: "/m/:ref", name: openPage},
	{path: "/c/:ref", name: controlPage},
	{path: "/to/:inbox", name: writePage},
	{path: "/return", name: returnPage},
	{path: "/inbox", name: inboxPage},
	{path: "/ask", name: askPage},
	{path: "/r/:inbox", name: answerPage},
	{path: "/operator", name: operatorPage, always: true}, // unlocks
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
	for _, rt := range slices.Concat(calls, inboxCalls, operatorCalls) {
		e.Add(rt.method, rt.path, s.adapt(rt))
	}
	e.POST(channel.Path, s.throughChannel)
	for _, v := range views {
		e.Match([]string{http.MethodGet, http.MethodHead}, v.path, s.page(v.name, v.always))
	}
	e.Match([]string{http.MethodGet, http.MethodHead}, "/assets/*", s.asset)
	return e
}
