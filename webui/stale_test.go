package webui

import (
	"testing"

	"ashpost/webui/webtest"
)

// TestPagesOutliveKeys: a restart between loading a page and pressing its button
// leaves the page with a key that opens nothing. Whoever presses does not notice.
func TestPagesOutliveKeys(t *testing.T) {
	webtest.Need(t)
	r := start(t, setup{})
	b, err := webtest.Chromium(t.Context(), webtest.Options{Width: 390, Height: 844})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	step := func(err error) {
		t.Helper()
		if err != nil {
			text, _ := b.EvalString(t.Context(), "document.body.innerText")
			t.Fatalf("%v\nthe page says: %s", err, text)
		}
	}
	load := func(url, button string) {
		t.Helper()
		step(b.Goto(t.Context(), url))
		step(b.WaitText(t.Context(), "This is a preview on this machine")) // it has the service's state
		step(b.WaitFor(t.Context(), button, true))
	}
	press := func(button, then string) {
		t.Helper()
		before := r.s.Counters().Wrong
		step(r.s.channels.Forget())
		step(b.Click(t.Context(), button))
		step(b.WaitFor(t.Context(), then, true))
		if r.s.Counters().Wrong != before {
			t.Error("an old key counts as a wrong proof")
		}
	}
	load("http://"+r.host+"/", "#text")
	step(b.Fill(t.Context(), "#text", "Meet at nine"))
	step(b.WaitFor(t.Context(), "#protect:enabled", true))
	press("#protect", "#ready")
	link, err := b.EvalString(t.Context(), "document.querySelector('#link').value")
	step(err)
	load(link, "#open:enabled")
	press("#open", "#shown")
	step(b.WaitText(t.Context(), "Destroyed at the service"))
}
