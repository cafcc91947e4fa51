package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// TestSlashed: an id in 64 begins with a hyphen. Given as it was printed, it names
// a message, wherever it stands among flags and other words.
func TestSlashed(t *testing.T) {
	const id, other = "-Abcdefghijklmnopqrstw", "--bcdefghijklmnopqrstw"
	for _, c := range []struct{ given, want string }{
		{"inbox read to " + id + " --key k", "inbox read to /" + id + " --key k"},
		{"inbox name to " + id + " name --key k", "inbox name to /" + id + " name --key k"},
		{"inbox destroy to 7 " + other + " --key k " + id, "inbox destroy to 7 /" + other + " --key k /" + id},
		{"destroy " + id, "destroy /" + id},
		{"inbox read --key k -- to " + id, "inbox read --key k -- to " + id},
		{"inbox read to Abcdefghijklmnopqrstuw --key k", "inbox read to Abcdefghijklmnopqrstuw --key k"},
		{"send --expires 1h -", "send --expires 1h -"},
		{"-h", "-h"},
		{"", ""},
	} {
		if got := slashed(strings.Fields(c.given)); !slices.Equal(got, strings.Fields(c.want)) {
			t.Errorf("%q: %q", c.given, got)
		}
	}
}

// TestHyphenNamesMessage: the parser takes it for the message, and so do those who
// look for it.
func TestHyphenNamesMessage(t *testing.T) {
	k, err := parser(&tui{out: new(bytes.Buffer), err: new(bytes.Buffer)})
	if err != nil {
		t.Fatal(err)
	}
	const id = "-Abcdefghijklmnopqrstw"
	parsed, err := k.Parse(slashed([]string{"inbox", "name", "to", id, "a name", "--key", "k"}))
	if err != nil {
		t.Fatal(err)
	}
	named := parsed.Selected().Positional
	s, err := parseSelector(named[1].Target.String())
	if err != nil || s.id.Encode() != id || named[2].Target.String() != "a name" {
		t.Errorf("%q of %q, %v", s.id.Encode(), named[2].Target, err)
	}
	c := destroyCmd{Reference: slashed([]string{id})[0]}
	if ref, err := c.reference(t.Context(), &tui{}); err != nil || ref.Encode() != id {
		t.Errorf("%q, %v", ref.Encode(), err)
	}
}
