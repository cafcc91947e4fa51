package webui

import (
	"testing"
	"time"

	"ashpost/vault"
	"ashpost/webui/webtest"
)

// TestSwappedKeyInThePage: a service that gives another key than the one an address
// names gets nothing to encrypt to it.
func TestSwappedKeyInThePage(t *testing.T) {
	webtest.Need(t)
	r := start(t, setup{})
	named, given := r.newBox(1), r.newBox(1)
	if _, err := r.v.OpenInbox(vault.InboxID(named.id), vault.KindInbox, given.file, time.Hour); err != nil {
		t.Fatal(err)
	}
	b, err := webtest.Chromium(t.Context(), webtest.Options{Width: 390, Height: 844})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := b.Goto(t.Context(), "http://"+r.host+"/to/"+named.id.Encode()); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"This is the wrong key", "Do not write here.", "nothing was sent"} {
		if err := b.WaitText(t.Context(), text); err != nil {
			t.Error(err)
		}
	}
	if err := b.WaitFor(t.Context(), "#text, #send, #look-again", false); err != nil {
		t.Errorf("there is still something to write to it: %v", err)
	}
}
