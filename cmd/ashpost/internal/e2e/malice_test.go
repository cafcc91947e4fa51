package e2e

import (
	"bytes"
	"net/http"
	"testing"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/webui/api"
	"ashpost/webui/webtest"
)

const markup = `<img src=x onerror=window.owned=1>`

// lies answers with a value, whatever was asked.
func lies(status int, v any) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { says(w, status, v) }
}

// TestLiesToWriters: a service that gives other keys, or no sense, is refused in
// words before anything is sent to it.
func TestLiesToWriters(t *testing.T) {
	const wrong, strange = "This is the wrong key", "The service answered strangely"
	other := seal.NewIdentity()
	for name, k := range kinds {
		t.Run(name, func(t *testing.T) {
			owner := seal.NewIdentity()
			l := newLiar(t, seal.Recipients{owner.Recipient()})
			both, err := seal.NewRecipients(owner.Recipient(), other.Recipient())
			check(t, err)
			truth := l.keys
			c := l.visited(k, webtest.Options{Width: 390, Height: 844})
			address := mailboxOf(t, c.site, owner.Recipient())
			for what, lie := range map[string]struct {
				keys  []byte
				route string
				lie   http.HandlerFunc
				words string
			}{
				"another's key":      {keys: seal.Recipients{other.Recipient()}.File(), words: wrong},
				"one more key":       {keys: both.File(), words: wrong},
				"the key twice":      {keys: bytes.Repeat(truth, 2), words: wrong},
				"no key":             {keys: []byte(markup + "\n"), words: wrong},
				"nothing":            {keys: []byte{}, words: wrong},
				"without an end":     {route: l.id.Encode(), lie: endless, words: strange},
				"cut":                {route: l.id.Encode(), lie: cut, words: "The connection broke. Trying again"},
				"elsewhere":          {route: l.id.Encode(), lie: moved, words: strange},
				"refused in markup":  {route: l.id.Encode(), lie: lies(403, map[string]string{"code": markup, "message": markup}), words: "There is no such inbox"},
				"an unknown refusal": {route: l.id.Encode(), lie: lies(418, map[string]string{"code": "swapped", "message": markup}), words: strange},
			} {
				l.keys, l.route, l.lie = truth, lie.route, lie.lie
				if lie.keys != nil {
					l.keys = lie.keys
				}
				c.goes(c.site + "/how")
				c.goes(address)
				c.sees(lie.words)
				if shown := c.reads(`String(document.querySelector("#write").hidden) + document.querySelector("#whom-words").textContent`); shown != "true" {
					t.Errorf("%s: the page shows %q", what, shown)
				}
				c.staysHarmless(address)
			}
			c.looks("refused")
			l.keys, l.route, l.lie = truth, "/aliases/desk", lies(200, map[string]string{"inbox": markup})
			c.goes(c.site + "/to/desk")
			c.sees(strange)
			c.staysHarmless(c.site + "/to/desk")
			if l.asked.Load() > 0 {
				t.Error("something was sent")
			}
			c.keepsDraft(l, address)
		})
	}
}

// keepsDraft: what comes to nothing is still there to be copied.
func (c *correspondent) keepsDraft(l *liar, address string) {
	c.t.Helper()
	l.route, l.lie = "", nil
	c.goes(address)
	c.waits("#send:enabled")
	c.fills("#text", secret)
	for _, lie := range []http.HandlerFunc{
		lies(201, map[string]string{"reference": "AAAA", "upload_key": api.NewKey().Encode()}),
		lies(201, map[string]string{"reference": "../../../" + markup, "upload_key": api.NewKey().Encode()}),
		lies(201, map[string]any{"reference": api.Reference{1}, "upload_key": 7}),
	} {
		l.route, l.lie = "/reservations", lie
		c.clicks("#send")
		c.sees("The service gave an answer that this page does not understand. Your message is still here.")
		if text := c.reads("document.querySelector('#text').value"); text != secret {
			c.t.Errorf("the draft is now %q", text)
		}
	}
	c.staysHarmless(address)
	c.fills("#text", "")
}

func cut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "3000")
	_, _ = w.Write(make([]byte, 2000))
}

func moved(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Location", "http://stranger.example/")
	w.WriteHeader(http.StatusTemporaryRedirect)
}
