package e2e

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/webui/api"
	"ashpost/webui/webtest"
)

// TestLiesToOwners: whatever a service makes of the list, the notebook and the
// letters, nothing of it is shown as good, and nothing of it runs.
func TestLiesToOwners(t *testing.T) {
	const strange = "The service answered strangely"
	owner := seal.NewIdentity()
	to := seal.Recipients{owner.Recipient()}
	forged, err := seal.SealNotebook(owner, seal.InboxID{5}, seal.Notebook{})
	check(t, err)
	other, k := passedOn(t, owner), keyFile(t, owner)
	l := newLiar(t, to)
	c := l.visited(webtest.Chromium, webtest.Options{})
	good := l.holds(letterTo(t, owner, "true text"))
	truth := *good
	for what, lie := range map[string]struct {
		change func()
		words  string
	}{
		"the truth":      {func() {}, "true text"},
		"smaller":        {func() { good.Size-- }, strange},
		"larger":         {func() { good.Size++ }, strange},
		"astronomical":   {func() { good.Size = 1 << 40 }, "Not opened"},
		"beyond numbers": {func() { good.Size = 1 << 62 }, strange},
		"no size":        {func() { good.Size = 0 }, strange},
		"markup in a list": {func() {
			l.route, l.lie = "/letters/0", lies(200, map[string]any{"messages": []any{map[string]string{"message": markup}}, "kind": markup})
		}, strange},
		"no list":             {func() { l.route, l.lie = "/letters/0", lies(200, map[string]string{"messages": markup}) }, strange},
		"an endless list":     {func() { l.route, l.lie = "/letters/0", endless }, strange},
		"another's notebook":  {func() { l.notebook = forged }, "Your notebook is damaged"},
		"markup as notebook":  {func() { l.notebook = []byte(markup) }, "Your notebook is damaged"},
		"an endless notebook": {func() { l.route, l.lie = "/notebook", endless }, strange},
		"no challenge":        {func() { l.route, l.lie = "/session", lies(200, markup) }, strange},
		"another's channel":   {func() { l.route, l.lie = "/session", func(w http.ResponseWriter, _ *http.Request) { gives(w, other) } }, strange},
	} {
		*good, l.route, l.lie, l.notebook = truth, "", nil, nil
		lie.change()
		c.goes(c.site + "/how")
		c.unlocks(k)
		c.sees(lie.words)
		c.looks(what)
		if shown := c.reads("document.body.innerText"); what != "the truth" && strings.Contains(shown, "true text") {
			t.Errorf("%s: the page shows %q", what, shown)
		}
		c.staysHarmless(c.site + "/inbox")
	}
}

// passedOn is a challenge that the true service made for a channel of somebody
// else, as one in the middle would pass it on.
func passedOn(t *testing.T, owner seal.Identity) (challenge []byte) {
	t.Helper()
	client := newForger(t).client.WithOwner(owner.Recipient(), func(c []byte) ([]byte, error) {
		challenge = c
		return nil, errors.New("it is only passed on")
	})
	defer client.Close()
	if _, err := client.List(t.Context(), api.InboxID{}, 0); err == nil || challenge == nil {
		t.Fatalf("no challenge: %v", err)
	}
	return challenge
}

// keyFile keeps an identity as the pages do.
func keyFile(t *testing.T, id seal.Identity) keyring {
	t.Helper()
	k := keyring{file: filepath.Join(t.TempDir(), "key"), passphrase: "correct horse battery staple and more"}
	file, err := seal.WriteKeyFile(id, "", k.passphrase)
	check(t, err)
	check(t, os.WriteFile(k.file, file, 0o600))
	return k
}
