package onion

import "time"

// Phase is how far the service has come.
type Phase string

const (
	Starting      Phase = "starting"      // tor is being started
	Bootstrapping Phase = "bootstrapping" // tor is connecting to the network
	Publishing    Phase = "publishing"    // connected; no relay has the descriptor yet
	Published     Phase = "published"     // a relay has accepted the descriptor
	Stopped       Phase = "stopped"       // Run has returned
)

// Kind is the sort of trouble, for programs. The empty Kind is no trouble.
type Kind string

const (
	NoRoute        Kind = "no-route"        // this machine has no network
	CutOff         Kind = "cut-off"         // the network was there and has gone
	ClockSkew      Kind = "clock-skew"      // this machine's clock is wrong
	Blocked        Kind = "blocked"         // connections fail; perhaps someone sees to that
	NoIntroduction Kind = "no-introduction" // published, but no relay introduces visitors
	Stalled        Kind = "stalled"         // no progress, and tor gives no reason
	KeepsDying     Kind = "keeps-dying"     // tor stops again and again

	NeedsBridge Kind = "needs-bridge" // nothing is connected to until there is a bridge
	BridgeFails Kind = "bridge-fails" // no bridge answers
)

// State is what an operator needs to know. It is comparable.
type State struct {
	Address       string // 56 characters and ".onion"; empty until tor has made it
	Phase         Phase
	Progress      int    // of the bootstrap, 0 to 100
	Doing         string // what tor does now, in words
	Published     bool
	Introductions int       // relays that introduce visitors to the service
	Consensus     time.Time // from when the signed consensus is valid: a lower bound of the time; zero if unknown
	Kind          Kind
	Trouble       string // what is wrong, in a sentence; empty if nothing is
	Advice        string // what to do about it, in a sentence
	Tor           Tor
}
