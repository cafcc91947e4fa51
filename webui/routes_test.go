package webui

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"ashpost/webui/api"
)

// methods are tried on every path. CONNECT has its own request form.
var methods = []string{"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"}

func TestMethodsOfEveryRoute(t *testing.T) {
	r := start(t, setup{})
	l := r.sent(1000)
	allowed := map[string]string{"/assets/none.js": "GET, HEAD"}
	for _, c := range calls {
		allowed[strings.Replace(l.path(c.path), ":part", "0", 1)] = c.method
	}
	for _, v := range views {
		allowed[l.view(v.path)] = "GET, HEAD"
	}
	for path, allow := range allowed {
		for _, m := range methods {
			if slices.Contains(strings.Split(allow, ", "), m) {
				continue
			}
			a := r.do(m, path, nil)
			if a.status != http.StatusMethodNotAllowed || a.header.Get("Allow") != allow {
				t.Errorf("%s %s: status %d, Allow %q", m, path, a.status, a.header.Get("Allow"))
			}
		}
	}
	if !r.waiting(l) {
		t.Error("a refused method changed the message")
	}
}

func TestUnknownRoutes(t *testing.T) {
	r := start(t, setup{})
	ref := api.Reference{}.Encode()
	for _, path := range []string{"/api/v1", "/api/v2/service", "/api/v1/messages", "/api/v1/messages/" + ref + "/burn",
		"/api/v1/messages/" + ref + "/parts", "/api/v1/service/x"} {
		for _, m := range []string{"GET", "POST", "PUT", "DELETE"} {
			if a := r.do(m, path, nil); a.status != 404 {
				t.Errorf("%s %s: %d", m, path, a.status)
			}
		}
	}
	for _, path := range []string{"/m", "/m/a/b", "/c/a/b", "/to", "/to/a/b", "/r/a/b", "/inbox/x", "/operator/x", "/how/x", "/send.html", "/dist/send.html", "/assets", "/assets/none.js",
		"/assets/a.js.gz", "/favicon.ico", "/robots.txt", "/.well-known/security.txt", "/debug/pprof"} {
		a := r.do("GET", path, nil)
		if a.status != 404 || a.header.Get("Content-Type") != typeHTML || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("GET %s: %d %v", path, a.status, a.header)
		}
	}
}

// TestRoles tries every route with every kind of bearer.
func TestRoles(t *testing.T) {
	r := start(t, setup{})
	for _, rt := range calls {
		if !rt.bearer {
			continue
		}
		for role, keys := range map[string]func(*letter) []string{
			"nobody":    func(*letter) []string { return nil },
			"basic":     func(*letter) []string { return []string{"Authorization", "Basic YTpi"} },
			"short":     func(*letter) []string { return []string{"Authorization", "Bearer AAAA"} },
			"lowercase": func(l *letter) []string { return []string{"Authorization", strings.ToLower(api.Bearer(l.claim))} },
			"twice": func(l *letter) []string {
				return []string{"Authorization", api.Bearer(l.claim), "Authorization", api.Bearer(l.claim)}
			},
			"stranger": func(*letter) []string { return []string{"Authorization", api.Bearer(api.NewKey())} },
			"upload":   func(l *letter) []string { return []string{"Authorization", api.Bearer(l.upload)} },
			"claim":    func(l *letter) []string { return []string{"Authorization", api.Bearer(l.claim)} },
			"manage":   func(l *letter) []string { return []string{"Authorization", api.Bearer(l.manage)} },
			"reader":   func(l *letter) []string { return []string{"Authorization", api.Bearer(l.reader)} },
		} {
			l := r.sent(1000)
			if role == "reader" {
				r.want(200, r.claim(l))
			}
			got := r.as(l, rt, keys(l))
			if want := roleStatus(rt.path, role); got.status != want {
				t.Errorf("%s %s as %s: %d %s, want %d", rt.method, rt.path, role, got.status, got.body, want)
			}
		}
	}
}

// as sends a request that is right in everything but, perhaps, its bearer.
func (r *rig) as(l *letter, rt route, bearer []string) reply {
	head := append([]string{api.HeaderReader, l.reader.Verifier().Encode()}, bearer...)
	var body []byte
	switch rt.body {
	case wholeFile, onePart:
		body = l.ciphertext
		head = append(head, l.terms()[2:]...)
	case someJSON:
		body = []byte(l.commit(1, int64(len(l.ciphertext))))
		head = append(head, "Content-Type", api.TypeJSON)
	}
	return r.do(rt.method, strings.Replace(l.path(rt.path), ":part", "0", 1), body, head...)
}

func roleStatus(path, role string) int {
	switch role {
	case "nobody", "basic", "short", "lowercase", "twice":
		return 400
	}
	granted := map[string]struct {
		role   string
		status int
	}{
		api.PathMessage:     {"upload", 201}, // the identical put again
		api.PathPart:        {"upload", 409}, // after the put
		api.PathCommit:      {"upload", 409}, // a commit that differs from the put
		api.PathClaim:       {"claim", 200},
		api.PathContent:     {"reader", 200},
		api.PathAcknowledge: {"reader", 204},
		api.PathState:       {"manage", 200},
		api.PathRevoke:      {"manage", 200},
	}[path]
	if granted.role == role {
		return granted.status
	}
	return 403
}
