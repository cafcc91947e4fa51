package webtest

import (
	"context"
	"fmt"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
)

// turned makes Date run ahead by milliseconds, before any script of a page.
const turned = `(() => {
	const Real = Date, ahead = %d
	globalThis.Date = class Date extends Real {
		constructor(...given) { super(...(given.length > 0 ? given : [Real.now() + ahead])) }
		static now() { return Real.now() + ahead }
	}
})()`

// TurnClock lets the pages loaded from now on find the time of day that much
// later; calls add up. It is for pages that do not call Date without new.
func (b *Browser) TurnClock(ctx context.Context, ahead time.Duration) error {
	ctx, cancel := b.limit(ctx)
	defer cancel()
	return b.explain(ctx, "turn the clock", b.driver.prelude(ctx, fmt.Sprintf(turned, ahead.Milliseconds())))
}

func (d *chromium) prelude(ctx context.Context, script string) error {
	_, err := cdp.Call(ctx, d.target, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
	return err
}

func (d *firefox) prelude(ctx context.Context, script string) error {
	return d.bidi.call(ctx, "script.addPreloadScript", object{"functionDeclaration": "() => { " + script + " }"}, nil)
}
