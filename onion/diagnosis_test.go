package onion

import (
	"io"
	"strings"
	"testing"
	"time"
)

var epoch = time.Unix(1_800_000_000, 0)

const someAddress = "abc.onion"

// heard is a diagnosis of a tor that has just started and said these lines.
func heard(lines ...string) *diagnosis {
	d := &diagnosis{address: someAddress}
	d.born(epoch)
	for _, line := range lines {
		d.hear(parseEvent(line), epoch)
	}
	return d
}

const lineDone = `STATUS_CLIENT NOTICE BOOTSTRAP PROGRESS=100 TAG=done SUMMARY="Done"`

func warn(reason string) string {
	return `STATUS_CLIENT WARN BOOTSTRAP PROGRESS=5 TAG=conn SUMMARY="s" WARNING="w" REASON=` + reason + ` COUNT=1 RECOMMENDATION=ignore`
}

func failed(reason string) string { return "ORCONN $00~a FAILED REASON=" + reason + " NCIRCS=1 ID=1" }

func skew(value string) string {
	return "STATUS_GENERAL WARN CLOCK_SKEW " + value + " SOURCE=CONSENSUS"
}

func TestPhases(t *testing.T) {
	for _, c := range []struct {
		lines []string
		phase Phase
		doing string
	}{
		{nil, Bootstrapping, "Connecting to the Tor network"},
		{[]string{lineProgress}, Bootstrapping, "Loading the relays' descriptions"},
		{[]string{`STATUS_CLIENT NOTICE BOOTSTRAP PROGRESS=7 TAG=unheard_of`}, Bootstrapping, "Connecting to the Tor network"},
		{[]string{lineDone}, Publishing, "Announcing the service to the network"},
		{[]string{lineDone, "HS_DESC UPLOADED other UNKNOWN $00"}, Publishing, "Announcing the service to the network"},
		{[]string{lineDone, "HS_DESC FAILED abc UNKNOWN $00"}, Publishing, "Announcing the service to the network"},
		{[]string{lineDone, lineUploaded}, Published, "The service is published"},
	} {
		s := heard(c.lines...).state(epoch)
		if s.Phase != c.phase || s.Doing != c.doing || s.Published != (c.phase == Published) || s.Kind != "" {
			t.Errorf("%q: %+v", c.lines, s)
		}
	}
}

func TestTroubles(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines []string
		after time.Duration
		kind  Kind
		words string
	}{
		{"no route, at first", []string{lineNoRoute}, time.Second, "", ""},
		{"no route", []string{lineNoRoute}, 4 * time.Second, NoRoute, "no way to the network"},
		{"no route, then progress", []string{lineNoRoute, lineProgress}, 4 * time.Second, "", ""},
		{"no route to a relay", []string{failed("NOROUTE")}, 4 * time.Second, NoRoute, "no way to the network"},
		{"no route to one of two", []string{failed("NOROUTE"), failed("TIMEOUT"), failed("NOROUTE")}, 21 * time.Second, Blocked, "no answer"},
		{"one relay came through", []string{failed("TIMEOUT"), "ORCONN $00 CONNECTED ID=2"}, 21 * time.Second, "", ""},
		{"one relay fails later", []string{lineDone, lineUploaded, failed("TIMEOUT")}, time.Hour, "", ""},
		{"refused, at first", []string{warn("CONNECTREFUSED")}, 4 * time.Second, "", ""},
		{"refused", []string{warn("CONNECTREFUSED")}, 21 * time.Second, Blocked, "refused"},
		{"no answer", []string{warn("TIMEOUT")}, 21 * time.Second, Blocked, "no answer"},
		{"cut", []string{warn("CONNECTRESET")}, 21 * time.Second, Blocked, "cut"},
		{"interference", []string{warn("TLS_ERROR")}, 21 * time.Second, Blocked, "interferes"},
		{"reason unheard of", []string{warn("SOLAR_FLARE")}, 21 * time.Second, Blocked, "fail"},
		{"silence, at first", nil, time.Minute, "", ""},
		{"silence", nil, 3 * time.Minute, Stalled, "no progress"},
		{"not announced", []string{lineDone}, 3 * time.Minute, Stalled, "no progress"},
		{"published long ago", []string{lineDone, lineUploaded}, time.Hour, "", ""},
		{"published, network lost", []string{lineDone, lineUploaded, "NETWORK_LIVENESS DOWN"}, 0, CutOff, "lost all"},
		{"published, network back", []string{lineDone, lineUploaded, "NETWORK_LIVENESS DOWN", "NETWORK_LIVENESS UP"}, 0, "", ""},
		{"never connected", []string{"NETWORK_LIVENESS DOWN"}, 0, "", ""},
		{"clock far behind", []string{skew("SKEW=-108000")}, 0, ClockSkew, "about 30 hours behind"},
		{"clock far ahead", []string{skew("SKEW=2592000")}, 0, ClockSkew, "about 30 days ahead"},
		{"clock behind the consensus", []string{skew("MIN_SKEW=-7000")}, 0, ClockSkew, "about 117 minutes behind"},
		{"clock a little off", []string{skew("SKEW=600")}, 0, "", ""},
		{"clock wrong by an unknown time", []string{warn("CLOCK_SKEW")}, 0, ClockSkew, "clock of this machine is wrong"},
		{"clock wrong but published", []string{skew("SKEW=7200"), lineDone, lineUploaded}, 0, "", ""},
		{"one relay's opinion", []string{"STATUS_GENERAL NOTICE CLOCK_SKEW SKEW=-108000"}, 0, "", ""},
		{"skew that is no number", []string{skew("SKEW=99999999999999999999")}, 0, "", ""},
	} {
		s := heard(c.lines...).state(epoch.Add(c.after))
		if s.Kind != c.kind || !strings.Contains(s.Trouble, c.words) || (s.Kind == "") != (s.Advice == "") {
			t.Errorf("%s: %+v", c.name, s)
		}
	}
}

func TestCutOff(t *testing.T) {
	d := heard(lineDone, lineUploaded)
	for _, c := range []struct {
		after  time.Duration
		relays int
		kind   Kind
	}{
		{0, 2, ""}, {time.Minute, 0, ""}, {70 * time.Second, 0, ""}, {90 * time.Second, 0, CutOff}, {91 * time.Second, 1, ""}, {2 * time.Minute, 0, ""},
	} {
		now := epoch.Add(c.after)
		d.hearRelays(c.relays, now)
		if s := d.state(now); s.Kind != c.kind || !s.Published {
			t.Errorf("after %v with %d relays: %+v", c.after, c.relays, s)
		}
	}
}

func TestNoIntroductionPoints(t *testing.T) {
	d := heard(lineDone, lineUploaded)
	for _, c := range []struct {
		after     time.Duration
		points    int
		published bool
	}{
		{0, 3, true}, {time.Minute, 0, true}, {80 * time.Second, 0, true}, {90 * time.Second, 0, false},
		{5 * time.Minute, 0, false}, {6 * time.Minute, 1, true}, {7 * time.Minute, 0, true},
	} {
		now := epoch.Add(c.after)
		d.hearRelays(2, now)
		d.hearIntroductions(c.points, now)
		s := d.state(now)
		if s.Published != c.published || s.Introductions != c.points || (s.Kind == NoIntroduction) == c.published || (s.Phase == Published) != c.published {
			t.Errorf("after %v with %d: %+v", c.after, c.points, s)
		}
		if again := d.unreachable(now, patienceRestart); again {
			t.Errorf("after %v tor would be started again", c.after)
		}
	}
	if late := epoch.Add(12 * time.Minute); !d.unreachable(late, patienceRestart) {
		t.Error("tor is never started again")
	}
	early := heard(lineDone)
	early.hearIntroductions(0, epoch)
	if s := early.state(epoch.Add(time.Minute)); s.Kind != "" {
		t.Errorf("before the first publication: %+v", s)
	}
	early.hear(parseEvent(lineUploaded), epoch.Add(time.Minute))
	if s := early.state(epoch.Add(time.Minute)); !s.Published {
		t.Errorf("at the first publication: %+v", s)
	}
}

func TestDeaths(t *testing.T) {
	d := heard(lineDone, lineUploaded)
	now := epoch.Add(time.Hour)
	d.died(now, "")
	if s := d.state(now); s.Phase != Starting || s.Published || s.Kind != "" || s.Address != someAddress {
		t.Errorf("after one death: %+v", s)
	}
	for range deathsToTell - 1 {
		d.born(now)
		d.died(now, "The disk is full.")
	}
	if s := d.state(now); s.Kind != KeepsDying || !strings.Contains(s.Trouble, "The disk is full.") {
		t.Errorf("after three: %+v", s)
	}
	d.born(now)
	if s := d.state(now.Add(steady)); s.Kind != "" {
		t.Errorf("one that lives on: %+v", s)
	}
	d.died(now.Add(2*steady), "")
	if s := d.state(now.Add(2 * steady)); s.Kind != "" {
		t.Errorf("a late death: %+v", s)
	}
}

func TestLastWords(t *testing.T) {
	for _, c := range []struct{ name, log, want string }{
		{"nothing", "", "EOF"},
		{"notices", "Nov 01 00:00:00.000 [notice] Fine.\n", "EOF"},
		{"a warning", "Nov 01 00:00:00.000 [warn] Odd.\nNov 01 00:00:00.000 [notice] Fine.\n", "Odd."},
		{"an error goes before", "Nov 01 00:00:00.000 [err] Bad.\nNov 01 00:00:00.000 [warn] Odd.\n", "Bad."},
		{"an error without news", "Nov 01 00:00:00.000 [warn] Odd.\nNov 01 00:00:00.000 [err] Reading config failed--see warnings above.\n", "Odd."},
		{"a very long line", "Nov 01 00:00:00.000 [warn] " + strings.Repeat("x", 1<<20) + "\n", "x"},
	} {
		var w lastWords
		for chunk := range strings.SplitSeq(c.log, "[") { // as pipes cut it
			if chunk == "" {
				continue
			}
			if strings.HasPrefix(chunk, "Nov") {
				w.Write([]byte(chunk))
				continue
			}
			w.Write([]byte("[" + chunk))
		}
		w.ended(io.EOF)
		if got := w.String(); !strings.HasPrefix(got, c.want) || len(got) > 2*longestLine {
			t.Errorf("%s: %.80q", c.name, got)
		}
	}
}
