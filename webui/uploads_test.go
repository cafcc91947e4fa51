package webui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ashpost/webui/api"
)

// rawPut is the whole-file upload of a letter, as rawCall is the other calls.
func rawPut(l *letter) string {
	head := l.terms()
	var b strings.Builder
	fmt.Fprintf(&b, "PUT %s HTTP/1.1\r\nHost: HOST\r\nContent-Length: %d\r\n", l.path(api.PathMessage), len(l.ciphertext))
	for i := 0; i < len(head); i += 2 {
		fmt.Fprintf(&b, "%s: %s\r\n", head[i], head[i+1])
	}
	return b.String() + "\r\n" + string(l.ciphertext)
}

// TestOneRefusalOfUploads: who has not the upload key learns nothing by trying
// to upload, whatever became of the reference. The refusal is the one that
// readers get, byte by byte.
func TestOneRefusalOfUploads(t *testing.T) {
	r := start(t, setup{})
	expired := r.letter(1000)
	expired.expires = "60"
	r.want(201, r.put(expired))
	r.turn(2 * time.Minute)
	reserved, begun, waiting, taken, read, revoked := r.letter(1000), r.letter(1000), r.sent(1000), r.sent(1000), r.sent(1000), r.sent(1000)
	r.want(204, r.putPart(begun, 0, begun.ciphertext))
	r.want(200, r.claim(taken))
	r.want(200, r.claim(read))
	r.want(204, r.with(read.reader, "POST", read, api.PathAcknowledge))
	r.want(200, r.with(revoked.manage, "POST", revoked, api.PathRevoke))
	unknown := *waiting
	unknown.ref[0] ^= 1

	gone, _ := r.raw(rawCall(&unknown, "claim"))
	for name, l := range map[string]*letter{"unknown": &unknown, "reserved": reserved, "begun": begun, "waiting": waiting,
		"taken": taken, "read": read, "expired": expired, "revoked": revoked} {
		wrong := *l
		wrong.upload = api.NewKey()
		other := wrong
		other.ciphertext, other.expires = ageFile(2000), "120"
		for _, l := range []*letter{&wrong, &other} {
			for route, request := range map[string]string{"put": rawPut(l), "part": rawCall(l, "parts/0"),
				"later part": rawCall(l, "parts/7"), "commit": rawCall(l, "commit")} {
				if got, _ := r.raw(request); got != gone {
					t.Errorf("%s/%s:\n%s\nwant\n%s", name, route, got, gone)
				}
			}
		}
	}
	if !strings.HasPrefix(gone, "HTTP/1.1 403 ") || !strings.Contains(gone, `"code":"gone"`) {
		t.Errorf("refusal: %s", gone)
	}
	r.want(201, r.put(reserved))
	r.want(201, r.do("POST", begun.path(api.PathCommit), []byte(begun.commit(1, 1000)),
		"Authorization", api.Bearer(begun.upload), "Content-Type", api.TypeJSON))
	if !r.waiting(waiting) {
		t.Error("a refused upload changed a message")
	}
}

// TestOneAnswerWhileLocked: a locked service erases what it is told to, and
// does not say whether there was anything.
func TestOneAnswerWhileLocked(t *testing.T) {
	r := start(t, setup{})
	waiting, kept, taken, read := r.letter(1000), r.letter(1000), r.letter(1000), r.letter(1000)
	kept.reading = api.UntilExpiry
	for _, l := range []*letter{waiting, kept, taken, read} {
		l.expires = "86400"
		r.want(201, r.put(l))
	}
	r.halt()
	r.turn(70 * time.Minute) // a claim lasts only for its lease
	for _, l := range []*letter{taken, read} {
		r.want(200, r.claim(l))
	}
	r.want(204, r.with(read.reader, "POST", read, api.PathAcknowledge))
	r.turn(6 * time.Minute)

	unknown, wrong := *taken, *taken
	unknown.ref[0] ^= 1
	wrong.manage, wrong.reader = api.NewKey(), api.NewKey()
	seen := map[string]string{}
	for _, c := range []struct {
		name string
		l    *letter
	}{{"unknown", &unknown}, {"wrong proof", &wrong}, {"read", read}, {"waiting", waiting}, {"kept", kept}, {"right proof", taken}, {"again", taken}} {
		for _, route := range []string{"acknowledge", "revoke"} {
			got, _ := r.raw(rawCall(c.l, route))
			seen[got] += c.name + "/" + route + " "
		}
	}
	for answer, who := range seen {
		if len(seen) > 1 || !strings.HasPrefix(answer, "HTTP/1.1 202 ") || !strings.Contains(answer, `"code":"not_proven"`) {
			t.Errorf("%s:\n%s", who, answer)
		}
	}
}
