package onion

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNewEnough(t *testing.T) {
	for version, want := range map[string]bool{
		"0.4.9.11": true, "0.4.9.12": true, "0.4.10.1": true, "0.5.0.1": true, "1.0": true, "0.4.9.11.1": true,
		"0.4.9.9": false, "0.4.9": false, "0.4.7.16": false, "0.3.99.99": false, "": false, "0.4.9.x": false,
	} {
		if newEnough(version) != want {
			t.Errorf("%q: not %v", version, want)
		}
	}
}

// standIn makes a folder as fetch-tor.sh does, with a script for a tor.
func standIn(t *testing.T, version, modules string) string {
	t.Helper()
	dir := t.TempDir()
	bin := filepath.Join(dir, "usr/bin")
	if err := os.MkdirAll(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf("#!/bin/sh\ncase $1 in --version) echo 'Tor version %s.';; *) echo '%s';; esac\n", version, modules)
	if err := os.WriteFile(filepath.Join(bin, "tor"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestFindTor(t *testing.T) {
	t.Setenv("PATH", "")
	good := standIn(t, "0.4.9.12", "pow: yes")
	old := standIn(t, "0.4.7.16", "pow: yes")
	weak := standIn(t, "0.4.9.12", "pow: no")
	for _, c := range []struct {
		name string
		dirs []string
		want string // of the error; empty for success
	}{
		{"none", []string{t.TempDir()}, "tor is missing"},
		{"an old one", []string{old}, "older than 0.4.9.11"},
		{"one without proof of work", []string{weak}, "without proof of work"},
		{"a good one", []string{good}, ""},
		{"a good one last", []string{t.TempDir(), old, good}, ""},
	} {
		tor, err := FindTor(c.dirs...)
		if c.want == "" {
			if err != nil || tor.Version != "0.4.9.12" || tor.Path != filepath.Join(good, "usr/bin/tor") {
				t.Errorf("%s: %+v, %v", c.name, tor, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "fetch-tor.sh") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	t.Setenv("PATH", filepath.Join(good, "usr/bin"))
	if tor, err := FindTor(); err != nil || tor.LibDir != "" {
		t.Errorf("on PATH: %+v, %v", tor, err)
	}
}

func TestIsAddress(t *testing.T) {
	const real = "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion"
	for s, want := range map[string]bool{
		real:                               true,
		strings.ToUpper(real):              false,
		"3" + real[1:]:                     false, // mistyped
		"www." + real:                      false,
		real[:56]:                          false,
		real + ".":                         false,
		"example.com":                      false,
		strings.Repeat("a", 16) + ".onion": false,
		strings.Repeat("a", 56) + ".onion": false,
		"":                                 false,
	} {
		if IsAddress(s) != want {
			t.Errorf("%q: not %v", s, want)
		}
	}
}
