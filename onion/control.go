package onion

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/cretz/bine/control"
	"github.com/cretz/bine/process"
	"github.com/cretz/bine/tor"
)

// A tor that takes longer than answerTime for a command hangs. On a small machine
// it is busy with the directory for seconds.
const (
	answerTime = 15 * time.Second
	helloTime  = 30 * time.Second // for a new tor to answer
)

var (
	errHangs  = errors.New("tor does not answer")
	errHungUp = errors.New("tor hung up")
)

// A link is a tor and the one authenticated control connection to it. bine
// starts and authenticates; from then on replies and events are told apart
// here, since bine deadlocks on concurrent requests and blocks them all while a
// listener is slow. Commands may come from any goroutine while listen runs.
type link struct {
	child *child
	conn  *control.Conn

	mu      sync.Mutex             // one command at a time
	replies chan *control.Response // to it; closed when the connection ends
}

// launcher makes the process for bine and keeps hold of it.
type launcher struct {
	tor    Tor
	output io.Writer
	child  *child
}

func (l *launcher) New(ctx context.Context, args ...string) (process.Process, error) {
	l.child = l.tor.child(ctx, l.output, args...)
	return l.child, nil
}

// launch starts tor on a state folder that is prepared. The end of ctx stops
// it; the caller waits for that with close.
func (t Tor) launch(ctx context.Context, dir string, output io.Writer) (*link, error) {
	made := &launcher{tor: t, output: output}
	begun, err := tor.Start(ctx, &tor.StartConf{
		ProcessCreator:         made,
		UseEmbeddedControlConn: true,
		DisableCookieAuth:      true,
		DataDir:                dir,
		TorrcFile:              filepath.Join(dir, "torrc"),
		ExtraArgs:              []string{"--defaults-torrc", filepath.Join(dir, "empty")},
		NoHush:                 true,
		NoAutoSocksPort:        true,
	})
	l := &link{child: made.child, replies: make(chan *control.Response, 1)}
	if err == nil {
		l.conn = begun.Control // of an error bine may return nothing else
		err = l.child.conn.SetDeadline(time.Time{})
	}
	return l, err
}

// listen reads what tor says until the connection ends.
func (l *link) listen(hear func(event)) error {
	defer close(l.replies)
	for {
		r, err := l.conn.ReadResponse()
		if err != nil {
			return err
		}
		if r.IsAsync() {
			hear(parseEvent(strings.Join(r.DataWithReply(), " ")))
			continue
		}
		select {
		case l.replies <- r:
		default:
			return errors.New("tor answers what was not asked")
		}
	}
}

// command sends one line and waits for its reply, whose error is of type
// *textproto.Error if tor refuses. A tor that does not reply in time is given
// up: the connection is closed, so that a late reply is nobody else's.
func (l *link) command(format string, args ...any) (*control.Response, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	late := time.NewTimer(answerTime)
	defer late.Stop()
	if err := l.child.conn.SetWriteDeadline(time.Now().Add(answerTime)); err != nil {
		return nil, err
	}
	if _, err := fmt.Fprintf(l.child.conn, format+"\r\n", args...); err != nil {
		return nil, errHungUp
	}
	select {
	case r, ok := <-l.replies:
		switch {
		case !ok:
			return nil, errHungUp
		case r.Err.Code/100 != 2: // 252 is success too
			return nil, r.Err
		}
		return r, nil
	case <-late.C:
		l.hangUp()
		return nil, errHangs
	}
}

// info asks for values. Those that tor does not have are an error.
func (l *link) info(keys ...string) (map[string]string, error) {
	r, err := l.command("GETINFO %s", strings.Join(keys, " "))
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	for _, line := range r.Data {
		key, value, _ := strings.Cut(line, "=")
		values[key] = strings.TrimLeft(value, "\r\n")
	}
	return values, nil
}

// hangUp closes the connection, which makes tor exit and listen return.
func (l *link) hangUp() { l.child.conn.Close() }

// close hangs up and returns when tor is gone, with how it ended.
func (l *link) close() error {
	if l.child == nil {
		return nil
	}
	if l.child.conn != nil {
		l.hangUp()
	}
	return l.child.Wait()
}
