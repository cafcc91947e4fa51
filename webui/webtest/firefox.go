package webtest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
)

// firefox drives Firefox over BiDi.
type firefox struct {
	process *firefoxProcess
	bidi    *bidi
	page    string // the browsing context
	level   Level
	loads   chan struct{} // holds a token when a page has come or loaded
	stopCtx func() bool
}

type object = map[string]any

// Firefox starts a headless Firefox ESR. It lives until Close or the end of ctx.
func Firefox(ctx context.Context, o Options) (*Browser, error) {
	path, err := exec.LookPath("firefox-esr")
	if err != nil {
		return nil, errors.New("webtest: no firefox-esr: " + installLine)
	}
	b, o, err := prepare(o)
	if err != nil {
		return nil, err
	}
	d := &firefox{level: o.Level, loads: make(chan struct{}, 1)}
	b.driver = d
	if err := d.start(ctx, path, b, o); err != nil {
		return nil, errors.Join(fmt.Errorf("webtest: start firefox: %w", err), b.Close())
	}
	b.gone = d.bidi.ended
	d.stopCtx = context.AfterFunc(ctx, d.process.kill)
	return b, nil
}

func (d *firefox) start(ctx context.Context, path string, b *Browser, o Options) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := writePrefs(filepath.Join(b.dir, "profile"), b.Downloads(), o)
	if err != nil {
		return err
	}
	if d.process, err = startFirefox(ctx, path, b.dir, o); err != nil {
		return err
	}
	events := &firefoxEvents{journal: b.journal, answer: d.acceptDialog, loads: d.loads}
	if d.bidi, err = dialBidi(ctx, d.process.address+"/session", events.take); err != nil {
		return err
	}
	prompts := object{"default": "ignore"} // answered by acceptDialog
	for _, step := range []struct {
		method string
		params object
	}{
		{"session.new", object{"capabilities": object{"alwaysMatch": object{"unhandledPromptBehavior": prompts}}}},
		{"session.subscribe", object{"events": firefoxSubscribed}},
		{"script.addPreloadScript", violationWatch},
	} {
		if err := d.bidi.call(ctx, step.method, step.params, nil); err != nil {
			return err
		}
	}
	return d.openPage(ctx, o)
}

// openPage opens a tab of its own: in the one that Firefox starts with the
// address bar has the focus, and a page there would never see focus events.
func (d *firefox) openPage(ctx context.Context, o Options) error {
	var tree struct{ Contexts []struct{ Context string } }
	if err := d.bidi.call(ctx, "browsingContext.getTree", object{}, &tree); err != nil {
		return err
	}
	var tab struct{ Context string }
	if err := d.bidi.call(ctx, "browsingContext.create", object{"type": "tab"}, &tab); err != nil {
		return err
	}
	d.page = tab.Context
	for _, old := range tree.Contexts {
		if err := d.bidi.call(ctx, "browsingContext.close", object{"context": old.Context}, nil); err != nil {
			return err
		}
	}
	return d.bidi.call(ctx, "browsingContext.setViewport", object{
		"context": d.page, "viewport": object{"width": o.Width, "height": o.Height}, "devicePixelRatio": 1,
	}, nil)
}

func (d *firefox) navigate(ctx context.Context, url string) error {
	return d.bidi.call(ctx, "browsingContext.navigate", object{"context": d.page, "url": url, "wait": "complete"}, nil)
}

// thrown is an exception of the page's, as opposed to a refused command.
type thrown struct{ text string }

func (e *thrown) Error() string { return e.text }

func (d *firefox) evaluate(ctx context.Context, expression string) (string, error) {
	if d.level == Safest {
		return "", errScriptsOff // BiDi would never answer
	}
	var out struct {
		Type             string
		Result           struct{ Value json.RawMessage }
		ExceptionDetails struct{ Text string }
	}
	err := d.bidi.call(ctx, "script.evaluate", object{
		"expression": expression, "target": object{"context": d.page}, "awaitPromise": true, "userActivation": false,
	}, &out)
	if err != nil {
		return "", err
	}
	if out.Type == "exception" {
		return "", &thrown{out.ExceptionDetails.Text}
	}
	var s string
	err = json.Unmarshal(out.Result.Value, &s)
	return s, err
}

func (d *firefox) url(ctx context.Context) (string, error) {
	var tree struct{ Contexts []struct{ URL string } }
	err := d.bidi.call(ctx, "browsingContext.getTree", object{"root": d.page}, &tree)
	if err != nil || len(tree.Contexts) == 0 {
		return "", errors.Join(errors.New("no page"), err)
	}
	return tree.Contexts[0].URL, nil
}

func (d *firefox) screenshot(ctx context.Context) ([]byte, error) {
	var shot struct{ Data string }
	err := d.bidi.call(ctx, "browsingContext.captureScreenshot", object{"context": d.page, "origin": "document"}, &shot)
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(shot.Data)
}

// stop ends Firefox hard: its profile goes with it, nothing is to be saved.
func (d *firefox) stop() error {
	if d.stopCtx != nil {
		d.stopCtx()
	}
	if d.process != nil {
		d.process.kill()
	}
	if d.bidi != nil {
		d.bidi.close()
	}
	return nil
}
