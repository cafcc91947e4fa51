package webui

import (
	"bytes"
	"io"
	"log"
	"os"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"ashpost/webui/api"
	"ashpost/webui/api/channel"
)

// TestPanicLeaksNothing panics with a canary in the value, before and after
// the first byte of the answer. Nothing of it may reach the client, the
// standard log or the process's output, and the service lives on.
func TestPanicLeaksNothing(t *testing.T) {
	const canary = "CANARY-0123456789abcdef"
	r := start(t, setup{})
	r.s.echo.POST("/api/v1/panic/:ref", func(c echo.Context) error { panic(canary + c.Param("ref")) })
	r.s.echo.POST("/api/v1/late/:ref", func(c echo.Context) error {
		c.Response().Header().Set("Content-Length", "1000")
		io.WriteString(c.Response(), strings.Repeat("x", 500))
		panic(canary + c.Param("ref"))
	})
	output := captured(t, func() {
		a := r.do("POST", "/api/v1/panic/"+canary, nil)
		r.refused(api.CodeInternal, a)
		if bytes.Contains(a.body, []byte("CANARY")) || a.header.Get("Content-Security-Policy") != policy {
			t.Errorf("answer %v %s", a.header, a.body)
		}
		if a, err := r.try("POST", "/api/v1/late/"+canary, nil); err == nil {
			t.Errorf("a broken answer looks whole: %s", a.body)
		}
	})
	if strings.Contains(output, "CANARY") || strings.Contains(output, "goroutine") {
		t.Errorf("output: %s", output)
	}
	if n := r.s.Counters().Panics; n != 2 {
		t.Errorf("%d panics counted", n)
	}
	r.want(200, r.claim(r.sent(1000)))
}

// TestOperatorsPanics: what panics beside the vault leaks nothing either, inside of
// a session.
func TestOperatorsPanics(t *testing.T) {
	r, op := configured(t, setup{}, Policy{})
	b, o := r.opened(1), r.by(op.id)
	r.s.operator.Status = func() any { panic(b.id.Encode()) }
	r.s.operator.Unlock = func(cause string) error { panic(cause) }
	output := captured(t, func() {
		for _, a := range []reply{
			r.refused(api.CodeInternal, o.do("GET", api.PathOperatorStatus, nil)),
			r.refused(api.CodeInternal, o.json("POST", api.PathOperatorUnlock, api.Unlock{Cause: b.id.Encode()})),
		} {
			if bytes.Contains(a.body, []byte(b.id.Encode())) {
				t.Errorf("%s", a.body)
			}
		}
	})
	if strings.Contains(output, b.id.Encode()) || strings.Contains(output, "goroutine") {
		t.Errorf("output: %s", output)
	}
	if n := r.s.Counters().Panics; n != 2 {
		t.Errorf("%d panics counted", n)
	}
}

// captured returns what do makes the process print.
func captured(t *testing.T, do func()) string {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	stdout, stderr := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = f, f
	log.SetOutput(f)
	do()
	os.Stdout, os.Stderr = stdout, stderr
	log.SetOutput(stderr)
	text, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestVaultClosedUnderneath: every call is answered in order, as locked.
func TestVaultClosedUnderneath(t *testing.T) {
	r := start(t, setup{})
	l := r.sent(1000)
	if err := r.v.Close(); err != nil {
		t.Fatal(err)
	}
	for _, rt := range calls {
		a := r.as(l, rt, []string{"Authorization", api.Bearer(l.claim)})
		if rt.path != api.PathService && rt.path != channel.SessionPath && a.status != 503 && a.status != 202 {
			t.Errorf("%s %s: %d %s", rt.method, rt.path, a.status, a.body)
		}
	}
	if n := r.s.Counters().Panics; n != 0 {
		t.Errorf("%d panics", n)
	}
}
