package onion

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const (
	lineProgress = `STATUS_CLIENT NOTICE BOOTSTRAP PROGRESS=50 TAG=loading_descriptors SUMMARY="Loading relay descriptors"`
	lineNoRoute  = `STATUS_CLIENT WARN BOOTSTRAP PROGRESS=5 TAG=conn SUMMARY="Connecting to a relay" WARNING="No route to host" REASON=NOROUTE COUNT=1 RECOMMENDATION=ignore HOSTID="00" HOSTADDR="192.0.2.1:443"`
	lineUploaded = `HS_DESC UPLOADED abc UNKNOWN $0123456789ABCDEF=relay1 HSDIR_INDEX=00`
)

func TestParseEvent(t *testing.T) {
	for _, c := range []struct {
		line, kind string
		words      []string
		args       map[string]string
	}{
		{line: ""},
		{line: "NETWORK_LIVENESS UP", kind: "NETWORK_LIVENESS", words: []string{"UP"}},
		{
			line: lineProgress, kind: "STATUS_CLIENT", words: []string{"NOTICE", "BOOTSTRAP"},
			args: map[string]string{"PROGRESS": "50", "TAG": "loading_descriptors", "SUMMARY": "Loading relay descriptors"},
		},
		{
			line: lineUploaded, kind: "HS_DESC", words: []string{"UPLOADED", "abc", "UNKNOWN", "$0123456789ABCDEF=relay1"},
			args: map[string]string{"HSDIR_INDEX": "00"},
		},
		{line: `A B="a \"b\\ c=d"  C`, kind: "A", words: []string{"C"}, args: map[string]string{"B": `a "b\ c=d`}},
		{line: `A B="" C=`, kind: "A", args: map[string]string{"B": "", "C": ""}},
		{line: `A B C="unfinished D=1`, kind: "A", words: []string{"B"}},
		{line: `A B C="unfinished\`, kind: "A", words: []string{"B"}},
		{line: "A " + strings.Repeat("x", longestEvent)},
	} {
		e := parseEvent(c.line)
		if e.kind != c.kind || !slices.Equal(e.words, c.words) || !maps.Equal(e.args, c.args) {
			t.Errorf("%.80q is parsed as %+v", c.line, e)
		}
	}
}

// What tor could have written is read back as it was.
func TestParseEventRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := event{kind: rapid.StringMatching(`[A-Z_]{1,9}`).Draw(t, "kind"), args: map[string]string{}}
		line := want.kind
		for range rapid.IntRange(0, 5).Draw(t, "parts") {
			if rapid.Bool().Draw(t, "is word") {
				word := rapid.StringMatching(`[$a-z~][!-~]{0,9}`).Draw(t, "word")
				want.words = append(want.words, word)
				line += " " + word
				continue
			}
			key := rapid.StringMatching(`[A-Z_]{1,9}`).Draw(t, "key")
			value := rapid.String().Draw(t, "value")
			want.args[key] = value
			line += " " + key + "=" + quote(value)
		}
		got := parseEvent(line)
		if got.kind != want.kind || !slices.Equal(got.words, want.words) || !maps.Equal(got.args, want.args) {
			t.Fatalf("%q is parsed as %+v", line, got)
		}
	})
}

// No line may crash the supervisor or make a state that is out of bounds.
func FuzzEvent(f *testing.F) {
	for _, line := range []string{lineProgress, lineNoRoute, lineUploaded, `STATUS_GENERAL WARN CLOCK_SKEW SKEW=-108000 SOURCE=OR`} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		e := parseEvent(line)
		for key, value := range e.args {
			if !isKey(key) || len(value) > len(line) {
				t.Errorf("argument %q=%q", key, value)
			}
		}
		var d diagnosis
		d.born(epoch)
		d.hear(e, epoch)
		if s := d.state(epoch.Add(patienceStalled)); s.Progress < 0 || s.Progress > 100 || s.Doing == "" || (s.Kind == "") != (s.Trouble == "") {
			t.Errorf("%+v", s)
		}
	})
}
