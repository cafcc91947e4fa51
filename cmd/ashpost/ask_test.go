package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestUnanswered: a service that runs and does not answer is not said not to run.
func TestUnanswered(t *testing.T) {
	folder := t.TempDir()
	missing := askAdmin(t.Context(), folder, "GET", "/status", nil, nil, patienceHere)
	must(t, os.Mkdir(filepath.Join(folder, "run"), 0o700))
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(shortTemp(t), "dead"), Net: "unix"})
	must(t, err)
	l.SetUnlinkOnClose(false)
	l.Close()
	must(t, os.Rename(l.Addr().String(), adminSocket(folder)))
	dead := askAdmin(t.Context(), folder, "GET", "/status", nil, nil, patienceHere)
	long := askAdmin(t.Context(), filepath.Join(folder, strings.Repeat("d", 150)), "GET", "/status", nil, nil, patienceHere)
	for _, c := range []struct {
		err   error
		runs  bool
		words string
	}{
		{missing, false, "no service is running"},
		{long, false, "no service is running"},
		{dead, false, "no service is running"},
		{unix.EACCES, true, "another user"},
		{context.DeadlineExceeded, true, "does not answer"},
		{io.ErrUnexpectedEOF, true, "does not answer"},
		{errOtherVersion, true, "another version"},
	} {
		f := explain(unanswered(c.err))
		if absent(c.err) == c.runs || !strings.Contains(f.what, c.words) || f.hint == "" || !errors.Is(f, c.err) {
			t.Errorf("%v: %s. %s", c.err, f.what, f.hint)
		}
		p := patient{}
		if c.runs {
			p.silent = f
		}
		if found := p.service(); found.OK == c.runs || c.runs && !strings.Contains(found.Says, c.words) {
			t.Errorf("%v: %+v", c.err, found)
		}
	}
}

// TestOrdersOfAnotherVersion: what a service does not know it does not call done.
func TestOrdersOfAnotherVersion(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	_, stop := startService(t.Fatalf, data)
	defer stop()
	for _, text := range []string{`{}`, `{"burn":"x"}`, `{"list_aliases":true,"burn":"x"}`, `[]`, `7`} {
		var r outcome
		err := askAdmin(t.Context(), data, "POST", "/order", json.RawMessage(text), &r, patienceHere)
		if !errors.Is(err, errOtherVersion) {
			t.Errorf("%s: %v %+v", text, err, r)
		}
	}
	if done, err := (order{ListAliases: true}).give(t.Context(), data); err != nil || done.Result != resultDone {
		t.Errorf("a known order: %v %+v", err, done)
	}
}

// patienceHere is longer than any machine takes.
const patienceHere = time.Minute

// TestNextStep: what the system refuses comes with what helps.
func TestNextStep(t *testing.T) {
	for err, want := range map[error]string{
		unix.ENOSPC: "Make room", unix.EDQUOT: "Make room", unix.EROFS: "writable", unix.EACCES: "Run this as", unix.EPERM: "Run this as",
		unix.EISDIR: "",
	} {
		for _, f := range []*failure{
			explain(fileFailure("it", &os.PathError{Op: "open", Path: "/secret", Err: err})),
			explain(onionFailure("it", &os.LinkError{Op: "link", Old: "/secret", New: "/secret", Err: err})),
		} {
			if !strings.Contains(f.hint, want) || (f.hint == "") != (want == "") || strings.Contains(f.what+f.hint, "secret") {
				t.Errorf("%v: %s. %s", err, f.what, f.hint)
			}
		}
	}
}
