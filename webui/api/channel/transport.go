package channel

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
)

// ErrAnswer says that an answer is not what the protocol allows. The request is
// not sent again: somebody stands between, or the service lies.
var ErrAnswer = errors.New("the answer did not come through the channel")

// Transport is an http.RoundTripper that sends the API's requests through a
// channel. The state of the service, where its recipient comes from, passes as it
// is; nothing else does. It is safe for concurrent use.
//
// Answers have the bytes and headers of the API's own. A refusal that came from
// outside the channel is passed on if a client may act on it.
type Transport struct {
	Base http.RoundTripper
	// Recipient gives the service's recipient. With fresh set it asks the service
	// again: the one it gave before does not open any more.
	Recipient func(ctx context.Context, fresh bool) (string, error)
	// Plain says which requests pass outside the channel.
	Plain func(*http.Request) bool

	mu  sync.Mutex
	now *outgoing
}

// outgoing is the client's end of one channel, or of one session.
type outgoing struct {
	shared
	opening []byte

	mu       sync.Mutex
	next     uint64
	answered bool
}

// RoundTrip implements http.RoundTripper. It holds the request's body in memory.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	return t.carry(r, t.channel, t.drop)
}

// errEnded says that the service cannot open a channel, or a session.
var errEnded = errors.New("the service does not know the channel")

// An opener gives what is to carry a request, or the service's refusal to begin
// it. again says that what it gave before has ended.
type opener func(r *http.Request, again bool) (*outgoing, *http.Response, error)

// carry sends a request through what open gives, and once more if that has ended.
func (t *Transport) carry(r *http.Request, open opener, drop func(*outgoing)) (*http.Response, error) {
	if t.Plain(r) {
		return t.Base.RoundTrip(r)
	}
	text, err := requestText(r)
	if err != nil {
		return nil, err
	}
	for again := false; ; again = true {
		c, answer, err := open(r, again)
		if err == nil && answer == nil {
			if answer, err = t.try(c, r, text); err == errEnded {
				drop(c)
			}
		}
		if err != errEnded {
			return answer, err
		}
		if again {
			return nil, ErrAnswer
		}
	}
}

// requestText is what the frames of a request hold.
func requestText(r *http.Request) ([]byte, error) {
	more := int(max(0, r.ContentLength))
	if more > 0 {
		more += bytes.MinRead // which it takes to see the body's end
	}
	text, err := writeHead(r.Method+" "+r.URL.EscapedPath(), r.Header, requestHeaders, more)
	if err != nil {
		return nil, errors.New("the request does not fit into the channel")
	}
	if r.Body == nil {
		return text, nil
	}
	defer r.Body.Close()
	whole := bytes.NewBuffer(text)
	_, err = io.Copy(whole, r.Body)
	return whole.Bytes(), err
}

// channel gives the open channel, or opens one.
func (t *Transport) channel(r *http.Request, again bool) (*outgoing, *http.Response, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.now != nil {
		return t.now, nil, nil
	}
	c, err := t.open(r, again)
	t.now = c
	return c, nil, err
}

// open makes a channel. Its opening travels with its first request.
func (t *Transport) open(r *http.Request, fresh bool) (*outgoing, error) {
	recipient, err := t.Recipient(r.Context(), fresh)
	if err != nil {
		return nil, err
	}
	k1 := random32()
	defer clear(k1)
	opening, err := seal(recipient, []byte(label), k1)
	if err != nil {
		return nil, ErrAnswer
	}
	keys, err := derive(k1, r.URL.Host, recipient, opening)
	if err != nil {
		return nil, ErrAnswer
	}
	return &outgoing{shared: keys, opening: opening}, nil
}

func (t *Transport) drop(c *outgoing) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.now == c {
		t.now = nil
	}
}

// try sends one record.
func (t *Transport) try(c *outgoing, r *http.Request, text []byte) (*http.Response, error) {
	record, number := c.record(text)
	answer, err := t.Base.RoundTrip(outer(r, record))
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		return outside(answer, r)
	}
	frames := newFrameReader(answer.Body, answer.ContentLength, c.service, c.id, number)
	if answer, err = inside(answer, frames, r); err == nil {
		c.confirm()
	}
	return answer, err
}

// outerHeader is of every request; a RoundTripper changes none.
var outerHeader = http.Header{"Content-Type": octets, "User-Agent": {""}} // of which the latter stays out

// outer is the request around a record, in the context and to the host of the one
// inside.
func outer(r *http.Request, record []byte) *http.Request {
	body := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(record)), nil }
	first, _ := body()
	return (&http.Request{
		Method: http.MethodPost, URL: &url.URL{Scheme: r.URL.Scheme, Host: r.URL.Host, Path: Path},
		Header: outerHeader,
		Body:   first, GetBody: body, ContentLength: int64(len(record)),
	}).WithContext(r.Context())
}

// record seals a request under a number of its own.
func (c *outgoing) record(text []byte) (record []byte, number uint64) {
	c.mu.Lock()
	number, answered := c.next, c.answered
	c.next++
	c.mu.Unlock()
	kind, opening := byte(1), c.opening
	if answered {
		kind, opening = 0, nil
	}
	record = make([]byte, 0, recordHead+len(opening)+int(sealedSize(int64(len(text)))))
	record = append(append(record, 1, kind), c.id[:]...)
	record = append(binary.BigEndian.AppendUint64(record, number), opening...)
	return sealFrames(record, c.client, c.id, number, text), number
}

func (c *outgoing) confirm() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answered = true
}

// outside judges an answer that did not come through the channel.
func outside(answer *http.Response, r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(io.LimitReader(answer.Body, longestHead))
	answer.Body.Close()
	if err != nil {
		return nil, err
	}
	var said struct{ Code string }
	if json.Unmarshal(body, &said) != nil {
		return nil, ErrAnswer
	}
	switch said.Code {
	case "channel":
		return nil, errEnded
	case "busy", "internal":
		answer.Body, answer.Request = io.NopCloser(bytes.NewReader(body)), r
		return answer, nil
	}
	return nil, ErrAnswer
}

// inside makes the API's answer of a sealed one. The first frame has the head.
func inside(sealed *http.Response, frames *frameReader, r *http.Request) (*http.Response, error) {
	if err := frames.next(); err != nil {
		sealed.Body.Close()
		if errors.Is(err, ErrRefused) {
			err = ErrAnswer
		}
		return nil, err
	}
	line, header, rest, err := readHead(frames.plain, answerHeaders)
	code, err2 := status(line)
	if err != nil || err2 != nil {
		sealed.Body.Close()
		return nil, ErrAnswer
	}
	frames.plain = rest
	length := int64(-1)
	if n, err := strconv.ParseInt(header.Get("Content-Length"), 10, 64); err == nil && n >= 0 {
		length = n
	}
	return &http.Response{
		Status: line, StatusCode: code, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, ContentLength: length, Request: r,
		Body: &sealedBody{frames, sealed.Body, length},
	}, nil
}

// sealedBody is the body of an answer; closing it ends the answer around it. It
// has the announced length, as net/http sees to for others.
type sealedBody struct {
	*frameReader
	around io.Closer
	left   int64 // below 0 where none was announced
}

func (b *sealedBody) Read(p []byte) (int, error) {
	n, err := b.frameReader.Read(p)
	if errors.Is(err, ErrRefused) {
		err = ErrAnswer
	}
	if b.left < 0 {
		return n, err
	}
	if int64(n) > b.left || err == io.EOF && int64(n) < b.left {
		return 0, ErrAnswer
	}
	b.left -= int64(n)
	return n, err
}

func (b *sealedBody) Close() error { return b.around.Close() }
