package webui

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ashpost/webui/api"
	"ashpost/webui/api/channel"
)

// TestTargetsInside: a target inside of a channel is judged as it is spelled, as one
// outside is. No parser looks at it on the way.
func TestTargetsInside(t *testing.T) {
	r := start(t, setup{})
	r.want(200, r.do("GET", api.PathService, nil))
	outer := httptest.NewRequest("POST", "http://"+r.host+channel.Path, nil)
	outer = outer.WithContext(context.WithValue(outer.Context(), previewKey{}, true))
	for line, want := range map[string]int{
		"GET /api/v1/service":                 200,
		"GET /api/v1/service?":                200,
		"GET /api/v1/service?x=1":             400,
		"GET /api/v1/service#x":               400,
		"GET /api/v1/%73ervice":               400,
		"GET /api/v1/service%2f":              400,
		"GET /api/v1/../v1/service":           400,
		"GET /api/v1//service":                400,
		"GET /api/v1/service;x":               400,
		"GET /api/v1/\\service":               400,
		"GET /api/v1/nothing":                 404,
		"get /api/v1/service":                 405,
		"G(T /api/v1/service":                 405,
		"OPTIONS /api/v1/service":             405,
		"CONNECT /api/v1/service":             400,
		"POST /api/v1/reservations":           201,
		"POST /api/v1/reservations?":          201,
		"POST /api/v1/reservations/":          400,
		"POST /api/v1/messages/../x/claim":    400,
		"POST /api/v1/messages/%00/claim":     400,
		"POST /api/v1/messages/x/claim?proof": 400,
	} {
		method, path, _ := strings.Cut(line, " ")
		w := httptest.NewRecorder()
		r.s.serveInner(w, outer, &channel.Request{Method: method, Path: path, Header: http.Header{}})
		if w.Code != want {
			t.Errorf("%s: %d instead of %d: %s", line, w.Code, want, w.Body)
		}
	}
}
