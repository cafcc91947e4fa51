package onion

import (
	"strconv"
	"time"
)

// Patience before failures count as trouble: tor tries several relays at once,
// and some are always down.
const (
	patienceNoRoute = 3 * time.Second
	patienceBlocked = 20 * time.Second
	patienceStalled = 2 * time.Minute
	patienceNoIntro = 30 * time.Second // tor replaces a lost introduction point within seconds
	patienceRestart = 5 * time.Minute  // a new tor finds what an old one did not
	deathsToTell    = 3
	skewToTell      = 30 * time.Minute
	bridgeAnswers   = 15 // the bootstrap's progress once a first relay has agreed on keys
)

// diagnosis gathers what one Service has heard of its tor, and makes a State of
// it. It reads no clock: times are given.
type diagnosis struct {
	address   string
	running   bool // tor answers on its control socket
	stopped   bool
	progress  int
	tag       string
	since     time.Time     // tor answers
	moved     time.Time     // of the last progress
	reason    string        // of the last failed connection since then
	skew      time.Duration // positive: this machine is ahead
	skewed    bool
	offline   bool      // tor says that the network was there and has gone
	alone     time.Time // since when no relay is connected; zero while one is
	published bool
	points    int       // introduction points
	pointless time.Time // since when there are none; zero while there are
	deaths    int       // in a row, of a tor that neither published nor lived long
	lastWords string    // of a tor that died
	consensus time.Time
	bridged   bool  // only bridges are connected to
	barred    words // why nothing is connected to
	excused   bool  // tor is stopped because that was asked for
}

// born notes that a new tor answers.
func (d *diagnosis) born(now time.Time) {
	d.reset(now)
	d.running, d.since = true, now
}

// died notes that tor is gone, for whatever reason.
func (d *diagnosis) died(now time.Time, lastWords string) {
	if d.running && now.Sub(d.since) >= steady {
		d.deaths = 0
	}
	if !d.excused {
		d.deaths++
	}
	d.reset(now)
	d.lastWords = lastWords
}

// reset forgets what was true of one tor process only.
func (d *diagnosis) reset(now time.Time) {
	*d = diagnosis{address: d.address, deaths: d.deaths, lastWords: d.lastWords, moved: now, consensus: d.consensus}
}

// hear takes in one event.
func (d *diagnosis) hear(e event, now time.Time) {
	switch {
	case e.kind == "STATUS_CLIENT" && e.word(1) == "BOOTSTRAP":
		d.hearBootstrap(e, now)
	case e.kind == "STATUS_GENERAL" && e.word(0) == "WARN" && e.word(1) == "CLOCK_SKEW":
		d.hearSkew(e)
	case e.kind == "ORCONN" && e.word(1) == "FAILED":
		d.blame(e.args["REASON"])
	case e.kind == "ORCONN" && e.word(1) == "CONNECTED":
		d.reason = ""
	case e.kind == "NETWORK_LIVENESS":
		d.hearLiveness(e.word(0))
	case e.kind == "HS_DESC" && e.word(0) == "UPLOADED" && e.word(1)+".onion" == d.address:
		d.published, d.offline, d.deaths, d.moved = true, false, 0, now
		d.pointless = time.Time{} // none is counted from now on
	}
}

func (d *diagnosis) hearBootstrap(e event, now time.Time) {
	progress, err := strconv.Atoi(e.args["PROGRESS"])
	if err != nil || progress < 0 || progress > 100 {
		return
	}
	if progress > d.progress {
		d.progress, d.moved, d.reason = progress, now, ""
	}
	d.tag = e.args["TAG"]
	switch {
	case e.word(0) == "NOTICE":
	case e.args["REASON"] == "CLOCK_SKEW":
		d.skewed = true
	default:
		d.blame(e.args["REASON"])
	}
}

// blame keeps why connections fail. Without any network tor's bootstrap is
// silent and only ORCONN tells. The first reason stays, so that the words do
// not change with every relay; a missing route alone gives way to any other,
// since a machine without IPv6 has none to some relays.
func (d *diagnosis) blame(reason string) {
	if d.reason == "" || d.reason == "NOROUTE" {
		d.reason = reason
	}
}

// hearSkew believes only what tor itself warns of: a single relay that claims
// another time is a notice.
func (d *diagnosis) hearSkew(e event) {
	value := e.args["SKEW"]
	if value == "" {
		value = e.args["MIN_SKEW"]
	}
	seconds, err := strconv.ParseInt(value, 10, 32)
	if err != nil {
		return
	}
	d.skew = time.Duration(seconds) * time.Second
	d.skewed = d.skew.Abs() >= skewToTell
}

// hearLiveness counts "down" only once the network has been there: until then
// the bootstrap's own events say more.
func (d *diagnosis) hearLiveness(word string) {
	switch word {
	case "UP", "up":
		d.offline = false
	case "DOWN", "down":
		d.offline = d.progress == 100
	}
}

// hearRelays counts connections. tor itself may need many minutes to notice
// that the last one is gone; a published service always has one.
func (d *diagnosis) hearRelays(connected int, now time.Time) {
	switch {
	case connected > 0:
		d.alone = time.Time{}
	case d.alone.IsZero():
		d.alone = now
	}
}

// hearIntroductions counts introduction points: without one no visitor comes
// through, whatever descriptor the network holds.
func (d *diagnosis) hearIntroductions(points int, now time.Time) {
	d.points = points
	switch {
	case points > 0:
		d.pointless = time.Time{}
	case d.pointless.IsZero():
		d.pointless = now
	}
}

// unreachable says whether a published service has had no introduction point
// for so long, although the network is there.
func (d *diagnosis) unreachable(now time.Time, patience time.Duration) bool {
	return d.published && !d.cutOff(now) && !d.pointless.IsZero() && now.Sub(d.pointless) >= patience
}

// cutOff says whether the network was there and has gone.
func (d *diagnosis) cutOff(now time.Time) bool {
	alone := !d.alone.IsZero() && now.Sub(d.alone) >= patienceBlocked
	return d.offline || d.progress == 100 && alone
}

// state is the diagnosis in words.
func (d *diagnosis) state(now time.Time) State {
	s := State{Address: d.address, Progress: d.progress, Introductions: d.points, Consensus: d.consensus}
	s.Published = d.published && !d.unreachable(now, patienceNoIntro)
	s.Phase, s.Doing = d.phase(s.Published)
	if d.stopped {
		return s
	}
	s.Kind = d.kind(now)
	s.Trouble, s.Advice = d.words(s.Kind)
	return s
}

func (d *diagnosis) kind(now time.Time) Kind {
	still := now.Sub(d.moved)
	switch {
	case d.barred != words{}:
		return NeedsBridge
	case d.deaths >= deathsToTell && (!d.running || now.Sub(d.since) < steady):
		return KeepsDying
	case d.cutOff(now):
		return CutOff
	case d.unreachable(now, patienceNoIntro):
		return NoIntroduction
	case d.published:
		return ""
	case d.skewed:
		return ClockSkew
	case d.reason == "NOROUTE" && still >= patienceNoRoute:
		return NoRoute
	case d.bridged && still >= patienceBlocked && d.progress < bridgeAnswers:
		return BridgeFails
	case d.reason != "" && still >= patienceBlocked:
		return Blocked
	case d.running && still >= patienceStalled:
		return Stalled
	}
	return ""
}
