package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ashpost/webui/webtest"
)

// TestInboxByCommandAndPage: one conversation between a page and the command line
// in each direction, and each opens the other's key file and notebook.
func TestInboxByCommandAndPage(t *testing.T) {
	p := arriveApart(t, webtest.Chromium, webtest.Options{Width: 1000, Height: 800, Dark: true})
	c := &correspondent{p, world.service.address(), (&inspector{p, inspection(t), ""}).passes}
	t.Run("journalist by command", c.toCommand)
	t.Run("source by command", c.fromCommand)
}

func (c *correspondent) in(t *testing.T) *correspondent {
	return &correspondent{&person{c.Browser, t, c.proxy}, c.site, c.looks}
}

// toCommand: the source is on the page. In the end somebody who has the service
// writes to both in the other's name.
func (c *correspondent) toCommand(t *testing.T) {
	c = c.in(t)
	desk, _ := keyByCommand(t)
	made := desk.runs(t, "", "create", c.site)
	if desk.address = strings.TrimSpace(made.out); made.code != 0 || !strings.HasPrefix(desk.address, c.site+"/to/") {
		t.Fatalf("%+v", made)
	}
	words := c.writes(desk.address, secret, true)
	if r := desk.runs(t, "", "read", desk.address); r.out != secret || !strings.Contains(r.err, "first contact: nothing proves who wrote this") {
		t.Errorf("%+v", r)
	}
	if r := desk.runs(t, "Who else knows?", "reply", desk.address, desk.newest(t).ID); r.code != 0 {
		t.Errorf("%+v", r)
	}
	c.returns(words)
	c.sees("Who else knows?")
	c.readsProven("#letters")
	c.waits("#people button")
	c.followsUp("Nobody.")
	if r := desk.runs(t, "", "read", desk.address); r.out != "Nobody." || !strings.Contains(r.err, "from your conversation with") {
		t.Errorf("%+v", r)
	}
	c.opensTeam(desk) // the command's key file and notebook
	c.waits("#list")
	c.clicks("#talks .open")
	c.sees("Nobody.")
	c.readsProven("#letters")
	c.findsForgeries(desk, words)
}

// readsProven: every letter in the list is marked as from the conversation.
func (c *correspondent) readsProven(list string) {
	c.t.Helper()
	marks := c.reads(`Array.from(document.querySelectorAll("` + list + ` .mark"), m => m.textContent).join()`)
	if marks == "" || strings.ReplaceAll(strings.ReplaceAll(marks, "From this conversation.", ""), ",", "") != "" {
		c.t.Errorf("the letters are marked %q", marks)
	}
}

// fromCommand: the journalist is on the page.
func (c *correspondent) fromCommand(t *testing.T) {
	c = c.in(t)
	desk := c.makesInbox()
	source, public := keyByCommand(t)
	source.address = mailboxOf(t, c.site, public)
	dir := t.TempDir()
	check(t, os.WriteFile(filepath.Join(dir, "یادداشت.txt"), []byte("attached"), 0o600))
	if r := source.runs(t, secret, "write", desk.address, "--attach", filepath.Join(dir, "یادداشت.txt")); r.code != 0 || r.out != "" {
		t.Fatalf("%+v", r)
	}
	c.opensInbox(desk)
	c.clicks("#talks .open")
	c.sees("First message. Nothing proves who wrote it.")
	if got := c.reads("document.querySelector('#letters .text').textContent"); got != secret {
		t.Errorf("read %q", got)
	}
	c.clicks("#letters .files button")
	path, err := c.WaitDownload(c.ctx())
	c.must(err)
	if got, err := os.ReadFile(path); err != nil || string(got) != "attached" {
		t.Errorf("saved %q, %v", got, err)
	}
	c.answers("Come to the back door.")
	if r := source.runs(t, "", "read", source.address); r.out != "Come to the back door." || !strings.Contains(r.err, "from your conversation with") {
		t.Errorf("%+v", r)
	}
	if l := desk.newest(t); l.Standing != "conversation" || l.Name != "A reader of minutes" { // the page's key file and notebook
		t.Errorf("%+v", l)
	}
	c.loadsLarge(desk)
}

// loadsLarge: a letter too large to come with the list is loaded when asked for, and
// only then has its writer a name.
func (c *correspondent) loadsLarge(desk keyring) {
	c.t.Helper()
	large := filepath.Join(c.t.TempDir(), "large.bin")
	check(c.t, os.WriteFile(large, make([]byte, 300_000), 0o600))
	other, _ := keyByCommand(c.t)
	if r := other.runs(c.t, "large", "write", desk.address, "--attach", large); r.code != 0 {
		c.t.Fatalf("%+v", r)
	}
	c.opensInbox(desk)
	c.sees("Not opened")
	c.clicks("#talks .open")
	c.clicks("#letters .load")
	c.sees("large.bin")
	c.waits("#talk-title:not(:empty)")
	c.clicks("#talk-back")
	c.waits("#talks li:first-child .name:not(:empty)")
}

// listed is a line of `inbox list --json`.
type listed struct {
	ID, Standing, Name string
}

// lists gives the messages of an inbox, the newest first.
func (k keyring) lists(t testing.TB) (all []listed) {
	t.Helper()
	r := k.runs(t, "", "list", k.address, "--json")
	var page struct{ Messages []listed }
	if err := json.Unmarshal([]byte(r.out), &page); err != nil {
		t.Fatalf("%v: %+v", err, r)
	}
	return page.Messages
}

func (k keyring) newest(t testing.TB) listed {
	t.Helper()
	all := k.lists(t)
	if len(all) == 0 {
		t.Fatal("there is no message")
	}
	return all[0]
}
