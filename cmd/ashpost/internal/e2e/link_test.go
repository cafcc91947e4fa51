package e2e

import (
	"bytes"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ashpost/webui/webtest"
)

const secret = "Meet at the station at nine. قرار در ایستگاه. <img src=x onerror=alert(1)>"

// The main job: sent in one browser profile, opened in another through Tor,
// and then it is gone.
func TestSecretLink(t *testing.T) {
	for name, k := range kinds {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "یادداشت <b>.odt")
			content := make([]byte, 300<<10) // larger than what a claim carries
			rand.Read(content)
			if err := os.WriteFile(file, content, 0o600); err != nil {
				t.Fatal(err)
			}
			sender := arrive(t, k, webtest.Options{Width: 390, Height: 844})
			link := sender.protects(secret, file)
			if page := sender.reads("document.documentElement.outerHTML"); strings.Contains(page, "station") {
				t.Error("the plaintext is still in the page")
			}
			reader := arrive(t, k, webtest.Options{Width: 1000, Height: 800, Dark: true})
			if text := reader.opens(link); text != secret {
				t.Errorf("read %q", text)
			}
			reader.sees("Destroyed at the service")
			reader.clicks("#files button")
			path, err := reader.WaitDownload(reader.ctx())
			reader.must(err)
			if saved, err := os.ReadFile(path); err != nil || !bytes.Equal(saved, content) {
				t.Errorf("the saved file differs: %v", err)
			}
			reader.pastesAgain(link)
			reader.findsItGone(link)
			arrive(t, k, webtest.Options{}).findsItGone(link)
			if r := ashpost(t, link, "open", "--socks", world.socks); r.code != 4 || !strings.Contains(r.err, "gone") {
				t.Errorf("%+v", r)
			}
		})
	}
}

// pastesAgain pastes the link over the open message: the text, which exists
// nowhere else now, stays, and the secret part leaves the address bar.
func (p *person) pastesAgain(link string) {
	p.t.Helper()
	p.goes(link)
	if left := p.reads("location.hash"); left != "" {
		p.t.Error("the secret part of the link is in the address bar")
	}
	p.sees("station")
}

// With an extra passphrase, read in Firefox as Tor Browser at Safer is: no
// JIT. A wrong passphrase costs nothing.
func TestExtraPassphraseAtSafer(t *testing.T) {
	sender := arrive(t, webtest.Chromium, webtest.Options{})
	sender.goes(world.service.address() + "/")
	sender.fills("#text", secret)
	sender.clicks("details summary")
	sender.waits("#words:enabled")
	sender.clicks("#words")
	sender.must(sender.WaitFor(sender.ctx(), "#extra:not(:placeholder-shown)", true))
	words := sender.suggestedWords()
	sender.shoots("send")
	sender.clicks("#protect")
	link := sender.link()
	if !strings.HasSuffix(link, ".p") {
		t.Fatal("the link does not say that a passphrase is needed")
	}
	reader := arrive(t, webtest.Firefox, webtest.Options{Level: webtest.Safer, Width: 390, Height: 844})
	reader.goes(link)
	reader.waits("#extra")
	reader.fills("#extra", "not these words")
	reader.clicks("#open")
	reader.waits("#ask-extra")
	reader.shoots("wrong")
	reader.fills("#ask-extra", words)
	reader.clicks("#ask-go")
	reader.waits("#shown")
	reader.shoots("shown")
	if text := reader.reads("document.querySelector('#text').textContent"); text != secret {
		t.Errorf("read %q", text)
	}
}

// suggestedWords waits for the word list, which comes late.
func (p *person) suggestedWords() string {
	p.t.Helper()
	return p.reads(`new Promise(done => { const look = () => {
		const v = document.querySelector('#extra').value;
		v ? done(v) : requestAnimationFrame(look); }; look(); })`)
}

// What the sender decides: kept until the time is up, and destroyed by hand.
func TestKeptAndDestroyedByTheSender(t *testing.T) {
	sender := arrive(t, webtest.Chromium, webtest.Options{Width: 390, Height: 844})
	sender.goes(world.service.address() + "/")
	sender.fills("#text", secret)
	sender.clicks("details summary")
	sender.clicks("#keep")
	sender.waits("#protect:enabled")
	sender.clicks("#protect")
	link := sender.link()
	sender.clicks("#copy-control") // no clipboard on http: the link is shown to be selected
	sender.waits("#control")
	control := sender.reads("document.querySelector('#control').value")
	for range 2 {
		if text := arrive(t, webtest.Chromium, webtest.Options{}).opens(link); text != secret {
			t.Errorf("read %q", text)
		}
	}
	owner := arrive(t, webtest.Firefox, webtest.Options{Width: 390, Height: 844})
	owner.goes(control)
	owner.waits("#destroy:enabled")
	owner.sees("It was opened at least once")
	owner.sees("Destroyed at the latest") // the answer is there: nothing moves any more
	owner.shoots("control")
	owner.clicks("#destroy")
	owner.waits("#destroy-yes:enabled")
	owner.clicks("#destroy-yes")
	owner.sees("Destroyed at the service")
	owner.shoots("destroyed")
	arrive(t, webtest.Chromium, webtest.Options{}).findsItGone(link)
}

// Between the command line and browsers, over the same network.
func TestCommandLine(t *testing.T) {
	send := ashpost(t, secret, "send", "--service", world.service.address(), "--socks", world.socks, "--expires", "1h")
	link := strings.TrimSpace(send.out)
	if send.code != 0 || send.out != link+"\n" {
		t.Fatalf("%+v", send)
	}
	if text := arrive(t, webtest.Chromium, webtest.Options{}).opens(link); text != secret {
		t.Errorf("read %q", text)
	}
	link = arrive(t, webtest.Chromium, webtest.Options{}).protects(secret)
	if r := ashpost(t, link, "open", "--socks", world.socks, "--out", t.TempDir()); r.code != 0 || r.out != secret {
		t.Errorf("%+v", r)
	}
	if r := ashpost(t, link, "open", "--socks", world.socks, "--out", t.TempDir()); r.code != 4 || !strings.Contains(r.err, "gone") {
		t.Errorf("%+v", r)
	}
}
