package e2e

import "time"

// noon lets the pages find the next noon but one: no midnight comes during a test.
func (c *correspondent) noon() {
	c.t.Helper()
	const day = 24 * time.Hour
	now := time.Now().UTC()
	c.must(c.TurnClock(c.ctx(), now.Truncate(day).Add(day+day/2).Sub(now)))
}

// tomorrow comes, and both look in again: each is told the day of their last
// visit, and the source's next letter is still known as the source's.
func (c *correspondent) tomorrow(k keyring, words string) {
	c.t.Helper()
	last := "You were last here on " + c.reads(`new Intl.DateTimeFormat("en", { dateStyle: "full", timeZone: "UTC" }).format(Date.now())`)
	c.must(c.TurnClock(c.ctx(), 24*time.Hour))
	c.returns(words)
	c.sees(last + ".")
	c.waits("#people button")
	c.looks("replies, the next day")
	c.followsUp("And on the next day.")
	c.opensInbox(k)
	c.sees(last + ". If that was not you")
	c.clicks("#talks .open")
	c.sees("And on the next day.")
	if got := c.reads("document.querySelector('#letters li:last-child .mark').textContent"); got != "From this conversation." {
		c.t.Errorf("the letter of the next day is %q", got)
	}
}
