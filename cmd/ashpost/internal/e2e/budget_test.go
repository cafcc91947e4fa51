package e2e

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"ashpost/webui/webtest"
)

// What each page costs from a cold cache, counted in the browser and in its
// proxy. A budget is in bytes, and four requests; word lists and the QR code come
// when they are needed.
func TestPageBudget(t *testing.T) {
	const requests = 4
	const inboxes = 77_000
	nobody := strings.Repeat("a", 51) + "b" // no inbox: what is asked about one comes after the page
	budgets := map[string]int64{"/": 60_000, "/to/" + nobody: inboxes, "/return": inboxes, "/inbox": inboxes,
		"/ask": inboxes, "/r/" + nobody: inboxes, "/operator": inboxes}
	reference := "/m/AAAAAAAAAAAAAAAAAAAAAA#1AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	pages := append(slices.Sorted(maps.Keys(budgets)), reference, "/c/AAAAAAAAAAAAAAAAAAAAAA#1AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "/how")
	for _, page := range pages {
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
			if budget, ok := budgets[page]; ok && (len(made) > requests || stats.Down > budget) {
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
