package main

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"ashpost/onion"
)

// makeAddress is the script command.
func makeAddress(ts *testscript.TestScript, neg bool, args []string) {
	key, err := newOnionKey()
	ts.Check(err)
	ts.Check(onion.Import(ts.MkAbs(args[0]+"/tor"), key, false))
}

const oneOnion = "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion"

// TestLandingPage: the page runs nothing, loads nothing, and leads to no onion
// by a click, which an ordinary browser would look up in the clear.
func TestLandingPage(t *testing.T) {
	b, err := landingPage(address{oneOnion, "http://" + oneOnion + "/", "one two"})
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(page)
	policy := regexp.MustCompile(`'sha256-([^']*)'`).FindStringSubmatch(page)
	if style == nil || policy == nil {
		t.Fatal("the page has no style or no policy")
	}
	sum := sha256.Sum256([]byte(style[1]))
	if html.UnescapeString(policy[1]) != base64.StdEncoding.EncodeToString(sum[:]) {
		t.Error("the policy does not allow the page's own style")
	}
	for _, bad := range []string{"<script", "<img", "<link", "<iframe", "src=", "url(", "@import", `href="http:`, "javascript:", "style=", "ZgotmplZ"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q in it", bad)
		}
	}
	if links := regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(page, -1); len(links) != 1 || links[0][1] != "https://www.torproject.org/download/" {
		t.Errorf("links: %q", links)
	}
	if !strings.Contains(page, "<code>http://"+oneOnion+"/</code>") || !strings.Contains(page, "one two") {
		t.Error("the address or its words are missing")
	}
}
