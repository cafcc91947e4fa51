package webui

import (
	"fmt"
	"strings"
	"testing"

	"ashpost/webui/api"
)

// TestLimitsOfEveryRoute sends every route of the table a body that is too
// long, without a length, or of another kind, with the right bearer. All are
// refused by the header alone: nobody is told to go on, and nothing changes.
func TestLimitsOfEveryRoute(t *testing.T) {
	r := start(t, setup{})
	with := 0
	for _, rt := range calls {
		l := r.letter(1000)
		if rt.body == noBody {
			r.want(201, r.put(l))
		} else {
			with++
		}
		if rt.path == api.PathContent || rt.path == api.PathAcknowledge {
			r.want(200, r.claim(l))
		}
		for name, c := range bodiesRefused(rt) {
			got, closed := r.raw(fmt.Sprintf("%s %s HTTP/1.1\r\nHost: HOST\r\nAuthorization: %s\r\n%s: %s\r\n%sExpect: 100-continue\r\n\r\n",
				rt.method, strings.Replace(l.path(rt.path), ":part", "0", 1), api.Bearer(l.right(rt.path)),
				api.HeaderReader, l.reader.Verifier().Encode(), c.head))
			if !strings.HasPrefix(got, fmt.Sprintf("HTTP/1.1 %d ", c.code.Status())) || !strings.Contains(got, `"code":"`+string(c.code)+`"`) || !closed {
				t.Errorf("%s %s, %s: closed %v\n%s", rt.method, rt.path, name, closed, got)
			}
		}
		switch {
		case rt.body != noBody:
			r.refused(api.CodeGone, r.with(l.manage, "GET", l, api.PathState))
			r.want(201, r.put(l))
		case rt.path == api.PathContent, rt.path == api.PathAcknowledge:
			r.want(200, r.with(l.reader, "GET", l, api.PathContent))
		case !r.waiting(l):
			t.Errorf("%s %s: the message was changed", rt.method, rt.path)
		}
	}
	if with != 4 {
		t.Errorf("%d routes with a body: the table of requests has four", with)
	}
}

type refusedBody struct {
	head string
	code api.Code
}

// bodiesRefused are the headers of bodies that a route does not take.
func bodiesRefused(rt route) map[string]refusedBody {
	length := func(n int64) string { return fmt.Sprintf("Content-Length: %d\r\n", n) }
	kind := func(k string) string { return "Content-Type: " + k + "\r\n" }
	all := map[string]refusedBody{
		"chunked":         {kind(rt.body.kind) + "Transfer-Encoding: chunked\r\n", api.CodeBadRequest},
		"chunked, length": {kind(rt.body.kind) + length(9) + "Transfer-Encoding: chunked\r\n", api.CodeBadRequest},
	}
	if rt.body == noBody {
		for _, n := range []int64{1, api.MaxJSON + 1, api.PartSize + 1, 1<<63 - 1} {
			all[fmt.Sprint("a body of ", n)] = refusedBody{kind(api.TypeBinary) + length(n), api.CodeBadRequest}
		}
		return all
	}
	for _, n := range []int64{rt.body.most + 1, api.MaxSize + 1, 1<<63 - 1} {
		all[fmt.Sprint("over the limit: ", n)] = refusedBody{kind(rt.body.kind) + length(n), api.CodeTooLarge}
	}
	all["no length"] = refusedBody{kind(rt.body.kind), api.CodeLengthRequired}
	all["no kind"] = refusedBody{length(9), api.CodeUnsupported}
	all["two kinds"] = refusedBody{kind(rt.body.kind) + kind(rt.body.kind) + length(9), api.CodeUnsupported}
	other := map[string]string{api.TypeJSON: api.TypeBinary, api.TypeBinary: api.TypeJSON}[rt.body.kind]
	for _, k := range []string{other, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
		rt.body.kind + "; charset=utf-8", rt.body.kind + ", text/plain", strings.ToUpper(rt.body.kind)} {
		all["kind "+k] = refusedBody{kind(k) + length(9), api.CodeUnsupported}
	}
	return all
}

// right is the key that a route asks for.
func (l *letter) right(path string) api.Key {
	switch path {
	case api.PathClaim:
		return l.claim
	case api.PathContent, api.PathAcknowledge:
		return l.reader
	case api.PathState, api.PathRevoke:
		return l.manage
	}
	return l.upload
}
