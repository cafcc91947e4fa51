package onion

import (
	"bufio"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// validAddress has a right checksum.
const validAddress = "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion"

// listening runs a Remote on a socket until the test ends.
func listening(t *testing.T) (r *Remote, socket string) {
	t.Helper()
	socket = filepath.Join(t.TempDir(), "control")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	r = NewRemote()
	go func() { done <- r.Run(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return r, socket
}

// eventually waits until the state is as wanted.
func eventually(t *testing.T, r *Remote, what string, enough func(State) bool) State {
	t.Helper()
	late := time.After(time.Minute)
	for {
		changed := r.Changes()
		s := r.State()
		if enough(s) {
			return s
		}
		select {
		case <-changed:
		case <-late:
			t.Fatalf("waited in vain for %s: %+v", what, s)
		}
	}
}

// tors is a Service that runs no tor: its state is set by hand.
func tors(t *testing.T, address string) *Service {
	t.Helper()
	s := &Service{changed: make(chan struct{})}
	s.note(func(d *diagnosis, now time.Time) {
		d.reset(now)
		d.address = address
	})
	return s
}

func TestReportReachesTheService(t *testing.T) {
	r, socket := listening(t)
	if s := r.State(); s.Kind != Apart || s.Trouble == "" || s.Advice == "" {
		t.Errorf("before anybody came: %+v", s)
	}
	s := tors(t, validAddress)
	ctx, cancel := context.WithCancel(t.Context())
	closed := make(chan uint32, 1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			if conn, err := net.Dial("unix", socket); err == nil {
				s.report(ctx, conn, func(id uint32) error { closed <- id; return nil })
			}
		}
	}()
	eventually(t, r, "the address", func(s State) bool { return s.Address == validAddress && s.Kind == "" })
	after := time.Unix(1_800_000_000, 0).UTC()
	s.note(func(d *diagnosis, now time.Time) {
		d.born(now)
		d.published, d.consensus = true, after
	})
	if got := eventually(t, r, "publication", func(s State) bool { return s.Published }); got != s.State() {
		t.Errorf("%+v instead of %+v", got, s.State())
	}
	if err := r.CloseCircuit(257); err != nil {
		t.Error(err)
	}
	if id := <-closed; id != 257 {
		t.Errorf("circuit %d was closed", id)
	}
	cancel()
	<-ended
	gone := eventually(t, r, "the end", func(s State) bool { return s.Kind == Apart })
	if gone.Address != validAddress || !gone.Consensus.Equal(after) || gone.Published {
		t.Errorf("after the end: %+v", gone)
	}
	if err := r.CloseCircuit(258); !errors.Is(err, ErrNoCircuit) {
		t.Errorf("nobody is there: %v", err)
	}
}

func TestNewestConnectionCounts(t *testing.T) {
	r, socket := listening(t)
	older, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer older.Close()
	send(older, told{Phase: Publishing})
	eventually(t, r, "the first", func(s State) bool { return s.Phase == Publishing })
	newer, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer newer.Close()
	send(newer, told{Phase: Published})
	eventually(t, r, "the second", func(s State) bool { return s.Phase == Published })
	if _, err := older.Read(make([]byte, 1)); err == nil {
		t.Error("the older connection lives on")
	}
	if s := r.State(); s.Phase != Published {
		t.Errorf("the end of the older connection counts: %+v", s)
	}
}

func TestHostileReports(t *testing.T) {
	for name, line := range map[string]string{
		"no JSON":           "hello\n",
		"two values":        `{"phase":"published"}{"phase":"published"}` + "\n",
		"unknown member":    `{"phase":"published","more":1}` + "\n",
		"unknown phase":     `{"phase":"gone"}` + "\n",
		"unknown kind":      `{"phase":"published","kind":"fine"}` + "\n",
		"another address":   `{"phase":"published","address":"example.com"}` + "\n",
		"too much progress": `{"phase":"published","progress":101}` + "\n",
		"before the epoch":  `{"phase":"published","consensus":-1}` + "\n",
		"endless line":      `{"phase":"published","doing":"` + strings.Repeat("x", 1<<20),
	} {
		t.Run(name, func(t *testing.T) {
			r, socket := listening(t)
			conn, err := net.Dial("unix", socket)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(time.Minute))
			conn.Write([]byte(line))
			if _, err := conn.Read(make([]byte, 1)); err == nil || strings.Contains(err.Error(), "timeout") {
				t.Errorf("the connection was not closed: %v", err)
			}
			if s := r.State(); s.Phase != Starting || s.Address != "" {
				t.Errorf("believed: %+v", s)
			}
		})
	}
}

// TestReportsKnowEveryKind: a trouble that the other part does not know would
// keep the two apart.
func TestReportsKnowEveryKind(t *testing.T) {
	source, err := os.ReadFile("state.go")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^\t\w+ +(Phase|Kind)? *= "([a-z-]+)"`).FindAllStringSubmatch(string(source), -1)
	if want := len(phases) + len(kinds) - 1; len(found) != want {
		t.Errorf("%d phases and kinds in state.go, %d on the wire", len(found), want)
	}
	for _, m := range found {
		if !slices.Contains(phases, Phase(m[2])) && !slices.Contains(kinds, Kind(m[2])) {
			t.Errorf("%s is not known", m[2])
		}
	}
}

// TestSilentPeerIsGone: a part that hangs is as good as none.
func TestSilentPeerIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer far.Close()
		r := NewRemote()
		r.adopt(near)
		go r.listen(near)
		send(far, told{Phase: Published, Published: true})
		time.Sleep(silence - time.Second)
		if s := r.State(); !s.Published {
			t.Errorf("gone too early: %+v", s)
		}
		time.Sleep(2 * time.Second)
		if s := r.State(); s.Published || s.Kind != Apart {
			t.Errorf("still believed: %+v", s)
		}
	})
}

// TestReportsFit: whatever Tor's last words were, a report is one line that is
// understood, and its sentences are printable.
func TestReportsFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.OneOf(rapid.String(), rapid.Just(strings.Repeat(`"<\`, 1000)), rapid.Just(strings.Repeat("ß\x1b", 2000)))
		s := State{Address: validAddress, Phase: Starting, Kind: KeepsDying,
			Doing: words.Draw(t, "doing"), Trouble: words.Draw(t, "trouble"), Advice: words.Draw(t, "advice")}
		near, far := net.Pipe()
		go func() { send(far, tell(s)); far.Close() }()
		var got told
		if err := readLine(bufio.NewReaderSize(near, reportLine), &got); err != nil {
			t.Fatal(err)
		}
		back, err := got.state()
		if err != nil || plain(back.Trouble) != back.Trouble || back.Phase != s.Phase || back.Kind != s.Kind {
			t.Fatalf("%+v: %v", back, err)
		}
	})
}

func FuzzReport(f *testing.F) {
	f.Add([]byte(`{"phase":"published","address":"` + validAddress + `","consensus":1800000000}` + "\n"))
	f.Fuzz(func(t *testing.T, line []byte) {
		var got told
		if readLine(bufio.NewReaderSize(strings.NewReader(string(line)), reportLine), &got) != nil {
			return
		}
		s, err := got.state()
		if err != nil {
			return
		}
		if len(s.Trouble) > longestWords || s.Address != "" && !IsAddress(s.Address) {
			t.Errorf("believed: %+v", s)
		}
		if again, err := tell(s).state(); err != nil || again != s {
			t.Errorf("%+v became %+v: %v", s, again, err)
		}
	})
}
