package webui

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"ashpost/webui/api"
)

// commit is the JSON body of a commit.
func (l *letter) commit(parts int, size int64) string {
	expires, err := api.ParseNumber(l.expires)
	if err != nil {
		panic(err)
	}
	text, err := json.Marshal(api.Commit{Parts: parts, Size: size, Terms: api.Terms{
		ExpiresIn: expires, Reading: l.reading, Claim: l.claim.Verifier(), Manage: l.manage.Verifier()}})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// TestOneRefusal compares, byte by byte, what is answered for messages that
// are unknown, read, expired, revoked, claimed by another, or whose proof is
// wrong, on every route that has such an answer.
func TestOneRefusal(t *testing.T) {
	r := start(t, setup{})
	expired := r.letter(1000)
	expired.expires = "60"
	r.want(201, r.put(expired))
	r.turn(2 * time.Minute)
	read := r.sent(1000)
	r.want(200, r.claim(read))
	r.want(204, r.with(read.reader, "POST", read, api.PathAcknowledge))
	revoked := r.sent(1000)
	r.want(200, r.with(revoked.manage, "POST", revoked, api.PathRevoke))
	unknown := *read
	unknown.ref[0] ^= 1
	wrong := *r.sent(1000)
	wrong.claim, wrong.manage, wrong.reader, wrong.upload = api.NewKey(), api.NewKey(), api.NewKey(), api.NewKey()
	taken := *r.sent(1000)
	r.want(200, r.claim(&taken))
	taken.reader, taken.manage, taken.upload = api.NewKey(), api.NewKey(), api.NewKey()

	seen := map[string]string{}
	for name, l := range map[string]*letter{"unknown": &unknown, "read": read, "expired": expired,
		"revoked": revoked, "wrong proof": &wrong, "claimed by another": &taken} {
		for _, rt := range []string{"claim", "content", "acknowledge", "state", "revoke", "commit", "parts/0"} {
			if uploading := rt == "commit" || rt == "parts/0"; uploading && (l == read || l == expired || l == revoked) {
				continue // with the upload key it is a conflict
			}
			if name+rt == "readacknowledge" || name+rt == "revokedrevoke" {
				continue // what was done may be asked again: its answer may have been lost
			}
			got, _ := r.raw(rawCall(l, rt))
			seen[got] += name + "/" + rt + " "
		}
	}
	if len(seen) != 1 {
		t.Errorf("%d different refusals:", len(seen))
		for answer, who := range seen {
			t.Errorf("%s:\n%s", who, answer)
		}
	}
	for answer := range seen {
		if !strings.HasPrefix(answer, "HTTP/1.1 403 ") || !strings.Contains(answer, `"code":"gone"`) {
			t.Errorf("refusal: %s", answer)
		}
	}
}

func rawCall(l *letter, name string) string {
	method, key, kind, body := "POST", l.claim, "", ""
	switch name {
	case "content":
		method, key = "GET", l.reader
	case "acknowledge":
		key = l.reader
	case "state":
		method, key = "GET", l.manage
	case "revoke":
		key = l.manage
	case "commit":
		key, kind, body = l.upload, api.TypeJSON, l.commit(1, 1000)
	case "parts/0", "parts/7":
		method, key, kind, body = "PUT", l.upload, api.TypeBinary, string(l.ciphertext)
	}
	if body != "" {
		body = fmt.Sprintf("Content-Type: %s\r\nContent-Length: %d\r\n\r\n%s", kind, len(body), body)
	} else {
		body = "\r\n"
	}
	return fmt.Sprintf("%s %s/messages/%s/%s HTTP/1.1\r\nHost: HOST\r\nAuthorization: %s\r\n%s: %s\r\n%s",
		method, api.Base, l.ref.Encode(), name, api.Bearer(key), api.HeaderReader, l.reader.Verifier().Encode(), body)
}

// TestHeadersEverywhere checks that all kinds of answers carry the same
// policy and nothing that tells more than needed.
func TestHeadersEverywhere(t *testing.T) {
	r := start(t, setup{})
	l := r.sent(1000)
	for name, a := range map[string]reply{
		"page": r.do("GET", "/", nil), "how": r.do("HEAD", "/how", nil), "missing page": r.do("GET", "/x", nil),
		"service": r.do("GET", api.PathService, nil), "gate": r.do("GET", "/a%2Fb", nil),
		"missing": r.do("GET", "/api/x", nil), "method": r.do("DELETE", "/", nil),
		"claim": r.claim(l), "content": r.with(l.reader, "GET", l, api.PathContent),
		"ack": r.with(l.reader, "POST", l, api.PathAcknowledge), "gone": r.claim(l),
	} {
		for h, want := range fixed {
			if got := a.header[http.CanonicalHeaderKey(h)]; strings.Join(got, "|") != strings.Join(want, "|") {
				t.Errorf("%s: %s is %q", name, h, got)
			}
		}
		for h := range a.header {
			if _, ok := fixed[h]; !ok && !strings.HasPrefix(h, "Ashpost-") && h != "Content-Type" && h != "Content-Length" &&
				h != "Allow" && h != "Vary" && h != "Connection" {
				t.Errorf("%s: unexpected header %s", name, h)
			}
		}
	}
}
