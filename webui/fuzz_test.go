package webui

import (
	"bytes"
	"net/url"
	"path"
	"testing"

	"ashpost/webui/api"
)

// FuzzPath: a path that passes means the same to every parser.
func FuzzPath(f *testing.F) {
	for _, p := range []string{"/", "/how", "/m/AbC-_", "/a/../b", "//", "/a%2Fb", "/a;b", "/.", "", "a", "/é"} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, p string) {
		if p == "" || p[0] != '/' || !plainPath(p) {
			return
		}
		u, err := url.ParseRequestURI(p)
		if err != nil || u.Path != p || u.RawPath != "" || u.RawQuery != "" || u.Host != "" || path.Clean(p) != p {
			t.Errorf("%q passes: %v %v", p, u, err)
		}
	})
}

// FuzzRange: a range that passes lies within the message and was asked for.
func FuzzRange(f *testing.F) {
	for _, s := range []string{"bytes=0-", "bytes=0-0", "bytes=5-9999", "bytes=-5", "bytes=1-0", "bytes=0-1,2-3", "items=0-1"} {
		f.Add(s, int64(100))
	}
	f.Fuzz(func(t *testing.T, spec string, size int64) {
		first, last, err := oneRange([]string{spec}, size)
		if err == nil && (first < 0 || last < first || last >= size || !bytes.HasPrefix([]byte(spec), []byte("bytes="))) {
			t.Errorf("%q of %d: %d-%d", spec, size, first, last)
		}
	})
}

// FuzzCommit: terms that pass are usable as they are.
func FuzzCommit(f *testing.F) {
	l := &letter{reading: api.Once, expires: "3600"}
	f.Add([]byte(l.commit(1, 1000)))
	f.Add([]byte(`{"parts":1,"size":1,"expires_in":1e3,"reading":"once"}`))
	f.Add([]byte(`{"parts":1,"size":1,"expires_in":60,"inbox":"` + api.InboxOf(nil).Encode() + `"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var c api.Commit
		if decode(bytes.NewReader(body), &c) != nil {
			return
		}
		terms, err := checked(c.Terms)
		none := terms.Claim == [32]byte{} || terms.Manage == [32]byte{}
		if err == nil && (terms.Lifetime <= 0 || none && terms.Inbox == nil || terms.Inbox != nil && terms.Keep) {
			t.Errorf("%+v", terms)
		}
	})
}

// FuzzFirstPart: what passes for the first part of a message is for a link or for an
// inbox of some size, and for nothing else.
func FuzzFirstPart(f *testing.F) {
	f.Add(ageFile(200))
	f.Add(hybridFile(1, 1700))
	f.Add(hybridFile(10, 0))
	for _, file := range notHybrid(2) {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		fits := api.CheckLink(file) == nil
		for n := range api.MaxRecipients {
			fits = fits || api.CheckInbox(file, n+1) == nil
		}
		if (begins(file) == nil) != fits {
			t.Errorf("taken: %v, fits: %v", !fits, fits)
		}
	})
}
