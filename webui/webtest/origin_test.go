package webtest

import (
	"bytes"
	"context"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// onionProxy makes the test server an http onion behind a unix socket.
func onionProxy(t *testing.T) *Proxy {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "web.sock")
	l, err := net.Listen("unix", socket)
	check(t, err)
	s := &http.Server{Handler: testServer(t).Config.Handler}
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	return newProxy(t, Route{Host: "test.onion:80", Target: "unix:" + socket})
}

func TestOnionOrigin(t *testing.T) {
	Need(t)
	for _, c := range []struct {
		name  string
		start start
		want  string
	}{
		{"chromium", Chromium, "light 1000x800 en-US subtle false"},
		{"firefox", Firefox, "light 1000x800 en-US subtle true"}, // as Tor Browser
	} {
		t.Run(c.name, func(t *testing.T) {
			// Everything the browser writes is below here.
			t.Setenv("TMPDIR", shortDir(t))
			p := onionProxy(t)
			b := open(t, c.start, Options{Proxy: p.Addr()})
			ctx := t.Context()
			check(t, b.Goto(ctx, "http://test.onion/page.html#1SecretOfTheLink"))
			check(t, b.WaitText(ctx, "fragment 1SecretOfTheLink"))
			check(t, b.WaitText(ctx, c.want))
			check(t, b.Click(ctx, "#fetch"))
			check(t, b.WaitText(ctx, "202 ping pong"))
			if got := p.ThirdParty(b); len(got) > 0 {
				t.Errorf("third parties: %q", got)
			}
			testRequests(t, b)
			testTraces(t, os.Getenv("TMPDIR"))
			testCut(t, b, p)
			if err := b.Goto(ctx, "http://other.onion/"); err == nil {
				t.Error("another onion is reachable")
			}
			if !slices.Contains(p.Refused(), "other.onion:80") {
				t.Errorf("refused: %q", p.Refused())
			}
		})
	}
}

// shortDir is short enough for Chromium's sockets, unlike t.TempDir.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "w")
	check(t, err)
	t.Cleanup(func() { check(t, os.RemoveAll(dir)) })
	return dir
}

func testRequests(t *testing.T, b *Browser) {
	for _, want := range []string{"/page.html", "/page.css", "/page.js", "/echo"} {
		same := func(r Request) bool { return r.URL == "http://test.onion"+want && r.Bytes > 0 && r.Status/100 == 2 }
		if err := b.await(t.Context(), func() bool { return slices.ContainsFunc(b.Requests(), same) }); err != nil {
			t.Errorf("no finished request of %s in %+v", want, b.Requests())
		}
	}
}

// testTraces asserts that a private window leaves the fragment in no file.
func testTraces(t *testing.T, dir string) {
	seen := 0
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return nil // the browser is at work here
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		seen++
		if bytes.Contains(content, []byte("SecretOfTheLink")) {
			t.Errorf("the fragment is in %s", filepath.Base(path))
		}
		return nil
	})
	if err != nil || seen == 0 {
		t.Errorf("looked into %d files, %v", seen, err)
	}
}

func testCut(t *testing.T, b *Browser, p *Proxy) {
	const get = `fetch('/large').then(r => r.arrayBuffer()).then(a => a.byteLength + '', e => e.name)`
	before := p.Stats()
	p.CutAfter(512 << 10)
	got, err := b.EvalString(t.Context(), get)
	if err != nil || got != "TypeError" {
		t.Errorf("the cut download gave %q, %v", got, err)
	}
	if moved := p.Stats().Up + p.Stats().Down - before.Up - before.Down; moved < 512<<10 || moved > 520<<10 {
		t.Errorf("%d bytes passed around the cut", moved)
	}
	if got, err := b.EvalString(t.Context(), get); err != nil || got != "1048576" {
		t.Errorf("the next download gave %q, %v", got, err)
	}
	if after := p.Stats(); after.Conns <= before.Conns {
		t.Errorf("no new connection after the cut: %+v", after)
	}
}

func TestSafest(t *testing.T) {
	Need(t)
	server := testServer(t)
	b := open(t, Firefox, Options{Level: Safest})
	ctx := t.Context()
	check(t, b.Goto(ctx, server.URL+"/page.html"))
	check(t, b.WaitText(ctx, "no script here"))
	check(t, b.WaitFor(ctx, "#noscript", true))
	check(t, b.Screenshot(ctx, filepath.Join(t.TempDir(), "safest.png")))
	if _, err := b.Eval(ctx, "1"); err == nil || !strings.Contains(err.Error(), "scripts are off") {
		t.Errorf("Eval: %v", err)
	}
	check(t, b.Type(ctx, "#name", "quiet"))
	check(t, b.Click(ctx, "#submit"))
	check(t, b.WaitText(ctx, "got quiet"))
	if url, err := b.URL(ctx); err != nil || url != server.URL+"/sent?name=quiet" {
		t.Errorf("URL = %q, %v", url, err)
	}
	if err := inVain(ctx, "no such text", func(short context.Context) error { return b.WaitText(short, "never") }); err != nil {
		t.Errorf("waiting for nothing: %v", err)
	}
}

// TestGone ends the browsers from outside: calls must fail at once.
func TestGone(t *testing.T) {
	Need(t)
	for _, browser := range browsers[:2] {
		t.Run(browser.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			b, err := browser.start(ctx, Options{})
			check(t, err)
			time.AfterFunc(50*time.Millisecond, cancel)
			begun := time.Now()
			_, err = b.Eval(context.Background(), `new Promise(() => {})`)
			if err == nil || time.Since(begun) > patience/2 {
				t.Errorf("after %v: %v", time.Since(begun), err)
			}
			check(t, b.Close())
		})
	}
}
