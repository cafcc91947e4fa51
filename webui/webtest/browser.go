// Package webtest drives real browsers for tests: Chromium over its DevTools
// protocol and Firefox ESR, the base of Tor Browser, over WebDriver BiDi.
//
// Guaranteed: every browser starts with a fresh private profile in a temporary
// folder that Close removes; it has no way out but one SOCKS proxy, so what the
// proxy refuses stays on the machine; page errors and policy violations are
// collected from before the first page on; no wait is a sleep: each one is a
// promise in the page or an event of the protocol.
//
// Not guaranteed: Firefox with a level's preferences is close to Tor Browser
// but is not Tor Browser (no letterboxing, no NoScript, other fingerprint).
// Scripts given to Eval are not bound by the page's policy, so a policy has to
// be tested from a script of the page. The common methods are for one
// goroutine at a time.
package webtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Level is a security level of Tor Browser.
type Level int

const (
	Standard Level = iota // everything on
	Safer                 // no JIT, WASM, asm.js, MathML
	Safest                // no script at all
)

// Options say how a browser looks and where it may go.
type Options struct {
	Proxy         string // SOCKS5 host:port; empty: loopback addresses only
	Width, Height int    // of the page; 1000 x 800 if zero
	Dark          bool   // the user prefers dark pages
	Lang          string // the user's language, such as "fa"; "en-US" if empty
	Level         Level  // Firefox only
}

// patience bounds a call whose context has no deadline: a wrong selector
// must fail its test, not hang the run. Safer needs 20 s for an scrypt of 2^14.
const patience = 90 * time.Second

// driver is what the two protocols do differently.
type driver interface {
	navigate(ctx context.Context, url string) error
	// evaluate runs an expression that gives a string, or a promise of one.
	evaluate(ctx context.Context, expression string) (string, error)
	// look calls a function of page.js, or does its work without scripts.
	look(ctx context.Context, function string, args []any) (sight, error)
	// transient reports that a look failed because its page went away.
	transient(err error) bool
	press(ctx context.Context, at spot) error
	keys(ctx context.Context, text string) error
	setFiles(ctx context.Context, selector string, paths []string) error
	screenshot(ctx context.Context) ([]byte, error)
	url(ctx context.Context) (string, error)
	// prelude runs a script in every page to come, before its own.
	prelude(ctx context.Context, script string) error
	stop() error
}

// Browser is one running browser with one page.
type Browser struct {
	driver driver
	*journal
	dir   string
	guard *Proxy // of our own when Options name none
	gone  <-chan struct{}
}

// errScriptsOff is what Eval, EvalString, Inject and Fill answer at Safest.
var errScriptsOff = errors.New("scripts are off at this level")

// Goto loads a page and waits for its load event. Another fragment of the
// same page is a navigation within the document, as in a real address bar.
func (b *Browser) Goto(ctx context.Context, url string) error {
	ctx, cancel := b.limit(ctx)
	defer cancel()
	return b.explain(ctx, "go to page", b.driver.navigate(ctx, url))
}

// Eval evaluates an expression in the page, awaits it if it is a promise and
// gives its value as JSON.
func (b *Browser) Eval(ctx context.Context, expression string) (json.RawMessage, error) {
	ctx, cancel := b.limit(ctx)
	defer cancel()
	out, err := b.driver.evaluate(ctx, "(async () => JSON.stringify(await (\n"+expression+"\n)) ?? 'null')()")
	return json.RawMessage(out), b.explain(ctx, "evaluate", err)
}

// EvalString is Eval for an expression whose value is a string.
func (b *Browser) EvalString(ctx context.Context, expression string) (string, error) {
	raw, err := b.Eval(ctx, expression)
	if err != nil {
		return "", err
	}
	var s *string
	if err := json.Unmarshal(raw, &s); err != nil || s == nil {
		return "", fmt.Errorf("webtest: the value is not a string: %.80s", raw)
	}
	return *s, nil
}

// Inject runs a whole script, such as a checker of accessibility, in the page.
func (b *Browser) Inject(ctx context.Context, script string) error {
	ctx, cancel := b.limit(ctx)
	defer cancel()
	_, err := b.driver.evaluate(ctx, script+"\n;'done'")
	return b.explain(ctx, "inject", err)
}

// Screenshot writes the whole page, beyond the window too, as a PNG file.
func (b *Browser) Screenshot(ctx context.Context, file string) error {
	ctx, cancel := b.limit(ctx)
	defer cancel()
	png, err := b.driver.screenshot(ctx)
	if err != nil {
		return b.explain(ctx, "screenshot", err)
	}
	return os.WriteFile(file, png, 0o600)
}

// URL is the address as the address bar shows it, with its fragment.
func (b *Browser) URL(ctx context.Context) (string, error) {
	ctx, cancel := b.limit(ctx)
	defer cancel()
	url, err := b.driver.url(ctx)
	return url, b.explain(ctx, "read the address", err)
}

// Downloads is the folder that downloads are saved in.
func (b *Browser) Downloads() string { return filepath.Join(b.dir, "downloads") }

// Close ends the browser and removes everything it wrote.
func (b *Browser) Close() error {
	err := b.driver.stop()
	if b.guard != nil {
		err = errors.Join(err, b.guard.Close())
	}
	return errors.Join(err, os.RemoveAll(b.dir))
}

// limit bounds a call in time and ends it when the browser is gone.
func (b *Browser) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	cancelTime := context.CancelFunc(func() {})
	if _, ok := ctx.Deadline(); !ok {
		ctx, cancelTime = context.WithTimeout(ctx, patience)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	finished := make(chan struct{})
	go func() {
		select {
		case <-b.gone:
			cancel(errors.New("the browser has ended"))
		case <-finished:
		}
	}()
	return ctx, func() { close(finished); cancel(nil); cancelTime() }
}

// explain adds to an error what someone reading a failed test asks first. It
// leaves addresses out: their fragments are secrets.
func (b *Browser) explain(ctx context.Context, what string, err error) error {
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
		err = fmt.Errorf("%w (%w)", err, cause)
	}
	if said := b.ConsoleErrors(); len(said) > 0 {
		return fmt.Errorf("webtest: %s: %w; the page reported: %s", what, err, strings.Join(said, " | "))
	}
	return fmt.Errorf("webtest: %s: %w", what, err)
}
