package onion

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
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
	longestWords = 300 // bytes of a sentence in a report
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
	Tor           string `json:"tor"` // its version
	Place         Place  `json:"place"`
	Why           string `json:"why"`
}

// order is what the service asks of Tor's part.
type order struct {
	Close uint32 `json:"close"` // the circuit to close
}

var errReport = errors.New("onion: a report that cannot be")

// tell cuts the sentences as state does, so that a report fits into a line.
func tell(s State) told {
	t := told{
		Address: s.Address, Phase: s.Phase, Progress: s.Progress, Doing: plain(s.Doing),
		Published: s.Published, Introductions: s.Introductions,
		Kind: s.Kind, Trouble: plain(s.Trouble), Advice: plain(s.Advice),
		Tor: plain(s.Tor.Version), Place: s.Tor.Place, Why: plain(s.Tor.Why),
	}
	if !s.Consensus.IsZero() {
		t.Consensus = s.Consensus.Unix()
	}
	return t
}

// state checks a report. Its sentences go to an operator's terminal: they are
// cut, and lose what is not printable.
func (t told) state() (State, error) {
	if !slices.Contains(phases, t.Phase) || !slices.Contains(kinds, t.Kind) || !slices.Contains(places, t.Place) ||
		t.Address != "" && !IsAddress(t.Address) || t.Progress < 0 || t.Progress > 100 || t.Introductions < 0 || t.Consensus < 0 {
		return State{}, errReport
	}
	s := State{
		Address: t.Address, Phase: t.Phase, Progress: t.Progress, Doing: plain(t.Doing),
		Published: t.Published, Introductions: t.Introductions,
		Kind: t.Kind, Trouble: plain(t.Trouble), Advice: plain(t.Advice),
		Tor: Tor{Version: plain(t.Tor), Place: t.Place, Why: plain(t.Why)},
	}
	if t.Consensus > 0 {
		s.Consensus = time.Unix(t.Consensus, 0).UTC()
	}
	return s, nil
}

var (
	phases = []Phase{Starting, Bootstrapping, Publishing, Published, Stopped}
	kinds  = []Kind{"", NoRoute, CutOff, ClockSkew, Blocked, NoIntroduction, Stalled, KeepsDying, NeedsBridge, BridgeFails}
	places = []Place{"", InMemory, InFile, OnDisk}
)

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
