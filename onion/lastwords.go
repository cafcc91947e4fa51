package onion

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"regexp"
	"strings"
	"sync"
)

// lastWords keeps the last warning or error that tor printed, to say why it
// died. tor scrubs addresses from them (SafeLogging). It is a Writer.
type lastWords struct {
	mu   sync.Mutex
	line []byte // unfinished
	said string
	err  bool // said is an error, which a warning does not replace
}

const longestLine = 1 << 10

var severity = regexp.MustCompile(`^.{0,24}\[(warn|err)\] (.*)`)

func (w *lastWords) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for piece := range bytes.Lines(p) {
		w.line = append(w.line, piece[:min(len(piece), longestLine)]...)
		if piece[len(piece)-1] == '\n' || len(w.line) > longestLine {
			w.take(string(bytes.TrimSpace(w.line)))
			w.line = w.line[:0]
		}
	}
	return len(p), nil
}

func (w *lastWords) take(line string) {
	m := severity.FindStringSubmatch(line)
	if m == nil || (w.err && m[1] == "warn") || strings.HasSuffix(m[2], "see warnings above.") {
		return
	}
	w.err, w.said = m[1] == "err", m[2]
}

// ended takes in how tor ended; the first counts, but that it was told to end. It is
// what to say of a tor that left no words, or that was killed: the system does that
// where memory is short, and whatever tor had warned of long before says nothing of
// it.
func (w *lastWords) ended(how error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	exit, exited := errors.AsType[*exec.ExitError](how)
	killed := errors.Is(how, errHangs) || exited && !exit.Exited()
	if how != nil && !errors.Is(how, context.Canceled) && (w.said == "" || killed && !w.err) {
		w.said, w.err = how.Error(), true
	}
}

func (w *lastWords) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.said
}
