package webui

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"ashpost/webui/api"
)

// sentInParts is a letter of any size, put in parts, last part first.
func (r *rig) sentInParts(size int) *letter {
	r.Helper()
	return r.sendInParts(r.letter(size))
}

func (r *rig) sendInParts(l *letter) *letter {
	r.Helper()
	size := len(l.ciphertext)
	parts := (size + api.PartSize - 1) / api.PartSize
	for n := parts - 1; n >= 0; n-- {
		r.want(204, r.putPart(l, n, l.ciphertext[n*api.PartSize:min((n+1)*api.PartSize, size)]))
	}
	r.want(201, r.do("POST", l.path(api.PathCommit), []byte(l.commit(parts, int64(size))),
		"Authorization", api.Bearer(l.upload), "Content-Type", api.TypeJSON))
	return l
}

func TestDownload(t *testing.T) {
	const size = 2*api.PartSize + 12345
	r := start(t, setup{})
	l := r.sentInParts(size)
	a := r.want(200, r.claim(l))
	if len(a.body) != 0 || a.header.Get(api.HeaderSize) != fmt.Sprint(size) {
		t.Errorf("claim of a large message: %d bytes, %v", len(a.body), a.header)
	}
	get := func(head ...string) reply { return r.with(l.reader, "GET", l, api.PathContent, head...) }
	if a = r.want(200, get()); !bytes.Equal(a.body, l.ciphertext) {
		t.Error("the content differs")
	}
	for spec, want := range map[string][2]int{
		"bytes=0-0": {0, 0}, "bytes=0-": {0, size - 1}, "bytes=1000-1999": {1000, 1999},
		"bytes=262143-262144": {262143, 262144}, "bytes=4194000-9000000000": {4194000, size - 1},
		fmt.Sprintf("bytes=%d-", size-1): {size - 1, size - 1},
	} {
		a := r.want(206, get("Range", spec))
		if !bytes.Equal(a.body, l.ciphertext[want[0]:want[1]+1]) ||
			a.header.Get("Content-Range") != fmt.Sprintf("bytes %d-%d/%d", want[0], want[1], size) {
			t.Errorf("%s: %d bytes, %v", spec, len(a.body), a.header)
		}
	}
	for _, spec := range []string{"", "bytes", "bytes=", "bytes=-", "bytes=-5", "bytes=5-4", "bytes=0-1,3-4", "bytes=0-1,", "items=0-1",
		"bytes = 0-1", "bytes=a-b", "bytes=0x1-2", "bytes=+1-2", "bytes=00-1", fmt.Sprintf("bytes=%d-", size),
		"bytes=99999999999999999999-", "bytes=9223372036854775807-"} {
		r.refused(api.CodeRange, get("Range", spec))
	}
	r.refused(api.CodeRange, get("Range", "bytes=0-1", "Range", "bytes=0-1"))
	r.want(204, r.with(l.reader, "POST", l, api.PathAcknowledge))
	r.refused(api.CodeGone, get())
}

// stalled is a download whose client has read the header and nothing more.
func (r *rig) stalled(l *letter) *http.Response {
	r.Helper()
	req, err := http.NewRequest("GET", "http://"+r.host+l.path(api.PathContent), nil)
	if err != nil {
		r.Fatal(err)
	}
	req.Header.Set("Authorization", api.Bearer(l.reader))
	res, err := r.client.Do(req)
	if err != nil || res.StatusCode != 200 {
		r.Fatalf("download: %v", err)
	}
	r.Cleanup(func() { res.Body.Close() })
	return res
}

// TestEndDuringDownload: when the lease ends midway the connection breaks, so
// that no client can take the beginning for the whole. Progress extends the
// lease, but never past the message's expiry.
func TestEndDuringDownload(t *testing.T) {
	for end, after := range map[string]time.Duration{"lease": 11 * time.Minute, "expiry": 7 * time.Minute} {
		t.Run(end, func(t *testing.T) {
			r := start(t, setup{})
			l := r.letter(32 << 20) // more than socket buffers hold
			if end == "expiry" {
				l.expires = "600"
			}
			r.sendInParts(l)
			r.want(200, r.claim(l))
			if end == "expiry" { // read at half the time: a lease of its own would last past it
				r.turn(6 * time.Minute)
				r.want(206, r.with(l.reader, "GET", l, api.PathContent, "Range", "bytes=0-9"))
			}
			res := r.stalled(l)
			r.turn(after)
			got, err := io.ReadAll(res.Body)
			if !errors.Is(err, io.ErrUnexpectedEOF) || !bytes.HasPrefix(l.ciphertext, got) || len(got) == len(l.ciphertext) {
				t.Errorf("%d bytes, %v", len(got), err)
			}
			r.refused(api.CodeGone, r.with(l.reader, "GET", l, api.PathContent))
			if r.s.Counters().Panics != 0 {
				t.Error("a broken download counts as a panic")
			}
		})
	}
}

// TestStalledDownloadGivesWay: downloads nobody reads do not keep out others,
// and the one that was cut resumes.
func TestStalledDownloadGivesWay(t *testing.T) {
	r := start(t, setup{limits: func(l *limits) { l.streams = 1 }})
	l, quick := r.sentInParts(32<<20), r.sent(1000)
	r.want(200, r.claim(l))
	r.want(200, r.claim(quick))
	res := r.stalled(l)
	a := r.with(quick.reader, "GET", quick, api.PathContent)
	for begin := time.Now(); a.status == 429 && time.Since(begin) < time.Minute; { // judged late by a loaded machine
		a = r.with(quick.reader, "GET", quick, api.PathContent)
	}
	if r.want(200, a); !bytes.Equal(a.body, quick.ciphertext) {
		t.Error("the content differs")
	}
	got, err := io.ReadAll(res.Body)
	if err == nil {
		t.Fatal("the stalled download was not cut")
	}
	rest := r.want(206, r.with(l.reader, "GET", l, api.PathContent, "Range", fmt.Sprintf("bytes=%d-", len(got))))
	if !bytes.Equal(append(got, rest.body...), l.ciphertext) {
		t.Error("the resumed content differs")
	}
}
