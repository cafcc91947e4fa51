package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ashpost/webui/webtest"
)

// TestTeam: an inbox of two opens for both, with the page and with the command,
// and for nobody else. What one destroys is gone for the other.
func TestTeam(t *testing.T) {
	c := &correspondent{arriveApart(t, webtest.Firefox, webtest.Options{}), world.service.address(), func(string) {}}
	second, public := keyByCommand(t)
	team := c.makesTeamInbox(public)
	second.address = team.address
	c.writes(team.address, "For both of you.", false)
	if words := c.reads("document.querySelector('#sent-whoms .fp').textContent"); len(strings.Fields(words)) != 10 {
		t.Errorf("the sender sees %q", words)
	}
	if r := second.runs(t, "", "read", team.address); r.code != 0 || r.out != "For both of you." {
		t.Errorf("%+v", r)
	}
	for _, member := range []keyring{team, second} {
		c.opensTeam(member)
		c.waits("#list")
		c.clicks("#talks .open")
		c.sees("For both of you.")
	}
	c.strangerStaysOut(team)
	c.opensTeam(second)
	c.waits("#list")
	c.clicks("#talks .open")
	c.clicks("#letters .destroy")
	c.clicks("#letters .yes")
	c.sees("1 message destroyed.")
	c.opensInbox(team)
	c.sees("No messages here.")
}

// strangerStaysOut: the owner of another inbox learns as much of this one as of
// one that is not there.
func (c *correspondent) strangerStaysOut(k keyring) {
	c.t.Helper()
	stranger, _ := keyByCommand(c.t)
	stranger.address = k.address
	c.opensTeam(stranger)
	c.sees("This key opens no inbox at that address")
	if shown := c.reads("document.querySelector('#talks').textContent + document.querySelector('#letters').textContent"); shown != "" {
		c.t.Errorf("a stranger sees %q", shown)
	}
	for _, order := range [][]string{{"list", k.address}, {"read", k.address}, {"destroy", k.address, "--all", "--yes"}, {"end", k.address}} {
		if r := stranger.runs(c.t, "", order...); r.code != 3 || r.out != "" || !strings.Contains(r.err, "this key file is not one of this inbox") {
			c.t.Errorf("%s: %+v", order[0], r)
		}
	}
}

// makesTeamInbox makes an inbox with another's public key.
func (c *correspondent) makesTeamInbox(public string) (k keyring) {
	c.t.Helper()
	c.goes(c.site + "/inbox")
	c.waits("#new:enabled")
	c.clicks("#new-form summary")
	c.fills("#members", "age1pq1not-a-key")
	c.clicks("#new")
	c.sees("A public key of the others is damaged")
	c.fills("#members", public+"\n")
	c.clicks("#new")
	return c.savesKey()
}

// opensTeam opens an inbox whose address the key file may not have.
func (c *correspondent) opensTeam(k keyring) {
	c.t.Helper()
	c.goes(c.site + "/inbox")
	c.waits("#open:enabled")
	c.clicks("#team summary")
	c.fills("#address", k.address)
	c.must(c.SetFiles(c.ctx(), "#keyfile", k.file))
	c.fills("#passphrase", k.passphrase)
	c.clicks("#open")
}

// keyByCommand makes a key file without telling any service.
func keyByCommand(t testing.TB) (k keyring, public string) {
	t.Helper()
	k = keyring{file: filepath.Join(t.TempDir(), "key file"), passphrase: "correct horse battery staple and more"}
	check(t, os.WriteFile(k.file+".passphrase", []byte(k.passphrase+"\n"), 0o600))
	r := ashpost(t, "", "inbox", "create", "--key", k.file, "--passphrase-file", k.file+".passphrase")
	if r.code != 0 || !strings.HasPrefix(r.out, "age1pq1") {
		t.Fatalf("%+v", r)
	}
	return k, strings.TrimSpace(r.out)
}

// runs runs a command of an inbox with the key, over Tor.
func (k keyring) runs(t testing.TB, stdin string, order ...string) result {
	t.Helper()
	words := k.file + ".passphrase"
	check(t, os.WriteFile(words, []byte(k.passphrase+"\n"), 0o600))
	args := append([]string{"inbox"}, order...)
	return ashpost(t, stdin, append(args, "--key", k.file, "--passphrase-file", words, "--socks", world.socks)...)
}
