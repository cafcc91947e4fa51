package channel

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const (
	// Path is the channel's own route.
	Path = "/api/v1/channel"
	// longestHead is of the text before a body, with the empty line.
	longestHead = 4 << 10
	prefix      = "/api/v1/"
)

// The headers that pass, in net/http's canonical spelling.
var (
	requestHeaders = []string{"Authorization", "Content-Type", "Range",
		"Ashpost-Expires-In", "Ashpost-Reading", "Ashpost-Claim", "Ashpost-Manage", "Ashpost-Reader",
		"Ashpost-Inbox", "Ashpost-Invite", "Ashpost-Kind", "Ashpost-Replaces", "Ashpost-Size"}
	answerHeaders = []string{"Allow", "Content-Length", "Content-Range", "Content-Type", "Retry-After",
		"Ashpost-Expires-In", "Ashpost-Kind", "Ashpost-Lease", "Ashpost-Reading", "Ashpost-Size"}
)

// writeHead gives the first line and the headers that may pass; others stay out.
// There is room for more bytes behind it.
func writeHead(first string, from http.Header, allowed []string, more int) ([]byte, error) {
	size := len(first) + len("\n\n") + more
	for name, values := range from { // or more than that: some stay out
		for _, value := range values {
			size += len(name) + len("\n: ") + len(value)
		}
	}
	head := append(make([]byte, 0, size), first...)
	fits := plain(first)
	for _, name := range allowed {
		switch values := from[name]; len(values) {
		case 0:
		case 1:
			head = append(append(head, '\n'), name...)
			head = append(append(head, ": "...), values[0]...)
			fits = fits && plain(values[0])
		default:
			return nil, ErrRefused
		}
	}
	if head = append(head, "\n\n"...); !fits || len(head) > longestHead {
		return nil, ErrRefused
	}
	return head, nil
}

// readHead takes the head off text and gives its first line, its headers and
// the rest. Headers that may not pass, or come twice, are refused.
func readHead(text []byte, allowed []string) (first string, h http.Header, rest []byte, err error) {
	end := bytes.Index(text[:min(len(text), longestHead)], []byte("\n\n"))
	if end < 0 {
		return "", nil, nil, ErrRefused
	}
	first, lines, more := strings.Cut(string(text[:end]), "\n")
	if !plain(first) {
		return "", nil, nil, ErrRefused
	}
	h = http.Header{}
	values := make([]string, 0, min(len(allowed), strings.Count(lines, "\n")+1)) // one memory for all
	for line := ""; more; {
		line, lines, more = strings.Cut(lines, "\n")
		name, value, ok := strings.Cut(line, ": ")
		if !ok || !plain(value) || !slices.Contains(allowed, name) || h[name] != nil {
			return "", nil, nil, ErrRefused
		}
		values = append(values, value)
		h[name] = slices.Clip(values[len(values)-1:])
	}
	return first, h, text[end+2:], nil
}

// plain says whether a line is printable ASCII: one with a line end would be two.
func plain(line string) bool {
	for i := range len(line) {
		if line[i] < 0x20 || line[i] > 0x7e {
			return false
		}
	}
	return true
}

// target splits a request's first line. The path is judged by the service, as
// any other.
func target(line string) (method, path string, err error) {
	method, path, ok := strings.Cut(line, " ")
	if !ok || method == "" || !strings.HasPrefix(path, prefix) || path == Path || strings.Contains(path, " ") {
		return "", "", ErrRefused
	}
	return method, path, nil
}

// status reads an answer's first line.
func status(line string) (int, error) {
	n, err := strconv.Atoi(line)
	if err != nil || n < 200 || n > 599 || strconv.Itoa(n) != line {
		return 0, ErrRefused
	}
	return n, nil
}
