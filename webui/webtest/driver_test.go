package webtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// policy is as strict as the one the pages are served with.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

func testServer(t *testing.T) *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /echo", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusAccepted)
		_, _ = w.Write(append(body, " pong"...))
	})
	mux.HandleFunc("GET /sent", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<!doctype html><p id=sent>got "+r.FormValue("name")+"</p>")
	})
	mux.HandleFunc("GET /large", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(make([]byte, 1<<20))
	})
	mux.HandleFunc("GET /favicon.ico", http.NotFound)
	mux.Handle("GET /", http.FileServer(http.Dir("testdata")))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
		w.Header().Set("Cross-Origin-Embedder-Policy", "require-corp")
		w.Header().Set("Referrer-Policy", "no-referrer")
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

type start func(context.Context, Options) (*Browser, error)

func open(t *testing.T, s start, o Options) *Browser {
	t.Helper()
	begun := time.Now()
	b, err := s(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("started in %v", time.Since(begun).Round(time.Millisecond))
	t.Cleanup(func() {
		begun := time.Now()
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(b.dir); !os.IsNotExist(err) {
			t.Errorf("the browser's folder is still there: %v", err)
		}
		t.Logf("closed in %v", time.Since(begun).Round(time.Millisecond))
	})
	return b
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var browsers = []struct {
	name  string
	start start
	level Level
}{
	{"chromium", Chromium, Standard},
	{"firefox", Firefox, Standard},
	{"firefox-safer", Firefox, Safer},
}

func TestDriver(t *testing.T) {
	Need(t)
	server := testServer(t)
	for _, browser := range browsers {
		t.Run(browser.name, func(t *testing.T) {
			b := open(t, browser.start, Options{Width: 390, Height: 700, Dark: true, Lang: "fa", Level: browser.level})
			for _, step := range []struct {
				name string
				test func(*testing.T, *Browser, string)
			}{
				{"fragment", testFragment}, {"look", testLook}, {"form", testForm}, {"files", testFiles},
				{"fetch", testFetch}, {"download", testDownload}, {"waiting", testWaiting}, {"leaving", testLeaving},
				{"rules", testRules}, {"dialog", testDialog}, {"clock", testClock},
				{"stranger", testStranger}, // the last: it leaves
			} {
				t.Run(step.name, func(t *testing.T) {
					b.Forget()
					check(t, b.Goto(t.Context(), server.URL+"/page.html"))
					step.test(t, b, server.URL)
				})
			}
		})
	}
}

func testFragment(t *testing.T, b *Browser, base string) {
	ctx := t.Context()
	check(t, b.Goto(ctx, base+"/page.html?x#1token"))
	check(t, b.WaitText(ctx, "fragment 1token"))
	if url, err := b.URL(ctx); err != nil || url != base+"/page.html" {
		t.Errorf("URL = %q, %v: the page took the fragment out", url, err)
	}
	check(t, b.Goto(ctx, base+"/page.html#second"))
	check(t, b.WaitText(ctx, "changed second"))
	if url, _ := b.URL(ctx); url != base+"/page.html#second" {
		t.Errorf("URL = %q", url)
	}
}

func testLook(t *testing.T, b *Browser, _ string) {
	ctx := t.Context()
	got, err := b.EvalString(ctx, `document.getElementById('scheme').textContent`)
	check(t, err)
	if got != "dark 390x700 fa subtle true" {
		t.Errorf("the page sees %q", got)
	}
	check(t, b.Type(ctx, "#name", ""))
	if raw, err := b.Eval(ctx, `document.hasFocus() && document.querySelector(':focus').id`); err != nil || string(raw) != `"name"` {
		t.Errorf("the focus is at %s, %v", raw, err)
	}
	if f, ok := b.driver.(*firefox); ok && f.level == Safer {
		if raw, err := b.Eval(ctx, `typeof WebAssembly`); err != nil || string(raw) != `"undefined"` {
			t.Errorf("at Safer WebAssembly is %s, %v", raw, err)
		}
	}
	raw, err := b.Eval(ctx, `new Promise(r => setTimeout(r, 10, {a: [1, null, "ب"]}))`)
	if err != nil || string(raw) != `{"a":[1,null,"ب"]}` {
		t.Errorf("Eval = %s, %v", raw, err)
	}
	if raw, err := b.Eval(ctx, `undefined`); err != nil || string(raw) != "null" {
		t.Errorf("Eval(undefined) = %s, %v", raw, err)
	}
	if _, err := b.Eval(ctx, `(() => { throw new Error('on purpose') })()`); err == nil || !strings.Contains(err.Error(), "on purpose") {
		t.Errorf("an exception gave %v", err)
	}
	check(t, b.Inject(ctx, "/* a library */ window.library = () => 7;"))
	if raw, err := b.Eval(ctx, `library()`); err != nil || string(raw) != "7" {
		t.Errorf("injected: %s, %v", raw, err)
	}
	file := filepath.Join(t.TempDir(), "page.png")
	check(t, b.Screenshot(ctx, file))
	if png, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(png), "\x89PNG") || len(png) < 2000 {
		t.Errorf("screenshot of %d bytes, %v", len(png), err)
	}
}

func testForm(t *testing.T, b *Browser, base string) {
	ctx := t.Context()
	check(t, b.Fill(ctx, "#note", strings.Repeat("long ", 50_000)))
	if raw, err := b.Eval(ctx, `document.getElementById('note').value.length`); err != nil || string(raw) != "250000" {
		t.Errorf("filled %s, %v", raw, err)
	}
	check(t, b.Type(ctx, "#name", "Ab é نامه 😀"))
	if v, err := b.EvalString(ctx, `document.getElementById('name').value`); err != nil || v != "Ab é نامه 😀" {
		t.Errorf("typed %q, %v", v, err)
	}
	check(t, b.Type(ctx, "#name", ""))
	if v, err := b.EvalString(ctx, `document.getElementById('name').value`); err != nil || v != "" {
		t.Errorf("emptied: %q, %v", v, err)
	}
	check(t, b.Type(ctx, "#name", "wolf"))
	check(t, b.WaitText(ctx, "w o l f"))
	check(t, b.Type(ctx, ":focus", "\t"))
	if v, _ := b.EvalString(ctx, `document.activeElement.id`); v != "note" {
		t.Errorf("Tab led to %q", v)
	}
	check(t, b.Click(ctx, "#submit"))
	check(t, b.WaitText(ctx, "got wolf"))
	check(t, b.Goto(ctx, base+"/page.html"))
	check(t, b.Type(ctx, "#name", "enter\n"))
	check(t, b.WaitFor(ctx, "#sent", true))
	if url, _ := b.URL(ctx); url != base+"/sent?name=enter" {
		t.Errorf("URL = %q", url)
	}
	if said := b.ConsoleErrors(); len(said) > 0 {
		t.Errorf("errors: %q", said)
	}
}

func testFiles(t *testing.T, b *Browser, _ string) {
	dir := t.TempDir()
	one, two := filepath.Join(dir, "یک.txt"), filepath.Join(dir, "two.txt")
	check(t, os.WriteFile(one, []byte("first"), 0o600))
	check(t, os.WriteFile(two, []byte("second"), 0o600))
	check(t, b.SetFiles(t.Context(), "#file", one, two))
	check(t, b.WaitText(t.Context(), "یک.txt=first two.txt=second"))
}

func testFetch(t *testing.T, b *Browser, base string) {
	check(t, b.Click(t.Context(), "#fetch"))
	check(t, b.WaitText(t.Context(), "202 ping pong"))
	echo := func(r Request) bool { return r.URL == base+"/echo" && r.Method == "POST" && r.Status == 202 }
	if err := b.await(t.Context(), func() bool { return slices.ContainsFunc(b.Requests(), echo) }); err != nil {
		t.Errorf("requests: %+v", b.Requests())
	}
}

func testDownload(t *testing.T, b *Browser, _ string) {
	for range 2 {
		check(t, b.Click(t.Context(), "#save"))
		path, err := b.WaitDownload(t.Context())
		check(t, err)
		content, err := os.ReadFile(path)
		if err != nil || string(content) != "saved content" {
			t.Errorf("downloaded %q, %v", content, err)
		}
		if filepath.Dir(path) != b.Downloads() || !strings.HasPrefix(filepath.Base(path), "نامه") {
			t.Errorf("saved as %q", path)
		}
	}
}

func testWaiting(t *testing.T, b *Browser, _ string) {
	ctx := t.Context()
	check(t, b.WaitFor(ctx, "#late", false))
	check(t, b.Click(ctx, "#later"))
	check(t, b.WaitFor(ctx, "#late", true))
	check(t, b.WaitText(ctx, "arrived late"))
	for selector, want := range map[string]string{
		"#under": "covered by div#cover", "#off": "disabled", "#none": "no such element", ".hidden": "no such element",
	} {
		if err := inVain(ctx, want, func(short context.Context) error { return b.Click(short, selector) }); err != nil {
			t.Errorf("click %s: %v, want %q", selector, err, want)
		}
	}
	if err := b.WaitFor(ctx, "!!", true); err == nil {
		t.Error("a bad selector is waited for")
	}
}

// inVain tries what can only run out of time, and must then name the reason. A
// browser that is slow to look gets longer.
func inVain(ctx context.Context, reason string, try func(context.Context) error) (err error) {
	for limit := 400 * time.Millisecond; limit < patience; limit *= 2 {
		short, cancel := context.WithTimeout(ctx, limit)
		err = try(short)
		cancel()
		if err == nil {
			return errors.New("it succeeded")
		}
		if strings.Contains(err.Error(), reason) && strings.Contains(err.Error(), "deadline") {
			return nil
		}
	}
	return err
}

// testLeaving waits across page changes that come at any moment of a look.
func testLeaving(t *testing.T, b *Browser, base string) {
	for i := range 12 {
		check(t, b.Goto(t.Context(), base+"/page.html"))
		leave := fmt.Sprintf("void setTimeout(() => { location.href = '/sent?name=visit%d' }, %d)", i, 30*i)
		_, err := b.Eval(t.Context(), leave)
		check(t, err)
		check(t, b.WaitText(t.Context(), fmt.Sprintf("got visit%d", i)))
	}
}

func testRules(t *testing.T, b *Browser, _ string) {
	ctx := t.Context()
	check(t, b.Click(ctx, "#break"))
	for _, want := range []string{"img-src", "said aloud", "thrown late"} {
		said := func() bool { return strings.Contains(strings.Join(b.ConsoleErrors(), "\n"), want) }
		if err := b.await(ctx, said); err != nil {
			t.Errorf("no %q in %q", want, b.ConsoleErrors())
		}
	}
}

func testDialog(t *testing.T, b *Browser, _ string) {
	check(t, b.Click(t.Context(), "#ask"))
	check(t, b.WaitText(t.Context(), "yes"))
	err := b.await(t.Context(), func() bool { return len(b.ConsoleErrors()) > 0 })
	if said := b.ConsoleErrors(); err != nil || len(said) != 1 || !strings.Contains(said[0], "sure?") {
		t.Errorf("the dialog is not reported: %q", said)
	}
}

func testStranger(t *testing.T, b *Browser, _ string) {
	if got := b.guard.ThirdParty(b); len(got) > 0 {
		t.Errorf("before: %q", got)
	}
	check(t, b.Click(t.Context(), "#stranger"))
	check(t, b.WaitFor(t.Context(), "#stranger", false)) // the browser's error page
	if got := b.guard.ThirdParty(b); !slices.Contains(got, "stranger.example:80") {
		t.Errorf("third parties: %q of %q", got, b.guard.Refused())
	}
	refused := slices.Compact(slices.Sorted(slices.Values(b.guard.Refused())))
	t.Logf("refused: %q; passed: %+v", refused, b.guard.Stats())
	if slices.Contains(refused, "tracker.example:80") {
		t.Error("what the policy forbids got as far as the proxy")
	}
}

func testClock(t *testing.T, b *Browser, base string) {
	const day = 24 * time.Hour
	check(t, b.TurnClock(t.Context(), day))
	check(t, b.Goto(t.Context(), base+"/page.html?tomorrow"))
	raw, err := b.Eval(t.Context(), `[Date.now(), new Date().getTime(), new Date(7).getTime(), Date.parse("1970-01-01"), new Date() instanceof Date]`)
	check(t, err)
	var at struct{ now, made, given, parsed int64 }
	var is bool
	check(t, json.Unmarshal(raw, &[]any{&at.now, &at.made, &at.given, &at.parsed, &is}))
	real := time.Now().UnixMilli()
	for _, ms := range []int64{at.now, at.made} {
		if ahead := time.Duration(ms-real) * time.Millisecond; ahead < day-time.Hour || ahead > day+time.Hour {
			t.Errorf("the page is %v ahead", ahead)
		}
	}
	if at.given != 7 || at.parsed != 0 || !is {
		t.Errorf("%s", raw)
	}
}
