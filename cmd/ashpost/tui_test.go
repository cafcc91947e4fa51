package main

import (
	"bytes"
	"testing"
)

// TestTextOnATerminal: a stranger's text neither steers a terminal nor turns the
// reading direction; into a pipe it goes as it is.
func TestTextOnATerminal(t *testing.T) {
	for text, want := range map[string]string{
		"one\ttwo\n":                            "one\ttwo\n",
		"no end":                                "no end\n",
		"\x1b[2J\x1b]0;owned\a":                 "�[2J�]0;owned�\n",
		"\rashpost: all is well\r\x7f\u009b31m": "�ashpost: all is well���31m\n",
		"\u202etxet\u2066\n":                    "�txet�\n",
		"سلام، دنیا\u200c\n":                    "سلام، دنیا\u200c\n",
	} {
		var out bytes.Buffer
		if err := (&tui{out: &out, outTerminal: true}).text(text); err != nil || out.String() != want {
			t.Errorf("%q shows as %q, %v", text, out.String(), err)
		}
		out.Reset()
		if err := (&tui{out: &out}).text(text); err != nil || out.String() != text {
			t.Errorf("%q is piped as %q, %v", text, out.String(), err)
		}
	}
}

func TestExitCodes(t *testing.T) {
	for i, want := range []int{0, 1, 2, 3, 4, 5, 6, 7, 130} {
		if exitCodes[i].code != want {
			t.Errorf("exit code %d is now %d", want, exitCodes[i].code)
		}
	}
}

func TestWords(t *testing.T) {
	for seconds, want := range map[int64]string{
		0: "0 seconds", 1: "1 second", 59: "59 seconds", 60: "1 minute", 90: "90 seconds", 3599: "59 minutes",
		3600: "1 hour", 86399: "23 hours", 86400: "1 day", 604800: "7 days",
	} {
		if got := secondsWords(seconds); got != want {
			t.Errorf("%d seconds are %q, want %q", seconds, got, want)
		}
	}
	for bytes, want := range map[int64]string{0: "0 bytes", 999: "999 bytes", 1: "1 byte", 1000: "1.0 kB", 12345: "12 kB", 5 << 30: "5.4 GB"} {
		if got := bytesWords(bytes); got != want {
			t.Errorf("%d bytes are %q, want %q", bytes, got, want)
		}
	}
	for text, ok := range map[string]bool{
		"5m": true, "90m": true, "1h": true, "7d": true, "168h": true, "10080m": true,
		"4m": false, "8d": false, "1w": false, "m": false, "": false, "1.5h": false, "-1h": false, "+1h": false, "99999d": false, "1H": false, "60s": false,
	} {
		if err := new(lifetime).UnmarshalText([]byte(text)); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
	for text, ok := range map[string]bool{"5m": true, "30d": true, "720h": true, "4m": false, "31d": false, "721h": false, "d": false} {
		if err := new(longLifetime).UnmarshalText([]byte(text)); (err == nil) != ok {
			t.Errorf("%q in an inbox: %v", text, err)
		}
	}
}
