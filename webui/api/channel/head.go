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
		"Ashpost-Inbox", "Ashpost-Invite", "Ashpost-Kind"}
	answerHeaders = []string{"Allow", "Content-Length", "Content-Range", "Content-Type", "Retry-After",
		"Ashpost-Expires-In", "Ashpost-Kind", "Ashpost-Lease", "Ashpost-Reading", "Ashpost-Size"}
)

// writeHead gives the first line and the headers that may pass; others stay out.
func writeHead(first string, from http.Header, allowed []string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(first)
	b.WriteByte('\n')
	lines := 2
	for _, name := range allowed {
		switch values := from[name]; len(values) {
		case 0:
		case 1:
			b.WriteString(name + ": " + values[0] + "\n")
			lines++
		default:
			return nil, ErrRefused
		}
	}
	b.WriteByte('\n')
	// Only the line ends are ours: a value with one would add a header.
	if b.Len() > longestHead || !plain(b.Bytes()) || bytes.Count(b.Bytes(), []byte{'\n'}) != lines {
		return nil, ErrRefused
	}
	return b.Bytes(), nil
}

// readHead takes the head off text and gives its first line, its headers and
// the rest. Headers that may not pass, or come twice, are refused.
func readHead(text []byte, allowed []string) (first string, h http.Header, rest []byte, err error) {
	end := bytes.Index(text[:min(len(text), longestHead)], []byte("\n\n"))
	if end < 0 || !plain(text[:end]) {
		return "", nil, nil, ErrRefused
	}
	lines := strings.Split(string(text[:end]), "\n")
	h = http.Header{}
	for _, line := range lines[1:] {
		name, value, ok := strings.Cut(line, ": ")
		if !ok || !slices.Contains(allowed, name) || h[name] != nil {
			return "", nil, nil, ErrRefused
		}
		h[name] = []string{value}
	}
	return lines[0], h, text[end+2:], nil
}

// plain says whether text is printable ASCII and line ends.
func plain(text []byte) bool {
	for _, c := range text {
		if c != '\n' && (c < 0x20 || c > 0x7e) {
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
