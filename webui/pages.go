package webui

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/labstack/echo/v4"
)

// Everything in dist, compressed together: the scripts have much in common.
//
//go:embed dist/pages.json.zst
var dist []byte

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
	body    []byte
	gzipped func() []byte // compressed when it is first asked for
}

var kinds = map[string]string{
	".html": typeHTML,
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".txt":  "text/plain; charset=utf-8",
}

// embedded unpacks dist: texts by their names.
func embedded() map[string]string {
	z, err := zstd.NewReader(bytes.NewReader(dist), zstd.WithDecoderConcurrency(1))
	if err != nil {
		panic("webui: embedded pages: " + err.Error())
	}
	defer z.Close()
	texts := map[string]string{}
	if err := json.NewDecoder(z).Decode(&texts); err != nil {
		panic("webui: embedded pages: " + err.Error())
	}
	return texts
}

// pages makes files of everything embedded. Those of unknown kind are not served.
func pages() map[string]*file {
	files := map[string]*file{}
	for name, text := range embedded() {
		if kind, known := kinds[path.Ext(name)]; known {
			body := []byte(text)
			files[name] = &file{kind, body, sync.OnceValue(func() []byte { return gzipped(body) })}
		}
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

// gzipped is without name and time: they would tell one service from another.
func gzipped(body []byte) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is a good one
	z.Write(body)                                         // memory takes everything
	z.Close()
	return b.Bytes()
}

// page serves one page. What stands in the path stays out of it: the page's
// script reads it in the browser. While locked it is the stopped page, unless
// the page needs no vault.
func (s *Server) page(name string, always bool) echo.HandlerFunc {
	return func(c echo.Context) error {
		switch {
		case strings.Contains(c.Param("ref")+c.Param("inbox"), "/"): // echo gives a last parameter the rest of the path
			return echo.ErrNotFound
		case !always && s.locked():
			c.Response().Header().Set("Retry-After", retryLocked)
			s.sendFile(c.Response(), c.Request(), stoppedPage, http.StatusServiceUnavailable)
		default:
			s.sendFile(c.Response(), c.Request(), name, http.StatusOK)
		}
		return nil
	}
}

func (s *Server) locked() bool {
	locked, _ := s.vault.Locked()
	return locked
}

// asset serves a file whose name carries a hash of its content.
func (s *Server) asset(c echo.Context) error {
	name := "assets/" + c.Param("*")
	if s.files[name] == nil {
		return echo.ErrNotFound
	}
	c.Response().Header().Set("Cache-Control", immutable)
	s.sendFile(c.Response(), c.Request(), name, http.StatusOK)
	return nil
}

func (s *Server) sendFile(w http.ResponseWriter, r *http.Request, name string, status int) {
	f := s.files[name]
	w.Header().Set("Vary", "Accept-Encoding")
	if takesGzip(r) {
		w.Header().Set("Content-Encoding", "gzip")
		write(w, status, f.kind, f.gzipped())
		return
	}
	write(w, status, f.kind, f.body)
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
