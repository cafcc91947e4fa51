package e2e

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ashpost/webui/webtest"
)

// person is somebody with a browser of their own.
type person struct {
	*webtest.Browser
	t     testing.TB
	proxy *webtest.Proxy
}

// kind makes a browser.
type kind func(context.Context, webtest.Options) (*webtest.Browser, error)

var kinds = map[string]kind{"chromium": webtest.Chromium, "firefox": webtest.Firefox}

// arrive starts a browser whose only way out is Tor, to the service.
func arrive(t testing.TB, k kind, o webtest.Options) *person {
	t.Helper()
	return arriveBy(t, k, o, webtest.Route{Socks: world.socks})
}

// arriveApart is arrive over circuits that nobody else is on: the service has a
// limit on the channels of one circuit, and these people do in seconds what takes
// others days.
func arriveApart(t testing.TB, k kind, o webtest.Options) *person {
	t.Helper()
	return arriveBy(t, k, o, webtest.Route{Socks: world.socks, Apart: true})
}

func arriveBy(t testing.TB, k kind, o webtest.Options, r webtest.Route) *person {
	t.Helper()
	r.Host = strings.TrimPrefix(world.service.address(), "http://") + ":80"
	proxy, err := webtest.NewProxy(r)
	if err != nil {
		t.Fatal(err)
	}
	return settle(t, k, o, proxy)
}

// settle starts a browser behind a proxy, which ends with it.
func settle(t testing.TB, k kind, o webtest.Options, proxy *webtest.Proxy) *person {
	t.Helper()
	t.Cleanup(func() { proxy.Close() })
	o.Proxy = proxy.Addr()
	b, err := k(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	p := &person{b, t, proxy}
	t.Cleanup(func() {
		if errors := slices.DeleteFunc(b.ConsoleErrors(), harmless); len(errors) > 0 {
			t.Errorf("the page complained: %q", errors)
		}
		if third := proxy.ThirdParty(b); len(third) > 0 {
			t.Errorf("the page reached for others: %q", third)
		}
		b.Close()
	})
	return p
}

// harmless is what Chromium remarks on every page over http: an onion is a
// secure context in Tor Browser, not in Chromium.
func harmless(complaint string) bool {
	return strings.HasPrefix(complaint, "The Cross-Origin-Opener-Policy header has been ignored")
}

func (p *person) must(err error) {
	p.t.Helper()
	if err != nil {
		_ = p.Screenshot(context.Background(), shot(p.t, "failed"))
		text, _ := p.EvalString(context.Background(), "document.body.innerText")
		p.t.Fatalf("%v\nthe page says: %s", err, text)
	}
}

// ctx is for one step. A circuit may go silent more than once, and the page gives
// each a minute before it takes another.
func (p *person) ctx() context.Context {
	ctx, cancel := context.WithTimeout(p.t.Context(), 4*time.Minute)
	p.t.Cleanup(cancel)
	return ctx
}

// goes loads a page, and again when the circuit broke, as a person does.
func (p *person) goes(url string) {
	p.t.Helper()
	ctx := p.ctx()
	err := p.Goto(ctx, url)
	for tries := 1; err != nil && ctx.Err() == nil && tries < 4; tries++ {
		p.t.Logf("once more: %v", err)
		err = p.Goto(ctx, url)
	}
	p.must(err)
}

func (p *person) clicks(selector string) { p.t.Helper(); p.must(p.Click(p.ctx(), selector)) }
func (p *person) sees(text string)       { p.t.Helper(); p.must(p.WaitText(p.ctx(), text)) }
func (p *person) fills(selector, text string) {
	p.t.Helper()
	p.must(p.Fill(p.ctx(), selector, text))
}
func (p *person) waits(selector string) {
	p.t.Helper()
	p.must(p.WaitFor(p.ctx(), selector, true))
}

func (p *person) reads(expression string) string {
	p.t.Helper()
	s, err := p.EvalString(p.ctx(), expression)
	p.must(err)
	return s
}

func (p *person) shoots(name string) {
	p.t.Helper()
	p.must(p.Screenshot(p.ctx(), shot(p.t, name)))
}

// shot is where a screenshot is kept.
func shot(t testing.TB, name string) string {
	dir := filepath.Join(world.root, "build", "screenshots")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, strings.NewReplacer("/", "-", " ", "-").Replace(t.Name()+"-"+name)+".png")
}

// protects writes a message and presses the button, and returns the link.
func (p *person) protects(text string, files ...string) string {
	p.t.Helper()
	p.goes(world.service.address() + "/")
	p.fills("#text", text)
	if len(files) > 0 {
		p.must(p.SetFiles(p.ctx(), "#pick", files...))
	}
	p.waits("#protect:enabled")
	p.shoots("send")
	p.clicks("#protect")
	return p.link()
}

func (p *person) link() string {
	p.t.Helper()
	p.waits("#ready")
	p.shoots("link")
	link := p.reads("document.querySelector('#link').value")
	if !strings.HasPrefix(link, world.service.address()+"/m/") {
		p.t.Fatal("the page shows no link of this service")
	}
	return link
}

// opens presses the button on the page of a link and reads the text.
func (p *person) opens(link string) string {
	p.t.Helper()
	p.goes(link)
	p.waits("#open:enabled")
	if url := p.reads("location.href"); strings.Contains(url, "#") {
		p.t.Error("the secret part of the link is still in the address bar")
	}
	p.shoots("open")
	p.clicks("#open")
	p.waits("#shown")
	p.shoots("shown")
	return p.reads("document.querySelector('#text').textContent")
}

// findsItGone opens a link that was read.
func (p *person) findsItGone(link string) {
	p.t.Helper()
	p.goes(world.service.address() + "/how") // the same address again would not leave the page
	p.goes(link)
	p.waits("#open:enabled")
	p.clicks("#open")
	p.waits("#failed")
	p.sees("someone else may have")
	p.shoots("gone")
}
