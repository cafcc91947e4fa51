package webui

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"ashpost/webui/api"
)

// answers sends bytes over a connection of its own and reads the status of
// every answer until the server closes it, 100 Continue included.
func (r *rig) answers(request string) (all []int) {
	r.Helper()
	conn := r.dial()
	defer conn.Close()
	go io.WriteString(conn, strings.ReplaceAll(request, "HOST", r.host)) // the server may stop reading
	in := bufio.NewReader(conn)
	for {
		res, err := http.ReadResponse(in, nil)
		if err != nil {
			return all
		}
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			r.Errorf("a cut answer: %v", err)
		}
		all = append(all, res.StatusCode)
	}
}

// TestOddButPlain pins what happens to requests that are badly written and
// still have one meaning, with a request behind each that the server must see
// where its client put it. Nothing stands between Tor and this parser, so there
// is no second reading; a change in net/http is to be looked at.
func TestOddButPlain(t *testing.T) {
	r := start(t, setup{})
	service := "GET " + api.PathService + " HTTP/1.1"
	reserve := "POST " + api.PathReservations + " HTTP/1.1"
	put := func(head ...string) string {
		l := r.letter(1000)
		terms := l.terms()
		for i := 0; i < len(terms); i += 2 {
			head = append(head, terms[i]+": "+terms[i+1])
		}
		return crlf(append([]string{"PUT " + l.path(api.PathMessage) + " HTTP/1.1", "Host: HOST"}, head...)...) + string(l.ciphertext)
	}
	last := crlf("GET /how HTTP/1.1", "Host: HOST", "Connection: close")
	for name, c := range map[string]struct {
		request string
		want    []int
	}{
		"LF alone":               {strings.ReplaceAll(crlf(service, "Host: HOST"), "\r\n", "\n"), []int{200, 200}},
		"LF after the header":    {service + "\r\nHost: HOST\r\n\n", []int{200, 200}},
		"LF around a length":     {strings.ReplaceAll(put("Content-Length: 1000"), "Content-Length: 1000\r\n", "Content-Length: 1000\n"), []int{201, 200}},
		"CR alone":               {service + "\rHost: HOST\r\r" + "\r\n\r\n", []int{400}},
		"folded header":          {crlf(service, "Host: HOST", "X: a", " b"), []int{200, 200}},
		"folded with a tab":      {crlf(service, "Host: HOST", "X: a", "\tContent-Length: 5"), []int{200, 200}},
		"folded first header":    {crlf(service, " Host: HOST"), []int{400}},
		"folded TE":              {crlf(reserve, "Host: HOST", "Transfer-Encoding:", " chunked") + "0\r\n\r\n", []int{400}},
		"folded length":          {crlf(reserve, "Host: HOST", "Content-Length:", " 4") + "abcd", []int{400}},
		"folded into a length":   {crlf(reserve, "Host: HOST", "Content-Length: 4", " 4") + "abcd", []int{400}},
		"equal lengths":          {put("Content-Length: 1000", "Content-Length: 1000"), []int{201, 200}},
		"equal lengths of none":  {crlf(reserve, "Host: HOST", "Content-Length: 0", "Content-Length: 0"), []int{201, 200}},
		"equal but for zeros":    {crlf(reserve, "Host: HOST", "Content-Length: 0", "Content-Length: 00"), []int{400}},
		"list of equal lengths":  {put("Content-Length: 1000, 1000"), []int{400}},
		"empty length":           {crlf(reserve, "Host: HOST", "Content-Length:"), []int{400}},
		"empty TE":               {crlf(reserve, "Host: HOST", "Transfer-Encoding:"), []int{501}},
		"empty TE and a length":  {put("Content-Length: 1000", "Transfer-Encoding:"), []int{501}},
		"two Expects":            {put("Content-Length: 1000", "Expect: 100-continue", "Expect: 100-continue"), []int{100, 201, 200}},
		"two Expects, one known": {put("Content-Length: 1000", "Expect: 100-continue", "Expect: pizza"), []int{100, 201, 200}},
		"two Expects, unknown":   {put("Content-Length: 1000", "Expect: pizza", "Expect: 100-continue"), nil},
		"Expect without a body":  {crlf(service, "Host: HOST", "Expect: 100-continue"), []int{200, 200}},
		"space before the colon": {crlf(service, "Host: HOST", "X : a"), []int{400}},
		"line without a colon":   {crlf(service, "Host: HOST", "X"), []int{400}},
		"CRLF before":            {"\r\n" + crlf(service, "Host: HOST"), []int{400}},
		"method in lower case":   {crlf("get "+api.PathService+" HTTP/1.1", "Host: HOST"), []int{405, 200}},
	} {
		if got := r.answers(c.request + last); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	if n := r.s.Counters().Panics; n != 0 {
		t.Errorf("%d panics", n)
	}
}
