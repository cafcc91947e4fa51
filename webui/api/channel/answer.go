package channel

import (
	"io"
	"net/http"
	"strconv"
)

// ContentType is that of records and of sealed answers.
const ContentType = "application/octet-stream"

// Answer begins the answer to r: it seals the status and the headers that may
// pass, and gives a writer for the body, to be closed at its end. size is that of
// the body, -1 if it is not known; sealed is what all will have then, or -1.
func (r *Request) Answer(to io.Writer, status int, h http.Header, size int64) (body io.WriteCloser, sealed int64, err error) {
	head, err := writeHead(strconv.Itoa(status), h, answerHeaders)
	if err != nil {
		return nil, 0, err
	}
	c := r.channel
	w := &frameWriter{to: to, key: c.service, id: c.id, number: r.number, buf: head}
	if sealed = -1; size >= 0 {
		sealed = sealedSize(int64(len(head)) + size)
	}
	return w, sealed, nil
}
