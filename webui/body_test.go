package webui

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"ashpost/vault"
	"ashpost/webui/api"
)

func TestTermsAreChecked(t *testing.T) {
	r := start(t, setup{})
	for name, change := range map[string]func(*letter){
		"no lifetime":        func(l *letter) { l.expires = "" },
		"zero lifetime":      func(l *letter) { l.expires = "0" },
		"short lifetime":     func(l *letter) { l.expires = "59" },
		"long lifetime":      func(l *letter) { l.expires = "604801" },
		"overflowing":        func(l *letter) { l.expires = "18446744073709551617" },
		"signed lifetime":    func(l *letter) { l.expires = "+60" },
		"fraction":           func(l *letter) { l.expires = "60.5" },
		"leading zero":       func(l *letter) { l.expires = "0060" },
		"unknown reading":    func(l *letter) { l.reading = "twice" },
		"no claim":           func(l *letter) { l.claimHeader = "" },
		"short claim":        func(l *letter) { l.claimHeader = l.claimHeader[1:] },
		"non-canonical":      func(l *letter) { l.claimHeader = strings.Repeat("A", 42) + "B" },
		"zero manage":        func(l *letter) { l.manageHdr = api.Verifier{}.Encode() },
		"padded manage":      func(l *letter) { l.manageHdr += "=" },
		"standard alphabet":  func(l *letter) { l.manageHdr = "+/" + l.manageHdr[2:] },
		"claim with a space": func(l *letter) { l.claimHeader = l.claimHeader[:20] + " " + l.claimHeader[21:] },
	} {
		l := r.letter(1000)
		change(l)
		if a := r.put(l); a.status != 400 || a.code(t) != api.CodeBadRequest {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
		r.refused(api.CodeGone, r.with(l.manage, "GET", l, api.PathState))
	}
}

func TestOnlyAgeIsStored(t *testing.T) {
	r := start(t, setup{})
	good := string(ageFile(1000))
	for name, content := range map[string]string{
		"empty": "", "text": "hello", "cut": good[:60], "header alone": good[:strings.Index(good, "---")+48],
		"other recipient": strings.Replace(good, "scrypt", "X25519", 1),
		"costly":          strings.Replace(good, " 10\n", " 22\n", 1),
		"armored":         "-----BEGIN AGE ENCRYPTED FILE-----\n",
		"stanza bomb":     "age-encryption.org/v1\n" + strings.Repeat("-> X25519 AAAA\n\n", 10000),
	} {
		l := r.letter(1000)
		l.ciphertext = []byte(content)
		if a := r.put(l); a.status != 400 || a.code(t) != api.CodeNotAge {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
		if a := r.putPart(l, 0, l.ciphertext); content != "" && (a.status != 400 || a.code(t) != api.CodeNotAge) {
			t.Errorf("%s as a part: %d %s", name, a.status, a.body)
		}
		r.refused(api.CodeGone, r.with(l.manage, "GET", l, api.PathState))
	}
}

func (r *rig) putPart(l *letter, n int, part []byte) reply {
	r.Helper()
	return r.do("PUT", api.PartPath(l.ref, n), part, "Authorization", api.Bearer(l.upload), "Content-Type", api.TypeBinary)
}

// TestBodyHeaders: the body is judged by its header, and nothing of it is
// read or asked for when it is refused.
func TestBodyHeaders(t *testing.T) {
	r := start(t, setup{})
	l := r.letter(1000)
	put := fmt.Sprintf("PUT %s HTTP/1.1\r\nHost: HOST\r\nAuthorization: %s\r\n", l.path(api.PathMessage), api.Bearer(l.upload))
	commit := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: HOST\r\nAuthorization: %s\r\n", l.path(api.PathCommit), api.Bearer(l.upload))
	octets, wait := "Content-Type: application/octet-stream\r\n", "Expect: 100-continue\r\n\r\n"
	for name, c := range map[string]struct {
		request string
		code    api.Code
	}{
		"no length":      {put + octets + "\r\n", api.CodeLengthRequired},
		"too long":       {put + octets + "Content-Length: 4194305\r\n" + wait, api.CodeTooLarge},
		"huge":           {put + octets + "Content-Length: 9223372036854775807\r\n" + wait, api.CodeTooLarge},
		"no type":        {put + "Content-Length: 9\r\n" + wait, api.CodeUnsupported},
		"form":           {put + "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 9\r\n" + wait, api.CodeUnsupported},
		"two types":      {put + octets + "Content-Type: text/plain\r\nContent-Length: 9\r\n" + wait, api.CodeUnsupported},
		"JSON as octets": {commit + octets + "Content-Length: 9\r\n" + wait, api.CodeUnsupported},
		"long JSON":      {commit + "Content-Type: application/json\r\nContent-Length: 16385\r\n" + wait, api.CodeTooLarge},
	} {
		got, closed := r.raw(c.request)
		if !strings.Contains(got, fmt.Sprintf("HTTP/1.1 %d ", c.code.Status())) || strings.Contains(got, "100 Continue") || !closed {
			t.Errorf("%s: closed %v\n%s", name, closed, got)
		}
	}
	r.want(201, r.put(l))
}

func TestCommitBody(t *testing.T) {
	r := start(t, setup{})
	l := r.letter(1000)
	r.want(204, r.putPart(l, 0, l.ciphertext))
	good := l.commit(1, 1000)
	for name, body := range map[string]string{
		"empty": "", "no JSON": "parts=1", "array": "[]", "null": "null", "more": good + "{}",
		"unknown field": strings.Replace(good, `{`, `{"admin":true,`, 1),
		"no claim":      strings.Replace(good, `"claim"`, `"size"`, 1),
		"short claim":   strings.Replace(good, `"claim":"`, `"claim":"A`, 1),
		"text for size": strings.Replace(good, `"size":1000`, `"size":"1000"`, 1),
		"negative":      l.commit(-1, 1000), "no parts": l.commit(0, 1000), "other size": l.commit(2, 1000), "no size": l.commit(1, 0),
		"lifetime": strings.Replace(good, "3600", "9223372036854775807", 1),
	} {
		a := r.do("POST", l.path(api.PathCommit), []byte(body), "Authorization", api.Bearer(l.upload), "Content-Type", api.TypeJSON)
		if a.status != 400 || a.code(t) != api.CodeBadRequest {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	a := r.do("POST", l.path(api.PathCommit), []byte(l.commit(3, 2*api.PartSize+1)), "Authorization", api.Bearer(l.upload), "Content-Type", api.TypeJSON)
	r.refused(api.CodeIncomplete, a)
	if !strings.Contains(string(a.body), "missing parts: 0 1 2") {
		t.Errorf("%s", a.body)
	}
	for range 2 {
		r.want(201, r.do("POST", l.path(api.PathCommit), []byte(good), "Authorization", api.Bearer(l.upload), "Content-Type", api.TypeJSON))
	}
	r.want(200, r.claim(l))
}

// TestShortBody: a body that ends early, or lies about its length, leaves
// nothing behind.
func TestShortBody(t *testing.T) {
	r := start(t, setup{})
	l := r.letter(1000)
	conn := r.dial()
	defer conn.Close()
	fmt.Fprintf(conn, "PUT %s HTTP/1.1\r\nHost: %s\r\nContent-Length: 1001\r\n", l.path(api.PathMessage), r.host)
	for i := 0; i < len(l.terms()); i += 2 {
		fmt.Fprintf(conn, "%s: %s\r\n", l.terms()[i], l.terms()[i+1])
	}
	fmt.Fprintf(conn, "\r\n%s", l.ciphertext)
	conn.CloseWrite()
	got, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 400 ") {
		t.Errorf("%v %s", err, got)
	}
	r.refused(api.CodeGone, r.with(l.manage, "GET", l, api.PathState))
	r.want(201, r.put(l))
}

func TestSizeLimits(t *testing.T) {
	r := start(t, setup{vault: vault.Options{MaxMessage: api.PartSize + 1000, Quota: 40 << 20}})
	l := r.letter(api.PartSize)
	r.want(204, r.putPart(l, 0, l.ciphertext))
	r.refused(api.CodeTooLarge, r.putPart(l, 1, make([]byte, 1001)))
	r.refused(api.CodeTooLarge, r.putPart(l, 2, []byte("x")))
	r.refused(api.CodeTooLarge, r.putPart(l, maxPart, []byte("x")))
	r.want(400, r.putPart(l, maxPart+1, []byte("x")))
	r.want(400, r.putPart(l, 1, nil))
	r.want(204, r.putPart(l, 1, make([]byte, 1000)))
	r.want(201, r.do("POST", l.path(api.PathCommit), []byte(l.commit(2, api.PartSize+1000)),
		"Authorization", api.Bearer(l.upload), "Content-Type", api.TypeJSON))
	var begun []*letter
	for range 10 {
		begun = append(begun, r.letter(api.PartSize))
	}
	var a reply
	for _, l := range begun {
		if a = r.put(l); a.status != 201 {
			break
		}
	}
	r.refused(api.CodeFull, a)
	r.refused(api.CodeFull, r.do("POST", api.PathReservations, nil))
	r.want(200, r.claim(l)) // a full vault is still read
}
