package webui

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"ashpost/webui/api"
	"ashpost/webui/webtest"
)

// A visitor looks at the pages with Chromium. What only an onion service has, such
// as return words, is tried where there is one.
type visitor struct {
	*webtest.Browser
	*rig
}

func (r *rig) visited() *visitor {
	r.Helper()
	b, err := webtest.Chromium(r.Context(), webtest.Options{Width: 390, Height: 800})
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() {
		if said := slices.DeleteFunc(b.ConsoleErrors(), expected); len(said) > 0 {
			r.Errorf("the page complained: %q", said)
		}
		b.Close()
	})
	return &visitor{b, r}
}

// expected is what Chromium remarks on every answer that is a refusal.
func expected(said string) bool { return strings.HasPrefix(said, "Failed to load resource") }

func (v *visitor) must(err error) {
	v.Helper()
	if err != nil {
		text, _ := v.EvalString(context.Background(), "document.body.innerText")
		v.Fatalf("%v\nthe page says: %s", err, text)
	}
}

func (v *visitor) goes(path string) { v.Helper(); v.must(v.Goto(v.Context(), "http://"+v.host+path)) }
func (v *visitor) clicks(selector string) {
	v.Helper()
	v.must(v.Click(v.Context(), selector))
}
func (v *visitor) sees(text string)      { v.Helper(); v.must(v.WaitText(v.Context(), text)) }
func (v *visitor) waits(selector string) { v.Helper(); v.must(v.WaitFor(v.Context(), selector, true)) }
func (v *visitor) misses(selector string) {
	v.Helper()
	v.must(v.WaitFor(v.Context(), selector, false))
}
func (v *visitor) fills(selector, text string) {
	v.Helper()
	v.must(v.Fill(v.Context(), selector, text))
}
func (v *visitor) reads(expression string) string {
	v.Helper()
	s, err := v.EvalString(v.Context(), expression)
	v.must(err)
	return s
}

// key writes an age identity as a key file.
func (v *visitor) key(i *age.HybridIdentity, inbox string) string {
	v.Helper()
	name := filepath.Join(v.TempDir(), "key.txt")
	text := i.String() + "\n"
	if inbox != "" {
		text = "# inbox: " + inbox + "\n" + text
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		v.Fatal(err)
	}
	return name
}

func (v *visitor) address(b *box) string { return "http://" + v.host + "/to/" + b.id.Encode() }

// unlocks opens a page that takes a key file.
func (v *visitor) unlocks(page, key string) {
	v.Helper()
	v.goes(page)
	v.waits("#open:enabled")
	v.must(v.SetFiles(v.Context(), "#keyfile", key))
	v.clicks("#open")
}

// TestLongInboxPage: more messages than one list holds; then the service locks, and a
// destruction is not called proven.
func TestLongInboxPage(t *testing.T) {
	r := start(t, setup{})
	b := r.opened(1)
	for range api.MaxListed + 3 {
		r.written(b, 100)
	}
	v := r.visited()
	v.unlocks("/inbox", v.key(b.owners[0], ""))
	v.sees(fmt.Sprint(api.MaxListed + 3))
	v.waits("#more")
	v.clicks("#more")
	v.misses("#more")
	v.clicks("#talks .open")
	v.waits("#talk")
	v.waits("#letters .destroy")
	r.halt()
	r.turn(76 * time.Minute)
	v.clicks("#letters .destroy")
	v.clicks("#letters .yes")
	v.sees("its destruction is not proven yet")
	v.clicks("#end-details summary")
	v.fills("#end-word", "destroy")
	v.clicks("#end")
	v.sees("cannot prove the destruction yet")
}
