package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ashpost/webui/webtest"
)

// inspector is a person who looks at every view for what keeps others out:
// the rules of axe-core, what lies beyond the edge, what a finger misses.
type inspector struct {
	*person
	script string
	url    string // of the service
}

// TestAccessibility is a gate: no view breaks a rule, on a phone in the light
// and on a desk in the dark, written from either side.
func TestAccessibility(t *testing.T) {
	script := inspection(t)
	url := serve(t, filepath.Join(t.TempDir(), "data"), "--no-tor", "--preview", "127.0.0.1:0").
		says(t, "ashpost: preview on this machine: ")
	stopped := serveStopped(t).says(t, "ashpost: preview on this machine: ")
	for _, look := range []webtest.Options{{Width: 360, Height: 740}, {Width: 1280, Height: 900, Dark: true}} {
		t.Run(fmt.Sprint(look.Width), func(t *testing.T) {
			b, err := webtest.Chromium(t.Context(), look)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { b.Close() })
			i := &inspector{&person{b, t, nil}, script, url}
			i.readsMessage(i.sendsMessage())
			i.inboxes()
			i.visits(url+"how", "how")
			i.visits(url+"nothing", "not found")
			i.visits(stopped, "stopped")
			if complaints := b.ConsoleErrors(); len(complaints) > 0 {
				t.Errorf("the pages complained: %q", complaints)
			}
		})
	}
}

// inspection is the script that looks at a page.
func inspection(t *testing.T) string {
	t.Helper()
	axe := filepath.Join(world.root, "webui", "frontend", "node_modules", "axe-core", "axe.min.js")
	var script strings.Builder
	for _, name := range []string{axe, filepath.Join("testdata", "inspect.js")} {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatalf("%v; in webui/frontend run: npm ci --ignore-scripts", err)
		}
		script.Write(append(b, '\n'))
	}
	return script.String()
}

// visits loads a page and inspects it when the service's state is shown.
func (i *inspector) visits(url, view string) {
	i.t.Helper()
	i.goes(url)
	i.waits("#proof:not(:empty)")
	i.passes(view)
}

// passes inspects what is shown now.
func (i *inspector) passes(view string) {
	i.t.Helper()
	i.must(i.Inject(i.ctx(), i.script))
	for _, dir := range []string{"ltr", "rtl"} {
		if found := i.reads(fmt.Sprintf("inspect(%q)", dir)); found != "" {
			i.shoots(view + "-" + dir)
			i.t.Errorf("%s, %s:\n%s", view, dir, found)
		}
	}
}

// inboxes goes through the pages of inboxes, as far as a preview has them: without
// an onion address there are no return words.
func (i *inspector) inboxes() {
	c := &correspondent{i.person, strings.TrimSuffix(i.url, "/"), i.passes}
	i.visits(i.url+"return", "return")
	i.visits(i.url+"operator", "operator")
	i.visits(i.url+"ask", "ask")
	k := c.makesInbox()
	c.writes(k.address, strings.Repeat("a long word", 30), false)
	c.opensInbox(k)
	i.clicks("#talks .open")
	i.sees("Nothing proves who wrote it.")
	i.clicks("#letters .destroy")
	i.passes("a message")
	i.clicks("#talk-back")
	i.clicks("#talks .choices label")
	i.clicks("#destroy")
	i.passes("list of messages")
	i.goes(i.url + "operator")
	i.waits("#open:enabled")
	i.must(i.SetFiles(i.ctx(), "#keyfile", k.file))
	i.fills("#passphrase", k.passphrase)
	i.clicks("#open")
	i.sees("This key is not the operator")
	i.passes("not the operator")
}

// sendsMessage goes through the sender's views and returns link and passphrase.
func (i *inspector) sendsMessage() (link, words string) {
	i.visits(i.url, "send")
	i.clicks("#protect")
	i.sees("There is nothing to protect yet")
	i.passes("nothing to send")
	i.chooses(strings.Repeat("a long name ", 18)+".odt", "یادداشت.odt")
	i.fills("#text", secret+strings.Repeat("x", 300))
	i.clicks("details summary")
	i.clicks("#words")
	words = i.suggestedWords()
	i.passes("send, everything open")
	i.clicks("#protect")
	i.waits("#ready")
	link = i.reads("document.querySelector('#link').value")
	i.clicks("#qr")
	i.waits("svg.qr")
	i.clicks("#copy-control")
	i.waits("#control")
	control := i.reads("document.querySelector('#control').value")
	i.clicks("#destroy")
	i.passes("link, everything open")
	i.goes(control)
	i.sees("Destroyed at the latest")
	i.passes("control")
	return link, words
}

// chooses makes files and adds them.
func (i *inspector) chooses(names ...string) {
	i.t.Helper()
	dir := i.t.TempDir()
	for n, name := range names {
		names[n] = filepath.Join(dir, name)
		if err := os.WriteFile(names[n], []byte("1"), 0o600); err != nil {
			i.t.Fatal(err)
		}
	}
	i.must(i.SetFiles(i.ctx(), "#pick", names...))
	i.sees("2 files chosen, 2 bytes.")
	if size := i.reads("document.querySelector('#files .size').textContent"); size != "1 byte" {
		i.t.Errorf("one byte is called %q", size)
	}
}

// followed presses a link without going there, and gives the tab it leads to: a
// real new tab would leave this one in the dark.
const followed = `(() => {
	const link = document.querySelector("#shown a.button")
	link.addEventListener("click", e => e.preventDefault(), { once: true })
	link.click()
	return link.target
})()`

// readsMessage goes through the reader's views.
func (i *inspector) readsMessage(link, words string) {
	i.visits(link, "open")
	i.fills("#extra", "not these words")
	i.clicks("#open")
	i.waits("#ask-extra")
	i.passes("wrong passphrase")
	i.fills("#ask-extra", words)
	i.clicks("#ask-go")
	i.waits("#shown")
	i.sees("Destroyed at the service")
	if where := i.reads(followed); where != "_blank" {
		i.t.Error("a link leads away from the only copy of a message")
	}
	i.clicks("#hide")
	i.passes("message")
	i.clicks("#hide-yes")
	i.waits("#hidden")
	i.passes("removed")
	i.visits(i.url+"m/AAAAAAAAAAAAAAAAAAAAAA#1short", "a link cut off")
	i.goes(link)
	i.waits("#open:enabled")
	i.fills("#extra", words)
	i.clicks("#open")
	i.waits("#failed")
	i.passes("gone")
}
