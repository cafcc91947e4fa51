package e2e

import (
	"net/url"
	"testing"

	"ashpost/webui/webtest"
)

// What each page costs from a cold cache, counted in the browser and in its
// proxy. The send page has a budget: 60 KB in four requests.
func TestPageBudget(t *testing.T) {
	const budget, requests = 60_000, 4
	reference := "/m/AAAAAAAAAAAAAAAAAAAAAA#1AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	for _, page := range []string{"/", reference, "/c/AAAAAAAAAAAAAAAAAAAAAA#1AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "/how"} {
		u, err := url.Parse(page)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(u.Path, func(t *testing.T) {
			p := arrive(t, webtest.Chromium, webtest.Options{})
			p.goes(world.service.address() + page)
			if page == "/" {
				p.waits("#protect:enabled")
			}
			p.sees("Last proved destruction")
			made, stats := sent(p.Requests()), p.proxy.Stats()
			t.Logf("%d requests, %d bytes from and %d to the service, %d connections", len(made), stats.Down, stats.Up, stats.Conns)
			for _, r := range made {
				t.Logf("  %s %d bytes", r.URL[len(world.service.address()):], r.Bytes)
			}
			if page == "/" && (len(made) > requests || stats.Down > budget) {
				t.Errorf("over the budget of %d requests and %d bytes", requests, budget)
			}
		})
	}
}

// sent leaves out what the browser answered itself: it reports the icon, which
// is the style sheet's address again, but has that in its cache.
func sent(all []webtest.Request) (once []webtest.Request) {
	seen := make(map[string]bool)
	for _, r := range all {
		if !seen[r.URL] {
			seen[r.URL] = true
			once = append(once, r)
		}
	}
	return once
}
