package onion

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

const (
	aFingerprint = "0123456789ABCDEF0123456789ABCDEF01234567"
	anObfs4      = "obfs4 192.0.2.3:443 " + aFingerprint + " cert=abc/d+e iat-mode=0"
	aSnowflake   = "snowflake 192.0.2.3:80 " + aFingerprint + " fingerprint=" + aFingerprint +
		" url=https://a.example/ fronts=b.example,c.example ice=stun:d.example:3478,stun:e.example:19302 utls-imitate=hellorandomizedalpn"
)

func TestParseBridge(t *testing.T) {
	for line, want := range map[string]string{
		"192.0.2.1:443":                                      "192.0.2.1:443",
		"Bridge 192.0.2.1:443":                               "192.0.2.1:443",
		"  bridge\t192.0.2.1:443  " + aFingerprint:           "192.0.2.1:443 " + aFingerprint,
		"[2001:db8::1]:443 " + strings.ToLower(aFingerprint): "[2001:db8::1]:443 " + aFingerprint,
		anObfs4:    anObfs4,
		aSnowflake: aSnowflake,
	} {
		b, err := ParseBridge(line)
		if err != nil || b.line != want {
			t.Errorf("%q: %q, %v", line, b.line, err)
		}
	}
	for _, line := range []string{
		"", "Bridge", "obfs4", "nonsense", "192.0.2.1", "192.0.2.1:0", "192.0.2.1:65536", "example.com:443",
		"192.0.2.1:443 cert=x",                                // arguments need a transport
		"192.0.2.1:443 0123",                                  // no fingerprint
		"obfs4 192.0.2.1:443 cert",                            // no value
		"obfs4 192.0.2.1:443 cert=a#b",                        // a comment in torrc
		`obfs4 192.0.2.1:443 cert="a"`,                        // a quoted value in torrc
		`obfs4 192.0.2.1:443 cert=a\`,                         // a line that goes on in torrc
		"192.0.2.1:443\nSocksPort 9050",                       // a line of its own
		"192.0.2.1:443\x00",                                   //
		"[fe80::1%eth0]:443",                                  // a zone
		"Obfs4 192.0.2.1:443",                                 // no such spelling
		"obfs4 192.0.2.1:443 " + strings.Repeat("a=b ", 1000), // too long
		"obfs4 192.0.2.1:443 k=é",
	} {
		if b, err := ParseBridge(line); !errors.Is(err, ErrBridge) || b.line != "" {
			t.Errorf("%q: %q, %v", line, b.line, err)
		}
	}
}

func TestParseBridges(t *testing.T) {
	all, err := ParseBridges("\ufeff# from a friend\r\n\r\n" + anObfs4 + "\r\n192.0.2.1:443")
	if err != nil || len(all) != 2 || all[0].transport != "obfs4" || all[1].transport != "" {
		t.Errorf("%d, %v", len(all), err)
	}
	_, err = ParseBridges("\n" + anObfs4 + "\nnonsense\n")
	if line, ok := errors.AsType[*BridgeError](err); !ok || line.Line != 3 || strings.Contains(err.Error(), "nonsense") {
		t.Errorf("%v", err)
	}
	if _, err := ParseBridges(strings.Repeat("192.0.2.1:443\n", mostBridges+1)); !errors.Is(err, ErrBridge) {
		t.Errorf("too many: %v", err)
	}
	if got := fmt.Sprintf("%v %+v %#v %s", all, all, all, all[0]); strings.Contains(got, "192.0.2") || strings.Contains(got, "cert") {
		t.Errorf("printed: %s", got)
	}
}

// FuzzParseBridge: whatever is taken is one line of torrc that reads back the
// same, and holds nothing that torrc takes for more than a value.
func FuzzParseBridge(f *testing.F) {
	for _, line := range []string{anObfs4, aSnowflake, "Bridge [2001:db8::1]:443", "a b=c", "obfs4 1.2.3.4:5 a=#"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		b, err := ParseBridge(line)
		if err != nil {
			return
		}
		if strings.ContainsAny(b.line, "\n\r\t\"'#\\\x00") || len(b.line) > longestBridge {
			t.Errorf("%q becomes %q", line, b.line)
		}
		if again, err := ParseBridge(b.line); err != nil || again != b {
			t.Errorf("%q becomes %q, then %q, %v", line, b.line, again.line, err)
		}
	})
}

func TestAccess(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	obfs4, _ := ParseBridge(anObfs4)
	snowflake, _ := ParseBridge(aSnowflake)
	other, _ := ParseBridge("webtunnel 192.0.2.1:443 url=https://a.example")
	missing := filepath.Join(dir, "missing")
	lyrebird := file("lyrebird", "#!/bin/sh\n")
	spaced, tabbed := file("a program", "#!/bin/sh\n"), file("a\tprogram", "#!/bin/sh\n")
	pipe := filepath.Join(dir, "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		access Access
		want   error
		pack   string
	}{
		"direct":               {Access{}, nil, ""},
		"required, none":       {Access{Required: true}, nil, ""},
		"required, no file":    {Access{Required: true, File: missing}, nil, ""},
		"no file":              {Access{File: missing}, os.ErrNotExist, ""},
		"an empty file":        {Access{File: file("empty", "# none\n")}, ErrNoBridges, ""},
		"a bad file":           {Access{Required: true, File: file("bad", "nonsense\n")}, ErrBridge, ""},
		"found on PATH":        {Access{Bridges: []Bridge{obfs4}}, nil, ""},
		"none on PATH":         {Access{Bridges: []Bridge{snowflake}}, nil, "snowflake-client"},
		"named":                {Access{Bridges: []Bridge{other}, Transports: map[string]string{"webtunnel": lyrebird}}, nil, ""},
		"not named":            {Access{Bridges: []Bridge{other}}, nil, "?"},
		"named, and not there": {Access{Bridges: []Bridge{obfs4}, Transports: map[string]string{"obfs4": missing}}, nil, "obfs4proxy"},
		"a path with spaces":   {Access{Bridges: []Bridge{obfs4}, Transports: map[string]string{"obfs4": spaced}}, ErrTransportPath, ""},
		"a path with a tab":    {Access{Bridges: []Bridge{obfs4}, Transports: map[string]string{"obfs4": tabbed}}, ErrTransportPath, ""},
		"a pipe":               {Access{File: pipe}, ErrBridgeFile, ""},
		"a pipe, required":     {Access{Required: true, File: pipe}, ErrBridgeFile, ""},
		"a folder":             {Access{File: dir}, ErrBridgeFile, ""},
	} {
		err := c.access.Check()
		lacks, isLacking := errors.AsType[*TransportError](err)
		switch {
		case c.pack != "":
			if !isLacking || lacks.Package != strings.Trim(c.pack, "?") {
				t.Errorf("%s: %v", name, err)
			}
		case !errors.Is(err, c.want):
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestScrub(t *testing.T) {
	obfs4, _ := ParseBridge(anObfs4)
	got := route{bridges: []Bridge{obfs4}}.scrub("unable to connect to 192.0.2.3:443 (192.0.2.3) ID=" + aFingerprint + " with obfs4")
	if got != "unable to connect to (a bridge) ((a bridge)) ID=(a bridge) with obfs4" {
		t.Errorf("%q", got)
	}
}
