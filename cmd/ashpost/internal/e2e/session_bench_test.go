package e2e

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"ashpost/webui/webtest"
)

// BenchmarkSessionAtSafer is what the page computes, in Firefox without a JIT,
// until an owner session carries a request: between the service's answers and the
// page's next request. The network is not in it, the key file is, apart.
func BenchmarkSessionAtSafer(b *testing.B) {
	c := &correspondent{site: strings.TrimSuffix(world.service.says(b, "ashpost: preview on this machine: "), "/"), looks: func(string) {}}
	browser, err := webtest.Firefox(b.Context(), webtest.Options{Level: webtest.Safer})
	check(b, err)
	b.Cleanup(func() { browser.Close() })
	c.person = &person{browser, b, nil}
	k := c.makesInbox()
	var channels, challenges, keyFiles []time.Duration
	for b.Loop() {
		channels = append(channels, c.opensChannel(k))
		opened, answered := c.opensSession(k)
		keyFiles, challenges = append(keyFiles, opened), append(challenges, answered)
	}
	channel, challenge := median(channels), median(challenges)
	b.ReportMetric(milliseconds(channel), "channel-ms")
	b.ReportMetric(milliseconds(channel+challenge), "session-ms")
	b.ReportMetric(milliseconds(median(keyFiles)), "key-file-and-channel-ms")
}

// opensChannel loads the page of an inbox, which looks it up through a channel.
func (c *correspondent) opensChannel(k keyring) time.Duration {
	c.t.Helper()
	c.goes(k.address)
	c.waits("#send:enabled")
	all := c.exchanges()
	return all["channel"][0].began - all["service"][0].ended
}

// opensSession opens an inbox: how long the page works until the request for the
// session, and then until the first request in it.
func (c *correspondent) opensSession(k keyring) (opened, answered time.Duration) {
	c.t.Helper()
	c.goes(c.site + "/inbox")
	c.sees("Last proved destruction")
	c.waits("#open:enabled")
	c.reads(`addEventListener("submit", () => (window.pressed = performance.now()), true) ?? ""`)
	c.must(c.SetFiles(c.ctx(), "#keyfile", k.file))
	c.fills("#passphrase", k.passphrase)
	c.clicks("#open")
	c.waits("#list")
	var pressed float64
	raw, err := c.Eval(c.ctx(), "window.pressed")
	c.must(err)
	c.must(json.Unmarshal(raw, &pressed))
	all := c.exchanges()["channel"]
	return all[0].began - time.Duration(pressed*1e6), all[1].began - all[0].ended
}

// exchange is a request of the page, by its own clock.
type exchange struct{ began, ended time.Duration }

// exchanges are the requests so far, in order, by the ends of their paths.
func (c *correspondent) exchanges() map[string][]exchange {
	c.t.Helper()
	raw, err := c.Eval(c.ctx(), `performance.getEntriesByType("resource").map(e => [e.name, e.startTime, e.responseEnd])`)
	c.must(err)
	var entries [][3]any
	c.must(json.Unmarshal(raw, &entries))
	all := make(map[string][]exchange)
	for _, e := range entries {
		name := e[0].(string)
		name = name[strings.LastIndex(name, "/")+1:]
		all[name] = append(all[name], exchange{time.Duration(e[1].(float64) * 1e6), time.Duration(e[2].(float64) * 1e6)})
	}
	return all
}
