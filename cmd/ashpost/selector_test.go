package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// TestIDsLast: an id in 64 begins with a hyphen. Given as it was printed, it names
// a message, wherever the flags stand.
func TestIDsLast(t *testing.T) {
	const id, other = "-Abcdefghijklmnopqrstw", "--bcdefghijklmnopqrstw"
	for _, c := range []struct{ given, want string }{
		{"inbox read to " + id + " --key k", "inbox read to --key k -- " + id},
		{"inbox destroy to 7 " + other + " --key k " + id, "inbox destroy to 7 --key k -- " + other + " " + id},
		{"destroy " + id, "destroy -- " + id},
		{"inbox read --key k -- to " + id, "inbox read --key k -- to " + id},
		{"inbox read " + id + " -- to", "inbox read -- to " + id},
		{"inbox read to Abcdefghijklmnopqrstuw --key k", "inbox read to Abcdefghijklmnopqrstuw --key k"},
		{"send --expires 1h -", "send --expires 1h -"},
		{"-h", "-h"},
		{"", ""},
	} {
		if got := idsLast(strings.Fields(c.given)); !slices.Equal(got, strings.Fields(c.want)) {
			t.Errorf("%q: %q", c.given, got)
		}
	}
}

// TestHyphenNamesMessage: the parser takes it for the message.
func TestHyphenNamesMessage(t *testing.T) {
	k, err := parser(&tui{out: new(bytes.Buffer), err: new(bytes.Buffer)})
	if err != nil {
		t.Fatal(err)
	}
	const id = "-Abcdefghijklmnopqrstw"
	parsed, err := k.Parse(idsLast([]string{"inbox", "reply", "to", id, "--key", "k"}))
	if err != nil {
		t.Fatal(err)
	}
	if got := parsed.Selected().Positional[1].Target.String(); got != id {
		t.Errorf("%q", got)
	}
}
