package onion

import (
	"context"
	"errors"
	"net"
	"net/textproto"
	"strings"
	"time"

	"github.com/cretz/bine/control"
)

const (
	answerTime = 3 * time.Second  // for a command; a tor that takes longer hangs
	helloTime  = 30 * time.Second // for a new tor to open its control socket
	helloPause = 20 * time.Millisecond
)

// A link is one authenticated connection to tor's control socket, for one
// goroutine: bine deadlocks on concurrent requests. Every command has a deadline.
type link struct {
	raw  net.Conn
	conn *control.Conn
}

// open connects to the control socket, waiting until tor has made it or gone
// is closed.
func open(ctx context.Context, socket string, gone <-chan struct{}) (*link, error) {
	ctx, cancel := context.WithTimeout(ctx, helloTime)
	defer cancel()
	tick := time.NewTicker(helloPause)
	defer tick.Stop()
	for {
		raw, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
		if err == nil {
			return authenticate(raw)
		}
		select {
		case <-tick.C:
		case <-gone:
			return nil, errors.New("tor has stopped")
		case <-ctx.Done():
			return nil, errors.New("tor does not open its control socket")
		}
	}
}

func authenticate(raw net.Conn) (*link, error) {
	l := &link{raw: raw, conn: control.NewConn(textproto.NewConn(raw))}
	err := l.within(func() error { return l.conn.Authenticate("") })
	if err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

// within gives one exchange with tor a deadline on the socket itself.
func (l *link) within(exchange func() error) error {
	if err := l.raw.SetDeadline(time.Now().Add(answerTime)); err != nil {
		return err
	}
	if err := exchange(); err != nil {
		return err
	}
	return l.raw.SetDeadline(time.Time{})
}

func (l *link) command(line string) error {
	return l.within(func() error {
		_, err := l.conn.SendRequest("%s", line)
		return err
	})
}

// view is how tor sees the network.
type view struct {
	liveness      string
	relays        int // it is connected to
	introductions int // introduction points that are ready for visitors
}

// network asks for tor's view of the network. It is also how a hung tor is
// noticed.
func (l *link) network() (v view, err error) {
	err = l.within(func() error {
		info, err := l.conn.GetInfo("network-liveness", "orconn-status", "circuit-status")
		for _, kv := range info {
			switch kv.Key {
			case "network-liveness":
				v.liveness = kv.Val
			case "orconn-status":
				v.relays = strings.Count(kv.Val, " CONNECTED")
			case "circuit-status":
				v.introductions = strings.Count(kv.Val, " HS_STATE=HSSI_ESTABLISHED")
			}
		}
		return err
	})
	return v, err
}

// consensus gives the time from which the network's signed consensus is valid:
// a lower bound of the time of day. It is zero while tor has none.
func (l *link) consensus() (after time.Time, err error) {
	err = l.within(func() error {
		info, err := l.conn.GetInfo("consensus/valid-after")
		var refused *textproto.Error
		if errors.As(err, &refused) {
			return nil // none yet
		}
		if err == nil && len(info) == 1 {
			after, _ = time.Parse(time.DateTime, strings.Trim(info[0].Val, `"`))
		}
		return err
	})
	return after, err
}

// events reads what tor reports until the connection ends. The lines are read
// here and not by bine's listeners: those block every request while one is slow.
func (l *link) events(hear func(event)) error {
	for {
		r, err := l.conn.ReadResponse()
		if err != nil {
			return err
		}
		if r.IsAsync() {
			hear(parseEvent(strings.Join(r.DataWithReply(), " ")))
		}
	}
}

// close drops the connection; bine's own Close waits for a hung tor's answer.
func (l *link) close() { l.raw.Close() }
