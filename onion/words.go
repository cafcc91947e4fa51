package onion

import (
	"fmt"
	"time"
)

// phase is how far tor has come, and what it does now.
func (d *diagnosis) phase(published bool) (Phase, string) {
	switch {
	case d.stopped:
		return Stopped, "Tor is stopped"
	case !d.running && d.deaths > 0:
		return Starting, "Tor has stopped and is being started again"
	case !d.running:
		return Starting, doing["starting"]
	case d.barred != words{}:
		return Bootstrapping, "Waiting for a bridge"
	case published:
		return Published, "The service is published"
	case d.progress == 100:
		return Publishing, "Announcing the service to the network"
	}
	if words, ok := doing[d.tag]; ok {
		return Bootstrapping, words
	}
	return Bootstrapping, "Connecting to the Tor network"
}

// doing has words for the tags of tor's bootstrap (control-spec, section 5.5).
var doing = map[string]string{
	"starting":               "Starting Tor",
	"conn_pt":                "Starting the bridge's transport",
	"conn_done_pt":           "The bridge's transport is ready",
	"conn_proxy":             "Connecting to the proxy",
	"conn_done_proxy":        "Connected to the proxy",
	"conn":                   "Connecting to a first relay",
	"conn_done":              "Connected to a first relay",
	"handshake":              "Agreeing on keys with the relay",
	"handshake_done":         "Agreed on keys with the relay",
	"onehop_create":          "Opening a connection for the directory",
	"requesting_status":      "Asking for the list of relays",
	"loading_status":         "Loading the list of relays",
	"loading_keys":           "Loading the directory's certificates",
	"requesting_descriptors": "Asking for the relays' descriptions",
	"loading_descriptors":    "Loading the relays' descriptions",
	"enough_dirinfo":         "Enough is known to build circuits",
	"ap_conn_pt":             "Starting the bridge's transport for circuits",
	"ap_conn_done_pt":        "The bridge's transport is ready for circuits",
	"ap_conn_proxy":          "Connecting to the proxy for circuits",
	"ap_conn_done_proxy":     "Connected to the proxy for circuits",
	"ap_conn":                "Connecting to a relay for circuits",
	"ap_conn_done":           "Connected to a relay for circuits",
	"ap_handshake":           "Agreeing on keys with a relay for circuits",
	"ap_handshake_done":      "Agreed on keys with a relay for circuits",
	"circuit_create":         "Building a circuit",
	"done":                   "Connected to the Tor network",
}

// words says what is wrong and what to do about it.
func (d *diagnosis) words(k Kind) (trouble, advice string) {
	switch k {
	case NeedsBridge:
		return d.barred.trouble, d.barred.advice
	case BridgeFails:
		trouble = "No bridge answers."
		if d.reason == "PT_MISSING" {
			trouble = "The program for the bridge's transport does not work."
		}
		return trouble, "Check the network first. Bridges come and go: get other lines from https://bridges.torproject.org or bridges@torproject.org; Tor goes on trying by itself."
	case KeepsDying:
		trouble = "Tor keeps stopping."
		if d.lastWords != "" {
			trouble = "Tor keeps stopping. Its last words: " + d.lastWords
		}
		return trouble, "Look for a full disk, too little memory, fewer than 1024 open files allowed (ulimit -n) or a second Ashpost on the same data folder; it is started again by itself."
	case NoRoute:
		return "This machine has no way to the network.", "Check the cable, the Wi-Fi and the router; Tor goes on trying by itself."
	case CutOff:
		return "Tor has lost all its connections to the network.", "Check the cable, the Wi-Fi and the router; Tor goes on trying by itself."
	case NoIntroduction:
		return "No relay introduces visitors to the service any more.", "Tor looks for new ones by itself, and is started again if it finds none."
	case ClockSkew:
		return d.skewWords(), "Set the clock of this machine right (time zone too); Tor goes on trying by itself."
	case Blocked:
		return failureWords(d.reason), "If Tor is blocked where you are, try another network or a bridge; Tor goes on trying by itself."
	case Stalled:
		return "Tor makes no progress and gives no reason.", "Check the network; if Tor is blocked where you are, try another network or a bridge."
	}
	return "", ""
}

// failureWords has words for tor's reasons (control-spec, section 4.1.2).
func failureWords(reason string) string {
	switch reason {
	case "CONNECTREFUSED":
		return "Connections to the Tor network are refused."
	case "TIMEOUT":
		return "Connections to the Tor network get no answer."
	case "CONNECTRESET", "DONE", "IOERROR":
		return "Connections to the Tor network are cut."
	case "TLS_ERROR", "IDENTITY":
		return "Something between this machine and the Tor network interferes."
	case "PT_MISSING":
		return "The program for the bridge is missing."
	}
	return "Connections to the Tor network fail."
}

func (d *diagnosis) skewWords() string {
	if d.skew == 0 {
		return "The clock of this machine is wrong."
	}
	side := "ahead"
	if d.skew < 0 {
		side = "behind"
	}
	far, unit := int(d.skew.Abs().Round(time.Minute)/time.Minute), "minutes"
	switch {
	case far >= 72*60:
		far, unit = (far+12*60)/(24*60), "days"
	case far >= 120:
		far, unit = (far+30)/60, "hours"
	}
	return fmt.Sprintf("The clock of this machine is about %d %s %s.", far, unit, side)
}
