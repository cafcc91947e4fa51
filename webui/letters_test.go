package webui

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ashpost/vault"
	"ashpost/webui/api"
)

// TestHeadersOfLetters: only one post-quantum stanza for each key of the inbox goes
// in, whole or in parts.
func TestHeadersOfLetters(t *testing.T) {
	r := start(t, setup{})
	for _, n := range []int{1, 3} {
		b := r.opened(n)
		r.same("what is refused", func() {
			for name, file := range notHybrid(n) {
				if _, a := r.write(b, file); a.status != 400 || a.code(t) != api.CodeNotAge {
					t.Errorf("%s for %d: %d %s", name, n, a.status, a.body)
				}
				if a := r.inParts(b, file); a.status != 400 || a.code(t) != api.CodeNotAge && len(file) > 0 {
					t.Errorf("%s for %d in parts: %d %s", name, n, a.status, a.body)
				}
			}
		}, b)
		r.written(b, 1000)
		r.want(201, r.inParts(b, hybridFile(n, 1000)))
	}
	b := r.opened(10)
	r.written(b, 1000)
	l := r.letter(1000)
	l.ciphertext = hybridFile(1, 1000)
	r.refused(api.CodeNotAge, r.put(l)) // behind a link
}

// inParts sends a message of one part and commits it.
func (r *rig) inParts(b *box, file []byte) reply {
	r.Helper()
	l := r.letter(0)
	bearer := []string{"Authorization", api.Bearer(l.upload), "Content-Type", api.TypeBinary}
	path := api.PartPath(l.ref, 0)
	if a := r.do("PUT", path, file, bearer...); a.status != 204 {
		return a
	}
	return r.commitInto(b, l, len(file))
}

func (r *rig) commitInto(b *box, l *letter, size int) reply {
	r.Helper()
	body := fmt.Sprintf(`{"parts":1,"size":%d,"expires_in":86400,"inbox":"%s"}`, size, b.id.Encode())
	return r.do("POST", l.path(api.PathCommit), []byte(body), "Authorization", api.Bearer(l.upload), "Content-Type", api.TypeJSON)
}

// TestPartsAreLookedAtAsStored: what was good when it was sent is looked at again
// when it is known whom it is for.
func TestPartsAreLookedAtAsStored(t *testing.T) {
	r := start(t, setup{})
	one, three := r.opened(1), r.opened(3)
	l := r.letter(0)
	file := hybridFile(3, 6000)
	part := func(file []byte) {
		t.Helper()
		r.want(204, r.do("PUT", api.PartPath(l.ref, 0), file, "Authorization", api.Bearer(l.upload), "Content-Type", api.TypeBinary))
	}
	part(file)
	r.refused(api.CodeNotAge, r.commitInto(one, l, 6000))
	r.refused(api.CodeNotAge, r.do("POST", l.path(api.PathCommit), []byte(l.commit(1, 6000)), "Authorization", api.Bearer(l.upload), "Content-Type", api.TypeJSON))
	part(ageFile(6000))
	r.refused(api.CodeNotAge, r.commitInto(three, l, 6000))
	part(file)
	r.want(201, r.commitInto(three, l, 6000))
	r.want(201, r.commitInto(three, l, 6000)) // the answer was lost
	if n := r.by(three.owners[0]).list(three, 0).Count; n != 1 {
		t.Errorf("%d messages", n)
	}
}

// TestTermsOfLetters: an inbox, a lifetime, and nothing else.
func TestTermsOfLetters(t *testing.T) {
	r := start(t, setup{})
	b := r.opened(1)
	id, proof := b.id.Encode(), api.NewKey().Verifier().Encode()
	r.same("what is refused", func() {
		for name, c := range map[string]struct {
			status int
			head   []string
		}{
			"no lifetime":       {400, []string{api.HeaderInbox, id}},
			"no time":           {400, []string{api.HeaderInbox, id, api.HeaderExpiresIn, "0"}},
			"too long":          {400, []string{api.HeaderInbox, id, api.HeaderExpiresIn, "2592001"}},
			"a reading":         {400, []string{api.HeaderInbox, id, api.HeaderExpiresIn, "60", api.HeaderReading, "once"}},
			"a claim":           {400, []string{api.HeaderInbox, id, api.HeaderExpiresIn, "60", api.HeaderClaim, proof}},
			"a manage verifier": {400, []string{api.HeaderInbox, id, api.HeaderExpiresIn, "60", api.HeaderManage, proof}},
			"two inboxes":       {400, []string{api.HeaderInbox, id, api.HeaderInbox, id, api.HeaderExpiresIn, "60"}},
			"no inbox's ID":     {400, []string{api.HeaderInbox, "x", api.HeaderExpiresIn, "60"}},
			"an empty ID":       {400, []string{api.HeaderInbox, "", api.HeaderExpiresIn, "60"}},
			"an unknown inbox":  {403, []string{api.HeaderInbox, r.newBox(1).id.Encode(), api.HeaderExpiresIn, "60"}},
		} {
			l := r.letter(0)
			a := r.do("PUT", l.path(api.PathMessage), hybridFile(1, 1000), append(c.head, "Authorization", api.Bearer(l.upload), "Content-Type", api.TypeBinary)...)
			if a.status != c.status {
				t.Errorf("%s: %d %s", name, a.status, a.body)
			}
		}
		r.refused(api.CodeGone, r.do("POST", api.PathReservations, nil, api.HeaderInbox, r.newBox(1).id.Encode()))
		r.want(400, r.do("POST", api.PathReservations, nil, api.HeaderInbox, "x"))
		r.want(400, r.do("POST", api.PathReservations, nil, api.HeaderInbox, id, api.HeaderSize, "-1"))
	}, b)
	r.want(201, r.do("POST", api.PathReservations, nil, api.HeaderInbox, id))
}

// TestLyingLengths: a body of another length than it said stores nothing.
func TestLyingLengths(t *testing.T) {
	r := start(t, setup{})
	b := r.opened(1)
	file := hybridFile(1, 2000)
	r.same("a lying length", func() {
		for _, say := range []string{"1000", "0", "-1", "2e3", "2001", "99999999999"} {
			l := r.letter(0)
			conn := r.dial()
			fmt.Fprintf(conn, "PUT %s HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\nContent-Type: %s\r\n%s: %s\r\n%s: 60\r\nContent-Length: %s\r\n\r\n%s",
				l.path(api.PathMessage), r.host, api.Bearer(l.upload), api.TypeBinary, api.HeaderInbox, b.id.Encode(), api.HeaderExpiresIn, say, file)
			conn.CloseWrite()
			got, err := io.ReadAll(conn)
			conn.Close()
			if err == nil && !bytes.HasPrefix(got, []byte("HTTP/1.1 4")) {
				t.Errorf("%s: %.80s", say, got)
			}
		}
	}, b)
}

// TestRequestTakesOne: then it is answered, also once the answer was destroyed.
func TestRequestTakesOne(t *testing.T) {
	r := start(t, setup{})
	b := r.newBox(1)
	owner := r.by(b.owners[0])
	r.want(201, owner.openBox(b, api.KindRequest))
	l := r.written(b, 1000)
	again := r.do("PUT", l.path(api.PathMessage), l.ciphertext, "Authorization", api.Bearer(l.upload), "Content-Type", api.TypeBinary,
		api.HeaderInbox, b.id.Encode(), api.HeaderExpiresIn, "86400")
	r.want(201, again) // its answer was lost
	_, a := r.write(b, hybridFile(1, 1000))
	r.refused(api.CodeConflict, a)
	if strings.Contains(string(a.body), "reference.") && !strings.Contains(string(a.body), "inbox") {
		t.Errorf("%s", a.body)
	}
	r.want(204, owner.do("POST", api.LetterPath(api.PathDestroyLetter, b.id, l.ref), nil))
	_, a = r.write(b, hybridFile(1, 1000))
	r.refused(api.CodeConflict, a)
}

// TestFullInbox: a full inbox is full, and nobody else's is.
func TestFullInbox(t *testing.T) {
	r := start(t, setup{vault: vault.Options{Slots: 256}})
	b, other := r.opened(1), r.opened(1)
	for n := 0; ; n++ {
		_, a := r.write(b, hybridFile(1, 100))
		if a.status == 507 {
			if n != 32 {
				t.Errorf("full after %d", n)
			}
			break
		}
		r.want(201, a)
	}
	r.written(other, 100)
	r.sent(1000)
	owner := r.by(b.owners[0])
	l := owner.list(b, 0)
	r.want(204, owner.do("POST", api.LetterPath(api.PathDestroyLetter, b.id, l.Messages[0].Message), nil))
	r.written(b, 100)
}

// TestRangesOfLetters: whole, from anywhere on, and as often as one likes.
func TestRangesOfLetters(t *testing.T) {
	r := start(t, setup{})
	b := r.opened(1)
	l := r.written(b, 600_000)
	owner := r.by(b.owners[0])
	path := api.LetterPath(api.PathLetter, b.id, l.ref)
	for _, c := range []struct {
		spec        string
		status      int
		first, last int
	}{
		{"", 200, 0, 600_000}, {"bytes=0-", 206, 0, 600_000}, {"bytes=300000-", 206, 300_000, 600_000},
		{"bytes=7-9", 206, 7, 10}, {"bytes=600000-", 416, 0, 0}, {"bytes=-5", 416, 0, 0}, {"bytes=0-1,3-4", 416, 0, 0},
	} {
		var head []string
		if c.spec != "" {
			head = []string{"Range", c.spec}
		}
		a := r.want(c.status, owner.do("GET", path, nil, head...))
		if c.status < 300 && !bytes.Equal(a.body, l.ciphertext[c.first:c.last]) {
			t.Errorf("%q: other bytes", c.spec)
		}
	}
}

// TestPages: newest first, no message twice or left out, also while others come and go.
func TestPagesOfLetters(t *testing.T) {
	r := start(t, setup{})
	b := r.opened(1)
	var want []api.Reference
	for range 230 {
		want = append(want, r.written(b, 100).ref)
	}
	slices.Reverse(want)
	owner := r.by(b.owners[0])
	var got []api.Reference
	for before := uint64(0); ; {
		l := owner.list(b, before)
		for _, m := range l.Messages {
			got, before = append(got, m.Message), m.Serial
		}
		if l.Count != 230 || l.More != (len(got) < 230) {
			t.Fatalf("%d of %d, more %v", len(got), l.Count, l.More)
		}
		if !l.More {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Error("another order")
	}
	for _, body := range []string{`{"messages":[]}`, `{}`, `[]`, `{"messages":["x"]}`, `{"messages":null}`} {
		r.want(400, owner.do("POST", api.InboxPath(api.PathDestroyLetters, b.id), []byte(body), "Content-Type", api.TypeJSON))
	}
	r.want(400, owner.json("POST", api.InboxPath(api.PathDestroyLetters, b.id), api.Selection{Messages: got[:101]}))
	a := r.want(200, owner.json("POST", api.InboxPath(api.PathDestroyLetters, b.id), api.Selection{Messages: got[:100]}))
	if string(a.body) != `{"destroyed":100}` || owner.list(b, 0).Count != 130 {
		t.Errorf("%s", a.body)
	}
}

// TestLettersOfAnother: an owner does not reach into another inbox, nor behind a link.
func TestLettersOfAnother(t *testing.T) {
	r := start(t, setup{})
	b, other := r.opened(1), r.opened(1)
	l, link := r.written(other, 1000), r.sent(1000)
	owner := r.by(b.owners[0])
	r.same("an owner", func() {
		for _, ref := range []api.Reference{l.ref, link.ref} {
			r.refused(api.CodeGone, owner.do("GET", api.LetterPath(api.PathLetter, b.id, ref), nil))
			r.want(204, owner.do("POST", api.LetterPath(api.PathDestroyLetter, b.id, ref), nil)) // as if never there
			a := r.want(200, owner.json("POST", api.InboxPath(api.PathDestroyLetters, b.id), api.Selection{Messages: []api.Reference{ref}}))
			if string(a.body) != `{"destroyed":0}` {
				t.Errorf("%s", a.body)
			}
		}
		pending := r.letter(0)
		for _, key := range []api.Key{l.upload, link.upload, {}} {
			a := r.do("PUT", pending.path(api.PathMessage), hybridFile(1, 1000), "Authorization", api.Bearer(key), "Content-Type", api.TypeBinary,
				api.HeaderInbox, other.id.Encode(), api.HeaderExpiresIn, "60")
			r.refused(api.CodeGone, a)
		}
		for _, path := range []string{api.PathClaim, api.PathRevoke, api.PathState, api.PathContent, api.PathAcknowledge} {
			for _, key := range []api.Key{l.upload, {}} {
				method := http.MethodPost
				if path == api.PathState || path == api.PathContent {
					method = http.MethodGet
				}
				a := r.do(method, l.path(path), nil, "Authorization", api.Bearer(key), api.HeaderReader, key.Verifier().Encode())
				r.refused(api.CodeGone, a)
			}
		}
	}, b, other)
	if !r.waiting(link) {
		t.Error("the link's message changed")
	}
}
