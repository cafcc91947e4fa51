package webui

import (
	"fmt"
	"strings"
	"testing"
)

// preamble is what Tor writes at the start of a stream.
func preamble(id uint32) string {
	return fmt.Sprintf("PROXY TCP6 fc00:dead:beef:4dad::%x:%x ::1 %d 80\r\n", id>>16, id&0xffff, id&0xffff)
}

func TestPreamble(t *testing.T) {
	for _, id := range []uint32{1, 257, 0xffff, 0x10000, 0xabcdef01, 0xffffffff} {
		line := preamble(id)
		for n := range len(line) {
			if got, _, err := cutPreamble([]byte(line[:n])); got != 0 || err != nil {
				t.Errorf("%q: %d, %v", line[:n], got, err)
			}
		}
		got, rest, err := cutPreamble([]byte(line + "GET / HTTP/1.1\r\n"))
		if got != id || string(rest) != "GET / HTTP/1.1\r\n" || err != nil {
			t.Errorf("%q: %d, %q, %v", line, got, rest, err)
		}
	}
	good := preamble(0x30101)
	if good != "PROXY TCP6 fc00:dead:beef:4dad::3:101 ::1 257 80\r\n" {
		t.Fatal(good)
	}
	for name, line := range map[string]string{
		"HTTP":             "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"TLS":              "\x16\x03\x01",
		"version 2":        "\r\n\r\n\x00\r\nQUIT\n",
		"no circuit":       "PROXY TCP6 fc00:dead:beef:4dad::0:0 ::1 0 80\r\n",
		"tor's no circuit": "PROXY TCP6 fc00:dead:beef:4dad::0:0 ::1 1 80\r\n",
		"unknown":          "PROXY UNKNOWN\r\n",
		"IPv4":             "PROXY TCP4 127.0.0.1 127.0.0.1 257 80\r\n",
		"other network":    strings.Replace(good, "beef", "face", 1),
		"other target":     strings.Replace(good, "::1 ", "::2 ", 1),
		"other port":       strings.Replace(good, " 80", " 81", 1),
		"other source":     strings.Replace(good, " 257", " 258", 1),
		"capitals":         strings.Replace(preamble(0xa0001), "::a:", "::A:", 1),
		"leading zero":     strings.Replace(good, ":101", ":0101", 1),
		"zero port":        strings.Replace(good, " 257", " 0257", 1),
		"sign":             strings.Replace(good, " 257", " +257", 1),
		"large half":       strings.Replace(good, "::3:", "::10003:", 1),
		"short":            strings.Replace(good, "::3:", "::", 1),
		"two spaces":       strings.Replace(good, " ::1", "  ::1", 1),
		"tab":              strings.Replace(good, " ::1", "\t::1", 1),
		"space at the end": strings.Replace(good, "\r", " \r", 1),
		"no CR":            strings.Replace(good, "\r", "", 1),
		"CR alone":         strings.Replace(good, "\r\n", "\r\r\n", 1),
		"no end":           preambleStart + strings.Repeat("0", longestPreamble),
		"long":             strings.Replace(good, " 80", strings.Repeat(" ", 60)+"80", 1),
	} {
		if id, _, err := cutPreamble([]byte(line)); id != 0 || err == nil {
			t.Errorf("%s passes: %d, %v", name, id, err)
		}
	}
}

// FuzzPreamble: a line that passes is the one that Tor writes for that circuit,
// and what follows is left alone.
func FuzzPreamble(f *testing.F) {
	for _, s := range []string{preamble(1), preamble(0xffff0001) + "GET", "PROXY UNKNOWN\r\n", "PROXY TCP6 ", ""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		id, rest, err := cutPreamble(b)
		if id != 0 && (err != nil || preamble(id)+string(rest) != string(b)) {
			t.Errorf("%q: %d, %q, %v", b, id, rest, err)
		}
		if id == 0 && err == nil && (len(b) >= longestPreamble || strings.Contains(string(b), "\n")) {
			t.Errorf("%q is waited for", b)
		}
	})
}
