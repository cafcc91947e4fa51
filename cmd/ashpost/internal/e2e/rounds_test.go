package e2e

import (
	"cmp"
	"math"
	"slices"
	"testing"
	"time"

	"ashpost/webui/webtest"
)

// TestRoundTrips: over Tor a page is as slow as its requests that wait for one
// another, after it was loaded.
func TestRoundTrips(t *testing.T) {
	c := &correspondent{arriveApart(t, webtest.Chromium, webtest.Options{}), world.service.address(), func(string) {}}
	c.noon()
	k := c.makesInbox()

	c.loads(k.address, "#send:enabled")
	c.fills("#text", secret)
	c.hasLoaded("english") // the list of return words, while somebody writes
	c.clicks("#send")
	c.waits("#words")
	c.within(3, "a source's first message")
	c.clicks("#written")
	c.waits("#sent")

	c.loads(c.site+"/inbox", "#open:enabled")
	c.must(c.SetFiles(c.ctx(), "#keyfile", k.file))
	c.fills("#passphrase", k.passphrase)
	c.clicks("#open")
	c.sees("New, nothing proves who wrote")
	c.within(4, "the list of conversations")

	c.loads(c.site+"/", "#protect:enabled")
	c.fills("#text", secret)
	c.clicks("#protect")
	link := c.link()
	c.within(2, "a link to send")
	c.loads(link, "#open:enabled")
	c.clicks("#open")
	c.sees("Destroyed at the service")
	c.within(2, "a link to open")
}

// roundTrip is long against what a page computes, on a busy machine too: requests
// that do not wait for one another then overlap.
const roundTrip = time.Second

// loads loads a page to its end, and counts from there.
func (c *correspondent) loads(url, ready string) {
	c.t.Helper()
	c.proxy.SetDelay(0)
	c.goes(url)
	c.waits(ready)
	c.sees("Last proved destruction")
	c.proxy.SetDelay(roundTrip)
	c.Forget()
}

// hasLoaded waits for a part of the page that comes late.
func (c *correspondent) hasLoaded(name string) {
	c.t.Helper()
	c.reads(`new Promise(done => { const look = () =>
		performance.getEntriesByType("resource").some(e => e.name.includes("/assets/` + name + `") && e.responseEnd > 0)
			? done("") : requestAnimationFrame(look); look() })`)
	c.Forget()
}

// within: what was asked for since took no more rounds.
func (c *correspondent) within(most int, what string) {
	c.t.Helper()
	chain := rounds(c.Requests())
	c.t.Logf("%s: %d round trips", what, len(chain))
	for _, r := range c.Requests() {
		c.t.Logf("  %d to %d: %s %s", r.Sent, r.Ended, r.Method, r.URL[len(c.site):])
	}
	if len(chain) > most {
		c.t.Errorf("%s takes %d round trips, not %d", what, len(chain), most)
	}
}

// rounds is the longest chain of requests each of which began after the one
// before had ended.
func rounds(all []webtest.Request) (chain []webtest.Request) {
	end := func(r webtest.Request) int { return cmp.Or(r.Ended, math.MaxInt) }
	slices.SortFunc(all, func(a, b webtest.Request) int { return cmp.Compare(end(a), end(b)) })
	last := 0
	for _, r := range all {
		if r.Sent > last {
			chain, last = append(chain, r), end(r)
		}
	}
	return chain
}
