package webtest

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"

	_ "embed"
)

// pageScript defines the looks below. A look gives {done: value}, or
// {why: what is missing} after a while without success.
//
//go:embed page.js
var pageScript string

// sight is what a look gives.
type sight struct {
	Done json.RawMessage
	Why  string
}

// spot is where to press: a point of the window or, without scripts to measure
// it, an element.
type spot struct {
	X, Y    float64
	Element string
}

// lookByScript is a driver's look where scripts run.
func lookByScript(ctx context.Context, d driver, function string, args []any) (sight, error) {
	encoded, err := json.Marshal(args)
	if err != nil {
		return sight{}, err
	}
	out, err := d.evaluate(ctx, fmt.Sprintf("(%s)(%q, %s)", pageScript, function, encoded))
	if err != nil {
		return sight{}, err
	}
	var seen sight
	err = json.Unmarshal([]byte(out), &seen)
	return seen, err
}

// look repeats a look until it succeeds. A page that goes away meanwhile (a
// form was submitted) is no failure: the next page is looked at.
func (b *Browser) look(ctx context.Context, what, function string, args ...any) (json.RawMessage, error) {
	ctx, cancel := b.limit(ctx)
	defer cancel()
	missing := "no page"
	for {
		seen, err := b.driver.look(ctx, function, args)
		if seen.Why != "" {
			missing = seen.Why
		}
		if err != nil && (ctx.Err() != nil || !b.driver.transient(err)) {
			return nil, b.explain(ctx, what, fmt.Errorf("%s: %w", missing, err))
		}
		if seen.Done != nil {
			return seen.Done, nil
		}
	}
}

// WaitFor waits until an element is shown; or, with visible false, until none
// that matches is shown or there.
func (b *Browser) WaitFor(ctx context.Context, selector string, visible bool) error {
	function := "shown"
	if !visible {
		function = "hidden"
	}
	_, err := b.look(ctx, fmt.Sprintf("wait for %q (visible %t)", selector, visible), function, selector)
	return err
}

// WaitText waits until the page shows a text. As on the screen, hidden text
// does not count and text-transform does.
func (b *Browser) WaitText(ctx context.Context, substr string) error {
	_, err := b.look(ctx, fmt.Sprintf("wait for text %q", substr), "text", substr)
	return err
}

// Click presses the mouse on an element, as a user can: it must be shown,
// enabled and not covered. A press that misses, because the page moved
// meanwhile, does nothing and is repeated.
func (b *Browser) Click(ctx context.Context, selector string) error {
	what := fmt.Sprintf("click %q", selector)
	ctx, cancel := b.limit(ctx)
	defer cancel()
	for {
		raw, err := b.look(ctx, what, "aim", selector)
		if err != nil {
			return err
		}
		var at spot
		if err := json.Unmarshal(raw, &at); err != nil {
			return err
		}
		if err := b.driver.press(ctx, at); err != nil {
			return b.explain(ctx, what, err)
		}
		raw, err = b.look(ctx, what, "landed", selector)
		if err != nil || string(raw) == `"there"` {
			return err
		}
	}
}

// Type replaces what a field holds by typing on the keyboard: "\n" is Enter,
// "\t" is Tab. With the selector ":focus" or "body" it just presses the keys.
// At Safest it clicks the element to focus it.
func (b *Browser) Type(ctx context.Context, selector, text string) error {
	what := fmt.Sprintf("type into %q", selector)
	if _, err := b.look(ctx, what, "focus", selector); err != nil {
		return err
	}
	if text == "" {
		text = "\b" // the old text is selected
	}
	ctx, cancel := b.limit(ctx)
	defer cancel()
	return b.explain(ctx, what, b.driver.keys(ctx, text))
}

// Fill replaces what a field holds at once, as a paste would: for long texts.
func (b *Browser) Fill(ctx context.Context, selector, text string) error {
	_, err := b.look(ctx, fmt.Sprintf("fill %q", selector), "fill", selector, text)
	return err
}

// SetFiles chooses files in a file field, which may be hidden behind a label.
func (b *Browser) SetFiles(ctx context.Context, selector string, paths ...string) error {
	what := fmt.Sprintf("set files of %q", selector)
	if _, err := b.look(ctx, what, "there", selector); err != nil {
		return err
	}
	absolute := make([]string, len(paths))
	for i, p := range paths {
		var err error
		if absolute[i], err = filepath.Abs(p); err != nil {
			return err
		}
	}
	ctx, cancel := b.limit(ctx)
	defer cancel()
	return b.explain(ctx, what, b.driver.setFiles(ctx, selector, absolute))
}
