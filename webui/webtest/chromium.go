package webtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// chromiumOff are the features that call home, or try https before http.
const chromiumOff = "Translate,AutofillServerCommunication,OptimizationHints,MediaRouter," +
	"CertificateTransparencyComponentUpdater," +
	"HttpsUpgrades,HttpsFirstBalancedMode,HttpsFirstBalancedModeAutoEnable,HttpsFirstModeIncognito,HttpsFirstModeV2"

// chromiumQuiet are the flags against calls home and ways around the proxy.
// The last three close those: loopback is proxied too, no name is looked up
// here, no datagram leaves.
var chromiumQuiet = []string{
	"disable-component-update", "disable-domain-reliability", "disable-quic", "disable-field-trial-config",
	"disable-component-extensions-with-background-pages", "disable-search-engine-choice-screen",
	"no-pings", "disable-gpu", "disable-features=" + chromiumOff, "gaia-url=http://127.0.0.1:9",
	"proxy-bypass-list=<-loopback>",
	"host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
	"force-webrtc-ip-handling-policy=disable_non_proxied_udp",
}

// chromium drives Chromium. chromedp is used for the process and the protocol;
// its queries are not, as they put sleeps between tries.
type chromium struct {
	target  *chromedp.Target
	process context.Context // ends with the browser
	page    context.Context // of process, private
	end     context.CancelFunc
}

// Chromium starts a headless Chromium. It lives until Close or the end of ctx.
func Chromium(ctx context.Context, o Options) (*Browser, error) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		return nil, errors.New("webtest: no chromium: " + installLine)
	}
	b, o, err := prepare(o)
	if err != nil {
		return nil, err
	}
	ctx, stopAllocator := chromedp.NewExecAllocator(ctx, chromiumOptions(path, b.dir, o)...)
	d := &chromium{}
	watch := &chromiumEvents{journal: b.journal, answer: d.acceptDialog}
	ctx, stopBrowser := chromedp.NewContext(ctx)
	d.process, d.end = ctx, func() { stopBrowser(); stopAllocator() }
	b.driver, b.gone = d, ctx.Done()
	if err := d.start(b, o, watch); err != nil {
		return nil, errors.Join(fmt.Errorf("webtest: start chromium: %w", err), b.Close())
	}
	return b, nil
}

func chromiumOptions(path, dir string, o Options) []chromedp.ExecAllocatorOption {
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.ProxyServer("socks5://"+o.Proxy),
		chromedp.Flag("lang", o.Lang), chromedp.Flag("accept-lang", o.Lang),
		chromedp.Env(environment(dir, o)...),
	)
	if os.Getuid() == 0 { // Chromium's sandbox refuses root
		opts = append(opts, chromedp.NoSandbox)
	}
	for _, flag := range chromiumQuiet {
		name, value, has := strings.Cut(flag, "=")
		if has {
			opts = append(opts, chromedp.Flag(name, value))
		} else {
			opts = append(opts, chromedp.Flag(name, true))
		}
	}
	return opts
}

func (d *chromium) start(b *Browser, o Options, watch *chromiumEvents) error {
	// Start the browser, then open a private window: its context shares nothing
	// with the profile, which even --incognito leaves in reach of downloads.
	if err := chromedp.Do(d.process); err != nil {
		return err
	}
	page, _ := chromedp.NewContext(d.process, chromedp.WithNewBrowserContext(), chromedp.WithListener(watch.page))
	d.page = page
	scheme := "light"
	if o.Dark {
		scheme = "dark"
	}
	if err := chromedp.Do(page, chromedp.EmulateViewport(int64(o.Width), int64(o.Height))); err != nil {
		return err
	}
	d.target = chromedp.FromContext(page).Target
	if err := chromedp.ListenBrowser(page, watch.browser); err != nil {
		return err
	}
	_, err := cdp.Call(page, d.target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	if err != nil {
		return err
	}
	on := true
	_, err = chromedp.CallBrowser(page, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, BrowserContextID: chromedp.FromContext(page).BrowserContextID,
		DownloadPath: b.Downloads(), EventsEnabled: &on,
	})
	return err
}

func (d *chromium) navigate(ctx context.Context, url string) error {
	_, err := chromedp.Navigate(url)(ctx, d.target)
	return err
}

func (d *chromium) evaluate(ctx context.Context, expression string) (string, error) {
	return chromedp.Evaluate[string](expression, chromedp.EvalAwaitPromise)(ctx, d.target)
}

func (d *chromium) look(ctx context.Context, function string, args []any) (sight, error) {
	return lookByScript(ctx, d, function, args)
}

func (d *chromium) url(ctx context.Context) (string, error) {
	return d.evaluate(ctx, "location.href")
}

func (d *chromium) transient(err error) bool {
	var refused *cdproto.Error // the protocol's, not the page's exception
	return errors.As(err, &refused)
}

func (d *chromium) press(ctx context.Context, at spot) error {
	_, err := chromedp.MouseClickXY(at.X, at.Y)(ctx, d.target)
	return err
}

func (d *chromium) keys(ctx context.Context, text string) error {
	_, err := chromedp.KeyEvent(text)(ctx, d.target)
	return err
}

func (d *chromium) setFiles(ctx context.Context, selector string, paths []string) error {
	field, err := chromedp.Evaluate[*runtime.RemoteObject](fmt.Sprintf("document.querySelector(%q)", selector))(ctx, d.target)
	if err != nil {
		return err
	}
	_, err = cdp.Call(ctx, d.target, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: paths, ObjectID: field.ObjectID})
	return err
}

func (d *chromium) screenshot(ctx context.Context) ([]byte, error) {
	return chromedp.FullScreenshot(100)(ctx, d.target)
}

func (d *chromium) stop() error {
	d.end()
	return nil
}
