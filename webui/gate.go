package webui

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"ashpost/webui/api"
)

// gate is the outermost handler. It refuses, and closes the connection on,
// every request that net/http accepts but that two parsers could read in two
// ways, that aims at another host, or that another site caused. Where such a
// request asks for a page, the refusal is the page that says so in words. Headers that
// claim another method, host or client are never looked at.
func (s *Server) gate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if conn, ok := r.Context().Value(connKey{}).(*clockless); ok {
			conn.busy(true)
			defer conn.busy(false)
		}
		k := circuitOf(r)
		setFixed(w.Header())
		if r.ContentLength != 0 { // net/http waits for what nobody reads, and has no deadline for it
			http.NewResponseController(w).SetReadDeadline(time.Now().Add(patience))
		}
		if k != nil && !k.requests.Allow() {
			writeError(w, s.over(k, s.pace.requests))
			return
		}
		if why := s.refusal(r); why != "" {
			s.refused.Add(1)
			w.Header().Set("Connection", "close")
			if why == oddPath && asksForPage(r) {
				s.sendFile(w, r, notFoundPage, http.StatusNotFound)
				return
			}
			writeError(w, &api.Error{Code: api.CodeBadRequest, Message: why})
			return
		}
		next.ServeHTTP(w, r)
	})
}

const oddPath = "the path holds characters or segments that no path here has"

// asksForPage tells a person with an address that has a mark or a bracket behind it,
// or was pasted with more than itself. What they get is as fixed as the refusal.
func asksForPage(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) &&
		!isAPI(r.URL.Path) && !strings.HasPrefix(r.URL.Path, "/assets/")
}

// refusal says in fixed words why r is turned away; "" lets it pass. The path is
// looked at last: what is wrong with it alone may be a person's mistake.
func (s *Server) refusal(r *http.Request) string {
	path, query, _ := strings.Cut(r.RequestURI, "?")
	switch {
	case r.ProtoMajor != 1 || r.ProtoMinor != 1: // HTTP/1.0 hides Transfer-Encoding; PRI * is HTTP/2
		return "only HTTP version 1.1 is spoken here"
	case len(r.TransferEncoding) > 0: // CL+TE smuggling
		return "Transfer-Encoding is not accepted"
	case !strings.HasPrefix(path, "/"), r.Method == http.MethodConnect: // an absolute URI overrides Host
		return "the request target must be a path"
	case query != "" && isAPI(path):
		return "the API takes no query"
	case !slices.Contains(s.hosts(isPreview(r)), r.Host): // DNS rebinding, other virtual hosts
		return "unknown host"
	case foreign(r):
		return "requests from other sites are not accepted"
	case r.ContentLength > 0 && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		return "this method has no body"
	case strings.Contains(query, "#"), !plainPath(path):
		return oddPath
	}
	return ""
}

func isPreview(r *http.Request) bool { return r.Context().Value(previewKey{}) == true }

// plainPath accepts the paths this service has: unreserved characters, no
// percent-encoding (%2F, %00, %0d%0a), no parameters (..;/), no empty or dot
// segments. A fragment sent by a broken client is refused with the rest.
func plainPath(path string) bool {
	if path == "/" {
		return true
	}
	for segment := range strings.SplitSeq(path[1:], "/") {
		if segment == "" || segment == "." || segment == ".." {
			return false
		}
		if strings.ContainsFunc(segment, reserved) {
			return false
		}
	}
	return true
}

func reserved(c rune) bool {
	return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-._~", c))
}

func isAPI(path string) bool { return strings.HasPrefix(path, "/api/") }

// foreign tells requests that another site caused. Browsers send these
// headers and scripts cannot forge them; their absence proves nothing, and
// the bearer keys, which no other site has, are the actual protection.
func foreign(r *http.Request) bool {
	if o := r.Header["Origin"]; len(o) > 0 && (len(o) > 1 || o[0] != "http://"+r.Host) {
		return true
	}
	switch site := r.Header["Sec-Fetch-Site"]; {
	case len(site) == 0:
		return false
	case len(site) == 1 && (site[0] == "same-origin" || site[0] == "none"):
		return false
	}
	return !opensPage(r)
}

// opensPage tells a link on another site that somebody followed: harmless,
// because opening a page changes nothing.
func opensPage(r *http.Request) bool {
	return r.Method == http.MethodGet &&
		r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document" &&
		!isAPI(r.URL.Path) && !strings.HasPrefix(r.URL.Path, "/assets/")
}
