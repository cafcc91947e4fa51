package webui

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ashpost/webui/api"
)

// crlf writes a request as people read it.
func crlf(lines ...string) string { return strings.Join(lines, "\r\n") + "\r\n\r\n" }

// TestSmuggling sends what two parsers could understand in two ways. Every
// one is refused and the connection closed, so that nothing behind it is
// taken for a request.
func TestSmuggling(t *testing.T) {
	r := start(t, setup{})
	second := "GET /how HTTP/1.1\r\nHost: HOST\r\n\r\n"
	service := "GET " + api.PathService + " HTTP/1.1"
	reserve := "POST " + api.PathReservations + " HTTP/1.1"
	for name, c := range map[string]struct {
		request string
		status  string
	}{
		"CL and TE":         {crlf(reserve, "Host: HOST", "Content-Length: 4", "Transfer-Encoding: chunked") + "0\r\n\r\n" + second, "400"},
		"TE alone":          {crlf(reserve, "Host: HOST", "Transfer-Encoding: chunked") + "0\r\n\r\n" + second, "400"},
		"TE twice":          {crlf(reserve, "Host: HOST", "Transfer-Encoding: chunked", "Transfer-Encoding: identity") + second, "501"},
		"TE obscured":       {crlf(reserve, "Host: HOST", "Transfer-Encoding: xchunked") + second, "501"},
		"TE with a tab":     {crlf(reserve, "Host: HOST", "Transfer-Encoding:\tchunked") + "0\r\n\r\n" + second, "400"},
		"TE space colon":    {crlf(reserve, "Host: HOST", "Transfer-Encoding : chunked") + second, "400"},
		"TE in HTTP/1.0":    {crlf("POST "+api.PathReservations+" HTTP/1.0", "Host: HOST", "Content-Length: 0", "Transfer-Encoding: chunked") + second, "400"},
		"two lengths":       {crlf(reserve, "Host: HOST", "Content-Length: 0", "Content-Length: 5") + second, "400"},
		"negative length":   {crlf(reserve, "Host: HOST", "Content-Length: -1") + second, "400"},
		"signed length":     {crlf(reserve, "Host: HOST", "Content-Length: +0") + second, "400"},
		"body on GET":       {crlf(service, "Host: HOST", "Content-Length: 40") + second, "400"},
		"absolute URI":      {crlf("GET http://HOST/ HTTP/1.1", "Host: HOST") + second, "400"},
		"other host in URI": {crlf("GET http://evil.example/ HTTP/1.1", "Host: HOST") + second, "400"},
		"CONNECT":           {crlf("CONNECT HOST HTTP/1.1", "Host: HOST") + second, "400"},
		"CONNECT a path":    {crlf("CONNECT /how HTTP/1.1", "Host: HOST") + second, "400"},
		"asterisk":          {crlf("OPTIONS * HTTP/1.1", "Host: HOST") + second, "400"},
		"HTTP/2 preface":    {crlf("PRI * HTTP/2.0", "") + "SM\r\n\r\n", "400"},
		"HTTP/0.9":          {"GET /\r\n", "400"},
		"HTTP/1.0":          {crlf("GET / HTTP/1.0", "Host: HOST"), "400"},
		"two hosts":         {crlf(service, "Host: HOST", "Host: evil.example") + second, "400"},
		"no host":           {crlf(service) + second, "400"},
		"empty host":        {crlf(service, "Host:") + second, "400"},
		"other host":        {crlf(service, "Host: evil.example") + second, "400"},
		"host with a dot":   {crlf(service, "Host: HOST.") + second, "400"},
		"host with a user":  {crlf(service, "Host: a@HOST") + second, "400"},
		"folded host":       {crlf(service, "Host: evil", " HOST") + second, "400"},
		"encoded slash":     {crlf("GET /m%2F..%2Fapi HTTP/1.1", "Host: HOST") + second, "404"},
		"encoded dots":      {crlf("GET /m/%2e%2e/how HTTP/1.1", "Host: HOST") + second, "404"},
		"encoded letter":    {crlf("GET /ho%77 HTTP/1.1", "Host: HOST") + second, "404"},
		"double encoding":   {crlf("GET /%252e%252e/ HTTP/1.1", "Host: HOST") + second, "404"},
		"dot segments":      {crlf("GET /m/../how HTTP/1.1", "Host: HOST") + second, "404"},
		"dots at the end":   {crlf("GET /assets/.. HTTP/1.1", "Host: HOST") + second, "400"},
		"path parameter":    {crlf("GET /m/..;/how HTTP/1.1", "Host: HOST") + second, "404"},
		"backslash":         {crlf("GET /m/..\\how HTTP/1.1", "Host: HOST") + second, "404"},
		"empty segment":     {crlf("GET //how HTTP/1.1", "Host: HOST") + second, "404"},
		"slash at the end":  {crlf("GET /how/ HTTP/1.1", "Host: HOST") + second, "404"},
		"NUL":               {crlf("GET /how\x00 HTTP/1.1", "Host: HOST") + second, "400"},
		"encoded NUL":       {crlf("GET /how%00 HTTP/1.1", "Host: HOST") + second, "404"},
		"encoded CRLF":      {crlf("GET /how%0d%0aX-Evil:%201 HTTP/1.1", "Host: HOST") + second, "404"},
		"CRLF in a header":  {crlf(service, "Host: HOST", "X: a\rX-Evil: 1") + second, "400"},
		"NUL in a header":   {crlf(service, "Host: HOST", "X: a\x00b") + second, "400"},
		"high bytes":        {crlf("GET /m/\xff\xfe HTTP/1.1", "Host: HOST") + second, "404"},
		"fragment":          {crlf("GET /m/AAAA#1SECRET HTTP/1.1", "Host: HOST") + second, "404"},
		"late fragment":     {crlf("GET /m/AAAA?a#1SECRET HTTP/1.1", "Host: HOST") + second, "404"},
		"query on the API":  {crlf("GET "+api.PathService+"?a=b HTTP/1.1", "Host: HOST") + second, "400"},
		"spaces in target":  {crlf("GET /how /m HTTP/1.1", "Host: HOST") + second, "400"},
		"header of 2 MiB":   {crlf(service, "Host: HOST", "X: "+strings.Repeat("a", 2<<20)) + second, "431"},
		"path of 1 MiB":     {crlf("GET /"+strings.Repeat("a", 1<<20)+" HTTP/1.1", "Host: HOST") + second, "431"},
		"unknown expect":    {crlf(reserve, "Host: HOST", "Content-Length: 1", "Expect: pizza") + "x" + second, ""},
		"body unasked":      {crlf(reserve, "Host: HOST", "Content-Length: 37") + second, "400"},
	} {
		t.Run(name, func(t *testing.T) {
			got, closed := (&rig{TB: t, host: r.host}).raw(c.request)
			status := len(got) > 12 && got[:7] == "HTTP/1." && got[8:13] == " "+c.status+" "
			if c.status == "" {
				status = got == "" // nothing at all
			}
			if !status || !closed || strings.Count(got, "HTTP/1.") > 1 {
				t.Errorf("closed %v, answer:\n%.600s", closed, got)
			}
			if strings.Contains(got, "evil") || strings.Contains(got, "SECRET") || strings.Contains(got, "\nDate:") {
				t.Errorf("the answer repeats the request or tells the time:\n%.600s", got)
			}
		})
	}
	if n := r.s.Counters().Panics; n != 0 {
		t.Errorf("%d panics", n)
	}
}

// TestIgnoredHeaders: what proxies and frameworks trust has no effect here.
func TestIgnoredHeaders(t *testing.T) {
	r := start(t, setup{})
	l := r.sent(1000)
	want := r.do("GET", "/m/"+l.ref.Encode(), nil)
	for _, h := range []string{"X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"} {
		r.refused(api.CodeMethod, r.with(l.manage, "GET", l, api.PathRevoke, h, "POST"))
	}
	for h, v := range map[string]string{"X-Forwarded-Host": "evil.example", "X-Forwarded-For": "127.0.0.1",
		"X-Forwarded-Proto": "https", "Forwarded": "host=evil.example", "X-Real-Ip": "::1", "X-Original-URL": "/how",
		"X-Rewrite-URL": "/how", "X-Host": "evil.example", "Upgrade": "h2c", "Accept-Encoding": "br"} {
		got := r.do("GET", "/m/"+l.ref.Encode(), nil, h, v)
		if got.status != want.status || string(got.body) != string(want.body) {
			t.Errorf("%s changes the page", h)
		}
	}
	if !r.waiting(l) {
		t.Error("an override destroyed the message")
	}
}

// TestCrossSite tries what browsers say about requests of other sites.
func TestCrossSite(t *testing.T) {
	r := start(t, setup{})
	nav := []string{"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}
	for _, c := range []struct {
		name, method, path string
		head               []string
		refused            bool
	}{
		{"own fetch", "POST", api.PathReservations, []string{"Origin", "http://" + r.host, "Sec-Fetch-Site", "same-origin"}, false},
		{"typed", "GET", "/", append([]string{"Sec-Fetch-Site", "none"}, nav...), false},
		{"followed link", "GET", "/m/x", append([]string{"Sec-Fetch-Site", "cross-site"}, nav...), false},
		{"link to the API", "GET", api.PathService, append([]string{"Sec-Fetch-Site", "cross-site"}, nav...), true},
		{"link to an asset", "GET", "/assets/x.js", append([]string{"Sec-Fetch-Site", "cross-site"}, nav...), true},
		{"frame", "GET", "/", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}, true},
		{"image", "GET", "/", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image"}, true},
		{"neighbour", "POST", api.PathReservations, []string{"Sec-Fetch-Site", "same-site"}, true},
		{"form", "POST", "/", append([]string{"Sec-Fetch-Site", "cross-site"}, nav...), true},
		{"foreign origin", "POST", api.PathReservations, []string{"Origin", "http://evil.example"}, true},
		{"null origin", "POST", api.PathReservations, []string{"Origin", "null"}, true},
		{"https origin", "POST", api.PathReservations, []string{"Origin", "https://" + r.host}, true},
		{"two origins", "POST", api.PathReservations, []string{"Origin", "http://" + r.host, "Origin", "http://" + r.host}, true},
		{"two sites", "POST", api.PathReservations, []string{"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Site", "cross-site"}, true},
	} {
		a := r.do(c.method, c.path, nil, c.head...)
		if (a.status == 400) != c.refused {
			t.Errorf("%s: %d", c.name, a.status)
		}
	}
}

// TestSlowHeader sends a byte a minute and is cut off by the deadline.
func TestSlowHeader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Server{limits: standard(), handler: http.NotFoundHandler()}
		l := newPipes()
		go s.Serve(l, true)
		conn, begin := l.dial(), time.Now()
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			io.Copy(io.Discard, conn) // ends when the server closes
		}()
		for i := range len("GET / HTTP/1.1") {
			if _, err := conn.Write([]byte("GET / HTTP/1.1"[i : i+1])); err != nil {
				break
			}
			time.Sleep(time.Minute)
		}
		<-gone
		if took := time.Since(begin); took > 2*time.Minute {
			t.Errorf("held for %v", took)
		}
		s.Shutdown(t.Context())
	})
}
