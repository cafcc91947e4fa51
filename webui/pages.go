package webui

import (
	"bytes"
	"compress/gzip"
	"embed"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"
)

// Pages are in the program in their compressed form alone, as nearly everybody
// gets them.
//
//go:embed dist/*.gz dist/assets/*.gz dist/NOTICE.txt
var dist embed.FS

// The pages, by their names in dist.
const (
	sendPage     = "send.html"
	openPage     = "open.html"
	controlPage  = "control.html"
	writePage    = "write.html"
	returnPage   = "return.html"
	inboxPage    = "inbox.html"
	askPage      = "ask.html"
	answerPage   = "answer.html"
	operatorPage = "operator.html"
	howPage      = "how.html"
	stoppedPage  = "stopped.html"
	notFoundPage = "notfound.html"
)

// A file is served as it was built, byte for byte, to everybody.
type file struct {
	kind    string
	gzipped []byte
	body    func() []byte // unpacks it, once
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
		name, packed := strings.CutSuffix(name, ".gz")
		kind, known := kinds[path.Ext(name)]
		if err != nil || !packed || !known {
			return err
		}
		gzipped, err := fs.ReadFile(root, name+".gz")
		if err != nil {
			return err
		}
		files[name] = &file{kind, gzipped, sync.OnceValue(func() []byte { return unpack(gzipped) })}
		return nil
	})
	if err != nil {
		panic("webui: embedded pages: " + err.Error())
	}
	names := []string{stoppedPage, notFoundPage}
	for _, v := range views {
		names = append(names, v.name)
	}
	for _, name := range names {
		if files[name] == nil {
			panic("webui: embedded pages lack " + name)
		}
	}
	return files
}

// unpack is for what was built with the program.
func unpack(gzipped []byte) []byte {
	r, err := gzip.NewReader(bytes.NewReader(gzipped))
	if err != nil {
		panic("webui: embedded pages: " + err.Error())
	}
	body, err := io.ReadAll(r)
	if err != nil {
		panic("webui: embedded pages: " + err.Error())
	}
	return body
}

// page serves one page. What stands in the path stays out of it: the page's
// script reads it in the browser. While locked it is the stopped page, unless
// the page needs no vault.
func (s *Server) page(name string, always bool) echo.HandlerFunc {
	return func(c echo.Context) error {
		switch {
		case strings.Contains(c.Param("ref")+c.Param("inbox"), "/"): // echo gives a last parameter the rest of the path
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
	f := s.files[name]
	c.Response().Header().Set("Vary", "Accept-Encoding")
	if takesGzip(c.Request()) {
		c.Response().Header().Set("Content-Encoding", "gzip")
		write(c.Response(), status, f.kind, f.gzipped)
		return
	}
	write(c.Response(), status, f.kind, f.body())
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
