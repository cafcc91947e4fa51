package onion

import (
	"testing"
	"time"
)

func TestTroublesOfBridges(t *testing.T) {
	for name, c := range map[string]struct {
		barred words
		lines  []string
		after  time.Duration
		want   Kind
	}{
		"patience":            {words{}, nil, time.Second, ""},
		"no answer":           {words{}, nil, patienceBlocked, BridgeFails},
		"an answer":           {words{}, []string{`STATUS_CLIENT NOTICE BOOTSTRAP PROGRESS=15 TAG=handshake_done`}, patienceBlocked, ""},
		"a wrong clock":       {words{}, []string{skew("SKEW=-7200")}, patienceBlocked, ClockSkew},
		"published":           {words{}, []string{lineDone, lineUploaded}, patienceBlocked, ""},
		"nothing may be done": {barWords(ErrNoBridges), nil, time.Second, NeedsBridge},
	} {
		d := heard(c.lines...)
		d.bridged, d.barred = c.barred == words{}, c.barred
		if got := d.state(epoch.Add(c.after)); got.Kind != c.want || (got.Trouble == "") != (c.want == "") {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestExcusedEnds: that clients were shut out three times is no trouble.
func TestExcusedEnds(t *testing.T) {
	d := heard()
	for range deathsToTell {
		excuse(d, epoch)
		d.died(epoch, "")
		d.born(epoch)
	}
	if got := d.state(epoch); got.Kind != "" {
		t.Errorf("excused: %+v", got)
	}
	for range deathsToTell {
		d.died(epoch, "")
		d.born(epoch)
	}
	if got := d.state(epoch); got.Kind != KeepsDying {
		t.Errorf("not excused: %+v", got)
	}
}
