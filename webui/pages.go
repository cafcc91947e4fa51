package webui

import (
	"embed"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"
)

//go:embed all:dist
var dist embed.FS

// The pages, by their names in dist.
const (
	sendPage     = "send.html"
	openPage     = "open.html"
	controlPage  = "control.html"
	howPage      = "how.html"
	stoppedPage  = "stopped.html"
	notFoundPage = "notfound.html"
)

// A file is served as it was built, byte for byte, to everybody.
type file struct {
	kind    string
	body    []byte
	gzipped []byte // nil without a .gz beside it
}

var kinds = map[string]string{
	".html": typeHTML,
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".txt":  "text/plain; charset=utf-8",
}

// pages reads everything embedded. Files of unknown kind are not served.
func pages() map[string]*file {
	files := map[string]*file{}
	root, _ := fs.Sub(dist, "dist") // the name is valid
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		kind, known := kinds[path.Ext(name)]
		if err != nil || entry.IsDir() || !known {
			return err
		}
		f := &file{kind: kind}
		if f.body, err = fs.ReadFile(root, name); err != nil {
			return err
		}
		f.gzipped, _ = fs.ReadFile(root, name+".gz") // without one it goes plain
		files[name] = f
		return nil
	})
	if err != nil {
		panic("webui: embedded pages: " + err.Error())
	}
	for _, name := range []string{sendPage, openPage, controlPage, howPage, stoppedPage, notFoundPage} {
		if files[name] == nil {
			panic("webui: embedded pages lack " + name)
		}
	}
	return files
}

// page serves one page. What stands in the path stays out of it: the page's
// script reads it in the browser. While locked it is the stopped page, unless
// the page needs no vault.
func (s *Server) page(name string, always bool) echo.HandlerFunc {
	return func(c echo.Context) error {
		switch {
		case strings.Contains(c.Param("ref"), "/"): // echo gives a last parameter the rest of the path
			return echo.ErrNotFound
		case !always && !s.vault.Status().Open:
			c.Response().Header().Set("Retry-After", retryLocked)
			s.sendFile(c, stoppedPage, http.StatusServiceUnavailable)
		default:
			s.sendFile(c, name, http.StatusOK)
		}
		return nil
	}
}

// asset serves a file whose name carries a hash of its content.
func (s *Server) asset(c echo.Context) error {
	name := "assets/" + c.Param("*")
	if s.files[name] == nil {
		return echo.ErrNotFound
	}
	c.Response().Header().Set("Cache-Control", immutable)
	s.sendFile(c, name, http.StatusOK)
	return nil
}

func (s *Server) sendFile(c echo.Context, name string, status int) {
	f, body := s.files[name], s.files[name].body
	if f.gzipped != nil {
		c.Response().Header().Set("Vary", "Accept-Encoding")
		if takesGzip(c.Request()) {
			c.Response().Header().Set("Content-Encoding", "gzip")
			body = f.gzipped
		}
	}
	write(c.Response(), status, f.kind, body)
}

// takesGzip reads Accept-Encoding as browsers write it.
func takesGzip(r *http.Request) bool {
	for _, item := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		coding, weight, _ := strings.Cut(strings.TrimSpace(item), ";")
		if strings.EqualFold(coding, "gzip") {
			return !strings.HasPrefix(strings.ReplaceAll(weight, " ", ""), "q=0") || strings.ContainsAny(weight, "123456789")
		}
	}
	return false
}
