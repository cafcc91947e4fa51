package webui

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"ashpost/vault"
	"ashpost/webui/api"
)

// TestPagesAreTheBuild: every page is the built file, the same for everybody.
func TestPagesAreTheBuild(t *testing.T) {
	r := start(t, setup{})
	l := r.sent(1000)
	for path, name := range map[string]string{
		"/": sendPage, "/?utm=1": sendPage, "/how": howPage,
		"/m/" + l.ref.Encode(): openPage, "/m/anything": openPage, "/m/AAAAAAAAAAAAAAAAAAAAAA": openPage,
		"/to/desk": writePage, "/to/" + strings.Repeat("a", 52): writePage, "/r/anything": answerPage,
		"/return": returnPage, "/inbox": inboxPage, "/ask": askPage, "/operator": operatorPage,
		"/c/" + l.ref.Encode(): controlPage, "/c/anything?x": controlPage,
	} {
		built, err := os.ReadFile("dist/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for _, cookie := range []string{"", "a=b"} {
			a := r.want(200, r.do("GET", path, nil, "Cookie", cookie, "User-Agent", cookie, "Accept-Language", "fa"))
			if !bytes.Equal(a.body, built) || a.header.Get("Content-Type") != typeHTML || a.header["Set-Cookie"] != nil {
				t.Errorf("%s is not %s: %v", path, name, a.header)
			}
		}
		if a := r.want(200, r.do("HEAD", path, nil)); len(a.body) != 0 || a.header.Get("Content-Length") != strconv.Itoa(len(built)) {
			t.Errorf("HEAD %s: %v", path, a.header)
		}
	}
}

// TestOddAddress: whoever opens an address with something behind it reads words, the
// same for all of them, whatever stands there.
func TestOddAddress(t *testing.T) {
	r := start(t, setup{})
	l := r.sent(1000)
	built, err := os.ReadFile("dist/" + notFoundPage)
	if err != nil {
		t.Fatal(err)
	}
	want := r.want(404, r.do("GET", "/nothing-here", nil)).header
	for _, path := range []string{
		"/to/desk!", "/to/" + strings.Repeat("a", 52) + ")", "/r/" + strings.Repeat("a", 52) + "%20", "/m/" + l.ref.Encode() + "!",
		"/c/" + l.ref.Encode() + ",", "/to/desk/", "/to/%C2%BBdesk", "/m/" + l.ref.Encode() + "!?a", "/how!",
	} {
		a := r.want(404, r.do("GET", path, nil))
		if !reflect.DeepEqual(a.header, want) || !bytes.Equal(a.body, built) {
			t.Errorf("%s: another answer than for a page that is not there: %v", path, a.header)
		}
		if a := r.want(404, r.do("HEAD", path, nil)); len(a.body) != 0 {
			t.Errorf("HEAD %s has a body", path)
		}
	}
	for _, c := range [][2]string{{"POST", "/to/desk!"}, {"GET", api.PathService + "!"}, {"GET", "/api/v1/aliases/desk!"}, {"GET", "/assets/x!"}} {
		r.refused(api.CodeBadRequest, r.do(c[0], c[1], nil))
	}
	if !r.waiting(l) {
		t.Error("an odd address changed something")
	}
}

func TestAssets(t *testing.T) {
	r := start(t, setup{})
	assets := 0
	for name, f := range r.s.files {
		if !strings.HasPrefix(name, "assets/") {
			continue
		}
		assets++
		if built, err := os.ReadFile("dist/" + name); err != nil || !bytes.Equal(f.body, built) {
			t.Errorf("%s is not what was built: %v", name, err)
		}
		a := r.want(200, r.do("GET", "/"+name, nil))
		if !bytes.Equal(a.body, f.body) || a.header.Get("Cache-Control") != immutable || a.header.Get("Content-Encoding") != "" {
			t.Errorf("%s: %v", name, a.header)
		}
		a = r.want(200, r.do("GET", "/"+name, nil, "Accept-Encoding", "br, gzip"))
		if a.header.Get("Content-Encoding") != "gzip" || a.header.Get("Vary") != "Accept-Encoding" || !bytes.Equal(unzip(t, a.body), f.body) {
			t.Errorf("%s compressed: %v", name, a.header)
		}
	}
	if assets == 0 {
		t.Error("no assets embedded")
	}
}

// TestPagesNameOnlyAssets: what a page loads is there, and from here.
func TestPagesNameOnlyAssets(t *testing.T) {
	r := start(t, setup{})
	loads := regexp.MustCompile(`(?:<script[^>]* src|<link[^>]* href|<img[^>]* src)="([^"]*)"`)
	for name, f := range r.s.files {
		for _, m := range loads.FindAllStringSubmatch(string(f.body), -1) {
			if path.Ext(name) == ".html" && m[1] != "data:," {
				r.want(200, r.do("GET", m[1], nil))
			}
		}
	}
}

func unzip(t *testing.T, body []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func TestAcceptEncoding(t *testing.T) {
	for value, want := range map[string]bool{"": false, "gzip": true, "br, gzip": true, "gzip, deflate, br": true, "GZIP": true,
		"gzip;q=1.0": true, "gzip; q=0.5": true, "gzip;q=0": false, "gzip; q=0.000": false, "xgzip": false, "identity": false} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept-Encoding", value)
		if takesGzip(r) != want {
			t.Errorf("%q: %v", value, !want)
		}
	}
}

func TestService(t *testing.T) {
	r := start(t, setup{})
	var got api.Service
	a := r.want(200, r.do("GET", api.PathService, nil, "Accept-Encoding", "gzip"))
	if err := json.Unmarshal(a.body, &got); err != nil {
		t.Fatal(err)
	}
	if got.State != api.Open || got.Cause != "" || !got.Preview || got.ProvedAgo < 0 || got.LockedFor != 0 || got.Volatile ||
		got.Limits.Message != r.v.Limits().MaxMessage || got.Limits.Inbox != r.v.Limits().MaxLetter || got.Limits.Reply != r.v.Limits().MaxReply ||
		got.Limits.Small != api.SmallSize || got.Limits.Part != api.PartSize ||
		got.Limits.Shortest != 60 || got.Limits.Longest != 604800 {
		t.Errorf("%s", a.body)
	}
}

// A volatile service tells its visitors.
func TestVolatileService(t *testing.T) {
	r := start(t, setup{vault: vault.Options{Volatile: true}})
	var got api.Service
	a := r.want(200, r.do("GET", api.PathService, nil))
	if err := json.Unmarshal(a.body, &got); err != nil || !got.Volatile || got.State != api.Open {
		t.Errorf("%v %s", err, a.body)
	}
	l := r.sent(1000)
	if a := r.want(200, r.claim(l)); !bytes.Equal(a.body, l.ciphertext) {
		t.Error("the message came back changed")
	}
}

// No answer tells the time of day: nothing in it is a Unix time near now.
func TestNoAnswerTellsTheClock(t *testing.T) {
	r := start(t, setup{})
	now := time.Now().Unix()
	for _, path := range []string{api.PathService, "/", "/how", "/nothing-here"} {
		answer, _ := r.raw("GET " + path + " HTTP/1.1\r\nHost: " + r.host + "\r\nConnection: close\r\n\r\n")
		for _, digits := range regexp.MustCompile(`\d{10}`).FindAllString(answer, -1) {
			if n, err := strconv.ParseInt(digits, 10, 64); err == nil && n > now-1e7 && n < now+1e7 {
				t.Errorf("%s tells the time", path)
			}
		}
	}
}
