package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ashpost/webui/api"
	"ashpost/webui/webtest"
)

// TestOtherOrigins: a page of another origin on the same machine, which may even
// know a link's keys, reads nothing of a preview and changes nothing in it.
func TestOtherOrigins(t *testing.T) {
	t.Parallel()
	for name, k := range kinds {
		for _, host := range []string{"127.0.0.1", "localhost"} { // same-site, as ports do not count, and cross-site
			t.Run(name+"/"+host, func(t *testing.T) { tryOrigin(t, k, host, forms[name]) })
		}
	}
}

// forms are submitted one after the other. Firefox's driver loses the page that
// an answer in an opener group of its own replaced, so there it is one.
var forms = map[string][]string{"chromium": {"urlencoded", "multipart", "plain", "claim", "page"}, "firefox": {"claim"}}

func tryOrigin(t *testing.T, k kind, host string, forms []string) {
	s := serve(t, filepath.Join(t.TempDir(), "data"), "--no-tor", "--preview", "127.0.0.1:0")
	target := strings.TrimSuffix(s.says(t, "ashpost: preview on this machine: "), "/")
	sent := ashpost(t, secret, "send", "--service", target, "--keep=false")
	link := strings.TrimSpace(sent.out)
	if sent.code != 0 {
		t.Fatalf("%+v", sent)
	}
	reference := link[strings.LastIndex(link, "/")+1 : strings.LastIndex(link, "#")]
	keys := ashpost(t, link, "link", "--json")
	var known struct {
		Claim string `json:"claim_key"`
	}
	if err := json.Unmarshal([]byte(keys.out), &known); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join("testdata", "origin.html"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("TARGET", target, "REFERENCE", reference, "CLAIM", known.Claim, "READER", api.NewKey().Verifier().Encode()).Replace(string(page))
	attacker := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, text)
	}))
	defer attacker.Close()

	b, err := k(t.Context(), webtest.Options{Width: 1000, Height: 800})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	p := &person{b, t, nil}
	p.goes(strings.Replace(attacker.URL, "127.0.0.1", host, 1))
	p.clicks("#go")
	p.sees("all tried")
	var tries map[string]string
	raw, err := b.Eval(p.ctx(), "window.tries")
	p.must(err)
	if err := json.Unmarshal(raw, &tries); err != nil || len(tries) < 20 {
		t.Fatalf("%d tries, %v", len(tries), err)
	}
	for name, got := range tries {
		if got != "nothing" {
			t.Errorf("%s: %s", name, got)
		}
	}
	p.submits(forms)
	reached := 0
	for _, r := range b.Requests() {
		// The icon is the browser's own, for the refusal a form has led it to.
		if strings.HasPrefix(r.URL, target) && r.URL != target+"/favicon.ico" {
			reached++
			if r.Status != http.StatusBadRequest && r.Status != 0 {
				t.Errorf("%s %s: %d", r.Method, r.URL, r.Status)
			}
		}
	}
	state := s.status(t)
	refused := state["counters"].(map[string]any)["refused"].(float64)
	t.Logf("%d tries, %d requests seen, %v refused at the gate", len(tries), reached, refused)
	if state["messages"] != 1.0 || refused < 20 {
		t.Errorf("%v", state)
	}
	if r := ashpost(t, link, "open", "--out", t.TempDir()); r.code != 0 || r.out != secret {
		t.Errorf("the message is not as it was: %+v", r)
	}
}

// submits sends the forms of the page, each from the page anew: they lead to the
// service's own refusal, which says nothing.
func (p *person) submits(forms []string) {
	p.t.Helper()
	home, err := p.URL(p.ctx())
	p.must(err)
	for _, form := range forms {
		p.goes(home + "?" + form)
		p.clicks("#" + form)
		p.sees("requests from other sites are not accepted")
	}
}
