package webtest

import (
	"context"
	"slices"
	"strings"
	"sync"
)

// Request is one HTTP request of the page, a redirect being one of its own.
type Request struct {
	Method, URL string
	Status      int    // 0 without an answer
	Bytes       int64  // received, encoded, with the headers
	Failed      string // the browser's words when no answer came to an end
	Sent, Ended int    // its turns among all beginnings and ends; Ended is 0 before
}

// journal collects what a browser reports. The drivers write it from their
// event loops while tests read it.
type journal struct {
	mu        sync.Mutex
	errors    []string
	requests  []*Request
	open      map[string]*Request
	turns     int // beginnings and ends of requests so far
	downloads []string
	taken     int
	changed   chan struct{} // closed and replaced at each change
}

func newJournal() *journal {
	return &journal{open: map[string]*Request{}, changed: make(chan struct{})}
}

// change is how the drivers write.
func (j *journal) change(write func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	write()
	close(j.changed)
	j.changed = make(chan struct{})
}

// await waits until what is written is enough. Events come by another way than
// answers do: what a page has shown may not have been reported yet.
func (j *journal) await(ctx context.Context, enough func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		j.mu.Lock()
		changed := j.changed
		j.mu.Unlock()
		if enough() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// ConsoleErrors are the page's uncaught errors, error lines in its console and
// violations of its policy so far. Answers such as 403 are none: see Requests.
func (j *journal) ConsoleErrors() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.errors)
}

// Requests are the page's HTTP requests so far, in the order of sending.
func (j *journal) Requests() []Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := make([]Request, len(j.requests))
	for i, r := range j.requests {
		out[i] = *r
	}
	return out
}

// Forget empties the lists of errors and requests, between two pages.
func (j *journal) Forget() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.errors, j.requests = nil, nil
}

// WaitDownload waits for the next finished download and gives its path. A
// failed one gives an empty path.
func (j *journal) WaitDownload(ctx context.Context) (path string, err error) {
	err = j.await(ctx, func() bool {
		j.mu.Lock()
		defer j.mu.Unlock()
		if j.taken == len(j.downloads) {
			return false
		}
		path = j.downloads[j.taken]
		j.taken++
		return true
	})
	return path, err
}

func (j *journal) complain(text string) {
	j.change(func() { j.errors = append(j.errors, strings.TrimSpace(text)) })
}

func (j *journal) downloaded(path string) {
	j.change(func() { j.downloads = append(j.downloads, path) })
}

// sent opens a request. Only http counts: blobs and data never leave the page.
// Nor does a fragment, though browsers report it.
func (j *journal) sent(id, method, address string) {
	address, _, _ = strings.Cut(address, "#")
	if !strings.HasPrefix(address, "http:") && !strings.HasPrefix(address, "https:") {
		return
	}
	r := &Request{Method: method, URL: address}
	j.change(func() {
		j.turns++
		r.Sent = j.turns
		j.requests = append(j.requests, r)
		j.open[id] = r
	})
}

// update changes an open request; unknown ones are not the page's.
func (j *journal) update(id string, change func(*Request)) {
	j.change(func() {
		if r := j.open[id]; r != nil {
			change(r)
		}
	})
}

// finished closes a request after a last change.
func (j *journal) finished(id string, change func(*Request)) {
	j.update(id, func(r *Request) {
		change(r)
		j.turns++
		r.Ended = j.turns
	})
	j.change(func() { delete(j.open, id) })
}
