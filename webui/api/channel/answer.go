package channel

import (
	"net/http"
	"strconv"
)

// ContentType is that of records and of sealed answers.
const ContentType = "application/octet-stream"

// octets is shared by all answers: nothing changes the values of a header in place.
var octets = []string{ContentType}

// A ResponseWriter seals the answer to one request. It is an http.ResponseWriter
// for whoever serves the request, and unwraps to the one around it, so that
// deadlines reach the connection.
type ResponseWriter struct {
	to      http.ResponseWriter
	request *Request
	header  http.Header
	frames  frameWriter // writes to nothing until the status is known
}

// Respond makes the writer of the answer to r. End is called when all is written,
// and not when it broke off: an answer without its last frame is refused.
func (r *Request) Respond(to http.ResponseWriter) *ResponseWriter {
	return &ResponseWriter{to: to, request: r, header: http.Header{}}
}

// Header is of the answer inside; only those of PROTOCOL.md, "An answer", pass.
// "Connection: close" ends the stream around it.
func (w *ResponseWriter) Header() http.Header { return w.header }

// Unwrap implements what http.ResponseController looks for.
func (w *ResponseWriter) Unwrap() http.ResponseWriter { return w.to }

// WriteHeader begins the answer. It panics if the headers are no text: only a
// fault of the service can cause it.
func (w *ResponseWriter) WriteHeader(status int) {
	if w.frames.to != nil {
		return
	}
	size := int64(-1) // not known
	if n, err := strconv.ParseInt(w.header.Get("Content-Length"), 10, 62); err == nil {
		size = n
	} else if status == http.StatusNoContent {
		size = 0
	}
	head, err := writeHead(strconv.Itoa(status), w.header, answerHeaders, int(min(max(0, size), frameSize))+overhead)
	if err != nil {
		panic("channel: the headers of an answer are malformed")
	}
	h := w.to.Header()
	h["Content-Type"] = octets
	if w.header.Get("Connection") == "close" { // which is of the stream, not of the answer
		h.Set("Connection", "close")
	}
	if size >= 0 {
		h.Set("Content-Length", strconv.FormatInt(sealedSize(int64(len(head))+size), 10))
	}
	c := w.request.channel
	w.frames = frameWriter{to: w.to, key: c.service, id: c.id, number: w.request.number, buf: head}
	w.to.WriteHeader(http.StatusOK)
}

func (w *ResponseWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.frames.Write(p)
}

// End writes the last frame.
func (w *ResponseWriter) End() error {
	w.WriteHeader(http.StatusOK)
	return w.frames.Close()
}
