package onion

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"
	"unicode"
)

// The control socket between the part with Tor ([Service.Report]) and the part
// that serves ([Remote]), when they are two processes. It carries lines of JSON,
// each of at most reportLine bytes with its end:
//
//	Tor's part -> service   {"address":"…","phase":"published","progress":100,…}
//	service -> Tor's part   {"close":257}
//
// A report is sent at once, at each change and every beat; a peer that is silent
// for longer than silence is gone. Neither side believes the other's sizes. The
// service believes the rest: whoever may connect to the socket is Tor to it.
const (
	reportLine   = 4 << 10
	longestWords = 400 // bytes of a sentence in a report
	beat         = 10 * time.Second
	silence      = 3 * beat
)

// told is a State on the control socket.
type told struct {
	Address       string `json:"address"`
	Phase         Phase  `json:"phase"`
	Progress      int    `json:"progress"`
	Doing         string `json:"doing"`
	Published     bool   `json:"published"`
	Introductions int    `json:"introductions"`
	Consensus     int64  `json:"consensus"` // Unix seconds; 0 while unknown
	Kind          Kind   `json:"kind"`
	Trouble       string `json:"trouble"`
	Advice        string `json:"advice"`
}

// order is what the service asks of Tor's part.
type order struct {
	Close uint32 `json:"close"` // the circuit to close
}

var errReport = errors.New("onion: a report that cannot be")

// tell cuts the sentences as state does, so that a report fits into a line.
func tell(s State) told {
	t := told{s.Address, s.Phase, s.Progress, plain(s.Doing), s.Published, s.Introductions, 0, s.Kind, plain(s.Trouble), plain(s.Advice)}
	if !s.Consensus.IsZero() {
		t.Consensus = s.Consensus.Unix()
	}
	return t
}

// state checks a report. Its sentences go to an operator's terminal: they are
// cut, and lose what is not printable.
func (t told) state() (State, error) {
	switch t.Phase {
	case Starting, Bootstrapping, Publishing, Published, Stopped:
	default:
		return State{}, errReport
	}
	switch t.Kind {
	case "", NoRoute, CutOff, ClockSkew, NoIntroduction, Blocked, Stalled, KeepsDying:
	default:
		return State{}, errReport
	}
	if t.Address != "" && !IsAddress(t.Address) || t.Progress < 0 || t.Progress > 100 || t.Introductions < 0 || t.Consensus < 0 {
		return State{}, errReport
	}
	s := State{t.Address, t.Phase, t.Progress, plain(t.Doing), t.Published, t.Introductions, time.Time{}, t.Kind, plain(t.Trouble), plain(t.Advice)}
	if t.Consensus > 0 {
		s.Consensus = time.Unix(t.Consensus, 0).UTC()
	}
	return s, nil
}

func plain(words string) string {
	if len(words) > longestWords {
		words = strings.ToValidUTF8(words[:longestWords], "")
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, words)
}

// readLine decodes one line into v. Unknown members are refused: both ends are
// the same program.
func readLine(r *bufio.Reader, v any) error {
	line, err := r.ReadSlice('\n') // bufio.ErrBufferFull when it is too long
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errReport
	}
	return nil
}
