package webtest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const installLine = "apt-get install --no-install-recommends chromium firefox-esr"

// Need fails a test on a machine without the two browsers.
func Need(t testing.TB) {
	t.Helper()
	for _, name := range []string{"chromium", "firefox-esr"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Fatalf("%s is missing: %s", name, installLine)
		}
	}
}

// prepare makes the folder of a new browser and, when no proxy is named, the
// one that lets only loopback through.
func prepare(o Options) (*Browser, Options, error) {
	if o.Width == 0 {
		o.Width = 1000
	}
	if o.Height == 0 {
		o.Height = 800
	}
	if o.Lang == "" {
		o.Lang = "en-US"
	}
	dir, err := os.MkdirTemp("", "webtest-")
	if err != nil {
		return nil, o, err
	}
	b := &Browser{journal: newJournal(), dir: dir}
	for _, sub := range []string{"downloads", "home", "profile", "tmp"} {
		err = errors.Join(err, os.Mkdir(filepath.Join(dir, sub), 0o700))
	}
	if err == nil && o.Proxy == "" {
		if b.guard, err = NewProxy(Route{}); err == nil {
			o.Proxy = b.guard.Addr()
		}
	}
	if err != nil {
		return nil, o, errors.Join(err, os.RemoveAll(dir))
	}
	return b, o, nil
}

// environment keeps a browser out of the user's folders and time zone. XDG
// variables would lead it back there.
func environment(dir string, o Options) []string {
	return []string{
		"HOME=" + filepath.Join(dir, "home"),
		"TMPDIR=" + filepath.Join(dir, "tmp"),
		"XDG_CONFIG_HOME=", "XDG_CACHE_HOME=", "XDG_DATA_HOME=", "XDG_DOWNLOAD_DIR=",
		"LANG=C.UTF-8", "LC_ALL=", "LANGUAGE=" + strings.ReplaceAll(o.Lang, "-", "_"),
		"TZ=UTC", "MOZ_CRASHREPORTER_DISABLE=1", "DISPLAY=", "DBUS_SESSION_BUS_ADDRESS=",
	}
}
