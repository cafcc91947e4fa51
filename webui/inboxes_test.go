package webui

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/labstack/echo/v4"

	"ashpost/vault"
	"ashpost/webui/api"
)

// TestInboxLife: the Go client opens, writes, lists, reads, notes and destroys.
func TestInboxLife(t *testing.T) {
	r := start(t, setup{})
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, r.host)
	}
	anyone, err := api.NewClient("http://"+r.host, dial)
	if err != nil {
		t.Fatal(err)
	}
	defer anyone.Close()
	anyone.ThroughChannel()
	b := r.newBox(2)
	owner := anyone.WithOwner(b.owners[0].Recipient().String(), answers(b.owners[0]))
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	opened, err := owner.OpenInbox(ctx, b.file, api.Opening{Kind: api.KindInbox})
	if err != nil || opened.ExpiresIn < 360*86400 {
		t.Fatalf("%v, %v", opened, err)
	}
	keys, kind, err := anyone.Inbox(ctx, b.id)
	must(err)
	if !bytes.Equal(keys, b.file) || kind != api.KindInbox {
		t.Errorf("other keys than were put, or the kind %q", kind)
	}
	small, large := hybridFile(2, 9000), hybridFile(2, 2*api.PartSize+777)
	for _, file := range [][]byte{small, large} {
		hold, err := anyone.ReserveLetter(ctx, b.id, int64(len(file)))
		must(err)
		_, err = anyone.UploadStream(ctx, hold, bytes.NewReader(file), int64(len(file)), api.Terms{ExpiresIn: 86400, Inbox: b.id}, func(int64) {})
		must(err)
	}
	list, err := owner.List(ctx, b.id, 0)
	must(err)
	if list.Count != 2 || len(list.Messages) != 2 || list.More || list.Kind != api.KindInbox {
		t.Fatalf("%+v", list)
	}
	for i, want := range [][]byte{large, small} {
		var got bytes.Buffer
		must(owner.ReadMessage(ctx, b.id, list.Messages[i], &got, func(int64) {}))
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("message %d changed on its way", i)
		}
	}
	if _, err := owner.Notebook(ctx, b.id); err == nil {
		t.Error("a notebook before there is one")
	}
	book := hybridFile(1, 3<<20)
	must(owner.PutNotebook(ctx, b.id, api.Edition{}, book))
	got, err := owner.Notebook(ctx, b.id)
	must(err)
	if !bytes.Equal(got, book) {
		t.Error("the notebook changed on its way")
	}
	if err := owner.PutNotebook(ctx, b.id, api.Edition{}, hybridFile(1, 9000)); !errors.Is(err, api.ErrReplaced) {
		t.Errorf("over one that was not seen: %v", err)
	}
	changed := hybridFile(1, 9000)
	must(owner.PutNotebook(ctx, b.id, api.EditionOf(book), changed))
	must(owner.PutNotebook(ctx, b.id, api.EditionOf(book), changed)) // its answer was lost
	must(owner.DestroyMessage(ctx, b.id, list.Messages[0].Message))
	must(owner.DestroyMessage(ctx, b.id, list.Messages[0].Message))
	if n, err := owner.DestroyMessages(ctx, b.id, []api.Reference{list.Messages[0].Message, list.Messages[1].Message}); n != 1 || err != nil {
		t.Errorf("destroyed %d, %v", n, err)
	}
	must(owner.DestroyInbox(ctx, b.id))
	if _, _, err := anyone.Inbox(ctx, b.id); err == nil {
		t.Error("the inbox is still there")
	}
}

// answers is what an owner does with a challenge.
func answers(i *age.HybridIdentity) func([]byte) ([]byte, error) {
	return func(challenge []byte) ([]byte, error) {
		text, err := age.Decrypt(bytes.NewReader(challenge), i)
		if err != nil {
			return nil, err
		}
		return io.ReadAll(text)
	}
}

// TestInboxesThatCannotBe: keys, kinds and lifetimes that are none.
func TestInboxesThatCannotBe(t *testing.T) {
	r := start(t, setup{})
	b, other := r.newBox(1), r.newBox(2)
	owner := r.by(b.owners[0])
	r.same("what is refused", func() {
		for name, c := range map[string]struct {
			file []byte
			head []string
		}{
			"another's keys":    {other.file, []string{api.HeaderKind, "inbox"}},
			"no keys":           {nil, []string{api.HeaderKind, "inbox"}},
			"no line end":       {b.file[:len(b.file)-1], []string{api.HeaderKind, "inbox"}},
			"no kind":           {b.file, nil},
			"unknown kind":      {b.file, []string{api.HeaderKind, "letterbox"}},
			"two kinds":         {b.file, []string{api.HeaderKind, "inbox", api.HeaderKind, "inbox"}},
			"request for ever":  {b.file, []string{api.HeaderKind, "request"}},
			"request too long":  {b.file, []string{api.HeaderKind, "request", api.HeaderExpiresIn, "99999999"}},
			"request backwards": {b.file, []string{api.HeaderKind, "request", api.HeaderExpiresIn, "-1"}},
		} {
			rig := owner
			if name == "two kinds" { // which no channel lets through
				rig = r
			}
			if a := rig.do("PUT", api.InboxPath(api.PathInbox, b.id), c.file, append(c.head, "Content-Type", api.TypeText)...); a.status != 400 {
				t.Errorf("%s: %d %s", name, a.status, a.body)
			}
		}
		if a := owner.do("PUT", api.InboxPath(api.PathInbox, other.id), other.file, api.HeaderKind, "reply", "Content-Type", api.TypeText); a.status != 400 {
			t.Errorf("replies for two: %d %s", a.status, a.body)
		}
	}, b, other)
}

// TestOpeningAgain: renews what is of the same kind, and is a conflict with another.
func TestOpeningAgain(t *testing.T) {
	r := start(t, setup{})
	b := r.opened(1)
	owner := r.by(b.owners[0])
	r.want(201, owner.openBox(b, api.KindInbox))
	r.refused(api.CodeConflict, owner.openBox(b, api.KindRequest))
	r.refused(api.CodeConflict, r.openBox(b, api.KindReply))
	r.turn(200 * 24 * time.Hour)
	if err := r.v.Maintain(); err != nil {
		t.Fatal(err)
	}
	left := func() int64 {
		info, err := r.v.Inbox([32]byte(b.id))
		if err != nil {
			t.Fatal(err)
		}
		return int64(info.Left / time.Hour / 24)
	}
	if n := left(); n > 166 {
		t.Errorf("%d days", n)
	}
	r.want(200, owner.do("GET", api.ListPath(b.id, 0), nil))
	if n := left(); n > 166 {
		t.Errorf("a look renewed it to %d days", n)
	}
	r.want(204, owner.note(b, hybridFile(1, 9000)))
	if n := left(); n < 365 {
		t.Errorf("%d days after a notebook", n)
	}
}

// TestNotebooks: each owner has one, of one stanza, and what a stranger brings
// begins no mailbox.
func TestNotebooks(t *testing.T) {
	r := start(t, setup{})
	b := r.opened(2)
	one, two := r.by(b.owners[0]), r.by(b.owners[1])
	first, second := hybridFile(1, 9000), hybridFile(1, 9001)
	r.want(204, one.note(b, hybridFile(1, 8000)))
	r.want(204, one.note(b, first))
	r.want(204, two.note(b, second))
	for as, want := range map[*rig][]byte{one: first, two: second} {
		if a := as.do("GET", api.InboxPath(api.PathNotebook, b.id), nil); !bytes.Equal(a.body, want) {
			t.Error("another notebook")
		}
	}
	r.same("what is refused", func() {
		for name, file := range notHybrid(1) {
			if a := one.note(b, file); a.status != 400 || a.code(t) != api.CodeNotAge {
				t.Errorf("%s: %d %s", name, a.status, a.body)
			}
		}
		r.refused(api.CodeTooLarge, one.note(b, make([]byte, api.MaxNotebook+1)))
		stranger := r.newBox(1)
		r.refused(api.CodeGone, one.note(stranger, first))
		r.refused(api.CodeGone, r.by(stranger.owners[0]).note(r.newBox(2), first))
	}, b)
	source := r.newBox(1)
	r.want(204, r.by(source.owners[0]).note(source, first))
	if l := r.by(source.owners[0]).list(source, 0); l.Kind != api.KindReply {
		t.Errorf("%+v", l)
	}
}

// TestNotebookNotSeen: a notebook is replaced by who names the one that is there,
// and a refusal changes nothing: it opens no mailbox either.
func TestNotebookNotSeen(t *testing.T) {
	r := start(t, setup{})
	b, source := r.opened(1), r.newBox(1)
	owner, nobody := r.by(b.owners[0]), r.by(source.owners[0])
	first, second, third := hybridFile(1, 9000), hybridFile(1, 9001), hybridFile(1, 9002)
	seen := api.EditionOf(first).Encode()
	r.same("where none is", func() {
		r.refused(api.CodeReplaced, owner.noteOver(b, seen, second))
		r.refused(api.CodeReplaced, nobody.noteOver(source, seen, second))
	}, b, source)
	r.want(204, owner.noteOver(b, "none", first))
	r.same("over one that is there", func() {
		r.refused(api.CodeReplaced, owner.noteOver(b, "none", second))
		r.refused(api.CodeReplaced, owner.noteOver(b, api.EditionOf(second).Encode(), third))
		for _, bad := range []string{"", "None", "*", seen[1:], seen + "=", strings.Repeat("A", 43)} {
			r.refused(api.CodeBadRequest, owner.noteOver(b, bad, second))
		}
		r.refused(api.CodeBadRequest, owner.do("PUT", api.InboxPath(api.PathNotebook, b.id), second, "Content-Type", api.TypeBinary))
		r.want(204, owner.noteOver(b, "none", first)) // again
	}, b)
	r.want(204, owner.noteOver(b, seen, second))
	r.want(204, owner.noteOver(b, seen, second))
	r.refused(api.CodeReplaced, owner.noteOver(b, seen, third))
	if a := owner.do("GET", api.InboxPath(api.PathNotebook, b.id), nil); !bytes.Equal(a.body, second) {
		t.Error("another notebook")
	}
}

// notHybrid are headers that an inbox of n keys does not take.
func notHybrid(n int) map[string][]byte {
	all := slices.Repeat([]string{hybridStanza()}, n)
	scrypt := ageFile(1000)
	scryptStanza := string(scrypt[len("age-encryption.org/v1\n"):bytes.Index(scrypt, []byte("---"))])
	wrong := strings.Replace(hybridStanza(), "mlkem768x25519", "mlkem768p256tag", 1)
	short := hybridStanza()
	return map[string][]byte{
		"a passphrase":      scrypt,
		"X25519":            ageWith(1000, slices.Repeat([]string{x25519Stanza}, n)...),
		"mixed with X25519": ageWith(1000, append(all[1:], x25519Stanza)...),
		"X25519 besides":    ageWith(1000, append(slices.Clone(all), x25519Stanza)...),
		"scrypt besides":    ageWith(1000, append(slices.Clone(all), scryptStanza)...),
		"grease":            ageWith(1000, append(slices.Clone(all), "-> grease\n\n")...),
		"another kind":      ageWith(1000, append(slices.Clone(all[1:]), wrong)...),
		"a short share":     ageWith(1000, append(slices.Clone(all[1:]), strings.Replace(short, short[20:24], "", 1))...),
		"too many":          hybridFile(n+1, 1000),
		"none":              ageWith(1000),
		"no payload":        hybridFile(n, 0)[:len(hybridFile(n, 0))-32],
		"cut off":           hybridFile(n, 0)[:500],
		"plain text":        []byte(strings.Repeat("a", 1000)),
		"nothing":           {},
	}
}

// TestInboxesWhileLocked: what destroys is tried, for owners alone, and is not
// called proven; all else says that the service is locked.
func TestInboxesWhileLocked(t *testing.T) {
	r, op := configured(t, setup{}, Policy{})
	b, team := r.opened(1), r.opened(2)
	l, of := r.written(b, 1000), r.written(team, 1000)
	r.want(204, r.by(b.owners[0]).note(b, hybridFile(1, 9000)))
	r.halt()
	r.turn(76 * time.Minute)
	stranger := r.by(newIdentity(t))
	for _, c := range []struct {
		*box
		l *letter
	}{{b, l}, {team, of}} {
		owner := r.by(c.owners[0])
		for _, rt := range slices.Concat(inboxCalls, operatorCalls) {
			if rt.path == api.PathDestroyInbox {
				continue
			}
			a, strange := owner.ask(rt, c.box, c.l), stranger.ask(rt, c.box, c.l)
			switch {
			case rt.operator:
				if a.status != 404 {
					t.Errorf("%s %s: %d %s", rt.method, rt.path, a.status, a.body)
				}
			case rt.locked:
				r.refused(api.CodeNotProven, a)
				r.refused(api.CodeGone, strange)
			default:
				r.refused(api.CodeLocked, a)
				r.refused(api.CodeLocked, strange)
			}
		}
		destroy := route{method: "POST", path: api.PathDestroyInbox}
		r.refused(api.CodeGone, stranger.ask(destroy, c.box, c.l))
		r.refused(api.CodeNotProven, owner.ask(destroy, c.box, c.l))
	}
	operator := r.by(op.id)
	r.want(200, operator.do("GET", api.PathOperatorStatus, nil))
	r.want(204, operator.json("POST", api.PathOperatorUnlock, api.Unlock{Cause: "overdue"}))
	r.refused(api.CodeLocked, operator.do("GET", api.PathOperatorAliases, nil))
	var s api.Service
	if err := json.Unmarshal(r.do("GET", api.PathService, nil).body, &s); err != nil || s.State != api.Locked || s.Inboxes != api.Anyone {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestRecordedOwnersChangeNothing: every record of an inbox's life, sent again as
// it was, is refused, and nothing changes.
func TestRecordedOwnersChangeNothing(t *testing.T) {
	r, op := configured(t, setup{}, Policy{})
	b := r.newBox(1)
	var records [][]byte
	var taps []*tap
	as := func(i *age.HybridIdentity) *rig {
		other := r.by(i)
		taps = append(taps, other.tapped)
		return other
	}
	owner, operator := as(b.owners[0]), as(op.id)
	r.want(201, owner.openBox(b, api.KindInbox))
	l := r.written(b, 1000)
	r.want(204, owner.note(b, hybridFile(1, 9000)))
	r.want(204, operator.json("PUT", api.NamePath(api.PathOperatorAlias, "somebody"), api.Named{Inbox: b.id}))
	r.want(201, operator.json("POST", api.PathOperatorInvites, api.Inviting{For: api.ForInbox}))
	r.want(204, owner.do("POST", api.LetterPath(api.PathDestroyLetter, b.id, l.ref), nil))
	r.want(204, owner.do("POST", api.InboxPath(api.PathDestroyInbox, b.id), nil))
	r.want(201, owner.openBox(b, api.KindInbox))
	r.written(b, 1000)
	for _, tap := range taps {
		records = append(records, tap.records...)
	}
	r.same("a record sent again", func() {
		for i, record := range records {
			r.refused(api.CodeChannel, r.record(taps[0], record, asRecord...))
			if bytes.Contains(record, []byte(b.id.Encode())) || bytes.Contains(record, b.file[:100]) {
				t.Errorf("record %d can be read", i)
			}
		}
	}, b)
}

// TestNotebookReplacedMeanwhile: whoever asks for a notebook while another device
// replaces it is to ask again, and not told that there is none.
func TestNotebookReplacedMeanwhile(t *testing.T) {
	r := start(t, setup{})
	b := r.opened(1)
	owner := r.by(b.owners[0])
	r.want(204, owner.note(b, hybridFile(1, 9000)))
	asked := &call{inbox: vault.InboxID(b.id), owner: b.owners[0].Recipient().String()}
	out, err := r.s.notebook(asked)
	if err != nil {
		t.Fatal(err)
	}
	r.want(204, owner.note(b, hybridFile(1, 9000)))
	err = r.s.send(echo.NewResponse(httptest.NewRecorder(), echo.New()), nil, out.down)
	if !errors.Is(err, vault.ErrBusy) {
		t.Errorf("%v", err)
	}
	l := r.written(b, 1000)
	out, err = r.s.letter(&call{inbox: vault.InboxID(b.id), ref: vault.Reference(l.ref)})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.v.DestroyInbox(vault.InboxID(b.id)); err != nil {
		t.Fatal(err)
	}
	err = r.s.send(echo.NewResponse(httptest.NewRecorder(), echo.New()), nil, out.down)
	if !errors.Is(err, vault.ErrGone) {
		t.Errorf("%v", err)
	}
}
