package vault_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
)

// box is an inbox and who may read it.
type box struct {
	id         vault.InboxID
	recipients []byte
}

func drawBox() box {
	k := key()
	b := box{recipients: []byte("age1pq1" + string(k[:]) + "\n")}
	b.id = sha256.Sum256(b.recipients)
	return b
}

func opened(t testing.TB, v *vault.Vault, kind vault.InboxKind) box {
	t.Helper()
	b := drawBox()
	if _, err := v.OpenInbox(b.id, kind, b.recipients, 24*time.Hour); err != nil {
		t.Fatal(err)
	}
	return b
}

// to makes a message a letter.
func to(b box) func(*vaulttest.Message) {
	return func(m *vaulttest.Message) { m.Terms = vault.Terms{Lifetime: m.Terms.Lifetime, Inbox: &b.id} }
}

func letterTo(b box, n int) *vaulttest.Message {
	m := vaulttest.Draw(n)
	to(b)(m)
	return m
}

// holds says what is wrong with a letter that should be there.
func holds(v *vault.Vault, b box, m *vaulttest.Message) error {
	c, err := v.Letter(b.id, m.Ref)
	if err != nil {
		return err
	}
	return reads(c, m.Data)
}

func reads(c *vault.Content, data []byte) error {
	got, err := io.ReadAll(io.NewSectionReader(c, 0, c.Size()))
	if err == nil && !bytes.Equal(got, data) {
		err = errors.New("read back differs")
	}
	return err
}

func holdsNotebook(v *vault.Vault, b box, owner [32]byte, data []byte) error {
	c, err := v.Notebook(b.id, owner)
	if err != nil {
		return err
	}
	return reads(c, data)
}

// rewritten replaces a notebook, whatever is there.
func rewritten(v *vault.Vault, id vault.InboxID, owner [32]byte, data []byte) error {
	e, err := edition(v, id, owner)
	if err != nil {
		return err
	}
	return v.PutNotebook(id, owner, e, data)
}

func edition(v *vault.Vault, id vault.InboxID, owner [32]byte) (vault.Edition, error) {
	c, err := v.Notebook(id, owner)
	if errors.Is(err, vault.ErrGone) {
		return vault.Edition{}, nil
	}
	if err != nil {
		return vault.Edition{}, err
	}
	data, err := io.ReadAll(io.NewSectionReader(c, 0, c.Size()))
	return editionOf(data), err
}

func editionOf(data []byte) vault.Edition {
	if data == nil {
		return vault.Edition{}
	}
	return sha256.Sum256(data)
}

// Letters are listed newest first, in pages, read many times, and destroyed one
// by one or many at once; a restart changes nothing.
func TestInboxLife(t *testing.T) {
	v := vaulttest.New(t)
	b, other := opened(t, v.Vault, vault.KindInbox), opened(t, v.Vault, vault.KindInbox)
	var all []*vaulttest.Message
	for i := range 7 {
		all = append(all, v.Stored(t, 10+i*100_000, to(b)))
	}
	elsewhere := v.Stored(t, 10, to(other))
	for range 2 {
		var refs []vault.Reference
		for before, more := uint64(0), true; more; {
			l, err := v.Letters(b.id, before, 3)
			if err != nil || l.Count != len(all) {
				t.Fatalf("%+v %v", l, err)
			}
			for _, e := range l.Letters {
				refs = append(refs, e.Reference)
				before = e.Serial
				if e.Left <= 0 || e.Size != int64(len(all[len(all)-len(refs)].Data)) {
					t.Fatalf("%+v", e)
				}
			}
			more = l.More
		}
		slices.Reverse(refs)
		for i, m := range all {
			if m.Ref != refs[i] {
				t.Fatalf("letter %d is not in its place", i)
			}
			for range 2 {
				if err := holds(v.Vault, b, m); err != nil {
					t.Fatal(err)
				}
			}
			want(t, "of another inbox", holds(v.Vault, other, m), vault.ErrGone)
			gone(t, v, m) // it is no message behind a link
		}
		v.Reopen(t)
	}
	info, err := v.Inbox(b.id)
	if err != nil || !bytes.Equal(info.Recipients, b.recipients) || info.Kind != vault.KindInbox || info.Letters != 7 {
		t.Fatalf("%+v %v", info, err)
	}
	for range 2 {
		if err := v.DestroyLetter(b.id, all[0].Ref); err != nil {
			t.Fatal(err)
		}
	}
	v.Layer.Take()
	n, err := v.DestroyLetters(b.id, []vault.Reference{all[1].Ref, all[2].Ref, all[2].Ref, all[0].Ref, elsewhere.Ref, {}})
	if n != 2 || err != nil {
		t.Fatalf("%d destroyed, %v", n, err)
	}
	if syncs := countOps(v.Layer, vaulttest.Sync); syncs > 2 {
		t.Fatalf("%d syncs", syncs)
	}
	for range 2 {
		for i, m := range all {
			if err := holds(v.Vault, b, m); (err == nil) != (i > 2) {
				t.Fatalf("letter %d: %v", i, err)
			}
		}
		if err := holds(v.Vault, other, elsewhere); err != nil {
			t.Fatal(err)
		}
		if s := v.Status(); s.Inboxes != 2 || s.Letters != 5 || s.Live != 5 || s.Used != 7 {
			t.Fatalf("%+v", s)
		}
		v.Reopen(t)
	}
}

func countOps(l *vaulttest.Layer, op vaulttest.Op) (n int) {
	for _, o := range l.Take() {
		if o == op {
			n++
		}
	}
	return n
}

// A destroyed inbox takes everything along, nobody else's; a reading under way
// ends.
func TestDestroyInbox(t *testing.T) {
	v := vaulttest.New(t)
	b, other := opened(t, v.Vault, vault.KindInbox), opened(t, v.Vault, vault.KindInbox)
	letter, large := v.Stored(t, 10, to(b)), v.Stored(t, 1<<20, to(b))
	stays := v.Stored(t, 10, to(other))
	owner := sha256.Sum256(b.recipients)
	must(t, rewritten(v.Vault, b.id, owner, []byte("notes")))
	must(t, v.SetAlias("news", b.id))
	must(t, v.SetAlias("others", other.id))
	reading, err := v.Letter(b.id, large.Ref)
	must(t, err)
	notes, err := v.Notebook(b.id, owner)
	must(t, err)
	for range 2 {
		must(t, v.DestroyInbox(b.id))
	}
	for range 2 {
		_, err = reading.ReadAt(make([]byte, 10), 0)
		want(t, "a reading under way", err, vault.ErrGone)
		_, err = notes.ReadAt(make([]byte, 5), 0)
		want(t, "the notebook", err, vault.ErrGone)
		_, err = v.Inbox(b.id)
		want(t, "inbox", err, vault.ErrGone)
		_, err = v.Letters(b.id, 0, 10)
		want(t, "letters", err, vault.ErrGone)
		want(t, "letter", holds(v.Vault, b, letter), vault.ErrGone)
		want(t, "notebook", holdsNotebook(v.Vault, b, owner, nil), vault.ErrGone)
		_, err = v.Alias("news")
		want(t, "alias", err, vault.ErrGone)
		want(t, "put", letterTo(b, 10).Put(v.Vault), vault.ErrGone)
		must(t, holds(v.Vault, other, stays))
		if s := v.Status(); s.Used != 3 || len(slotKeys(t, v.Dir)) != 2 { // an alias has no key
			t.Fatalf("%+v", s)
		}
		must(t, v.Maintain())
		// The same ID may be used again and inherits nothing.
		if _, err := v.OpenInbox(b.id, vault.KindReply, b.recipients, 0); err != nil {
			t.Fatal(err)
		}
		if l, err := v.Letters(b.id, 0, 10); err != nil || l.Count != 0 {
			t.Fatalf("%+v %v", l, err)
		}
		must(t, v.DestroyInbox(b.id))
	}
	want(t, "one that never was", v.DestroyInbox(drawBox().id), vault.ErrGone)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Opening is idempotent, renews what is to be renewed, and makes nothing of
// another kind.
func TestOpenInboxAgain(t *testing.T) {
	v := vaulttest.New(t)
	const day = 24 * time.Hour
	for _, c := range []struct {
		kind              vault.InboxKind
		life, soon, later time.Duration // left at first, after a day and opened again, after 25 more
	}{
		{kind: vault.KindInbox, life: 366 * day, soon: 365 * day, later: 340 * day},
		{kind: vault.KindReply, life: 30 * day, soon: 30 * day, later: 30 * day},
		{kind: vault.KindRequest, life: 29 * day, soon: 28 * day, later: 3 * day},
	} {
		b := drawBox()
		for _, step := range []struct{ passes, want time.Duration }{{0, c.life}, {0, c.life}, {day, c.soon}, {25 * day, c.later}} {
			v.Clock.Advance(step.passes)
			must(t, v.Maintain())
			left, err := v.OpenInbox(b.id, c.kind, b.recipients, 29*day)
			if err != nil || left != step.want {
				t.Fatalf("kind %d: %v left, %v, want %v", c.kind, left, err, step.want)
			}
		}
		for _, kind := range []vault.InboxKind{vault.KindInbox, vault.KindRequest, vault.KindReply} {
			if kind != c.kind && c.kind != vault.KindReply {
				_, err := v.OpenInbox(b.id, kind, b.recipients, day)
				want(t, "another kind", err, vault.ErrConflict)
			}
		}
	}
	b := opened(t, v.Vault, vault.KindInbox)
	for range 4 { // two years, with notebook and alias
		must(t, rewritten(v.Vault, b.id, b.id, []byte("notes")))
		must(t, v.SetAlias("news", b.id))
		v.Clock.Advance(180 * day)
		must(t, v.Maintain())
		if _, err := v.OpenInbox(b.id, vault.KindInbox, b.recipients, 0); err != nil {
			t.Fatal(err)
		}
		must(t, holdsNotebook(v.Vault, b, b.id, []byte("notes")))
	}
	var invalid *vault.InvalidError
	for what, err := range map[string]error{
		"no kind":       second(v.OpenInbox(drawBox().id, 0, b.recipients, day)),
		"a letter":      second(v.OpenInbox(drawBox().id, 4, b.recipients, day)),
		"no recipients": second(v.OpenInbox(drawBox().id, vault.KindInbox, nil, day)),
		"too long":      second(v.OpenInbox(drawBox().id, vault.KindRequest, b.recipients, 31*day)),
	} {
		if !errors.As(err, &invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func second(_ time.Duration, err error) error { return err }

// Anybody can open a mailbox for replies to a key. Its owner makes an inbox of it,
// with what is in it; nobody makes it a mailbox again.
func TestReplyBecomesInbox(t *testing.T) {
	v := vaulttest.New(t)
	b := opened(t, v.Vault, vault.KindReply)
	m := letterTo(b, 10)
	must(t, m.Put(v.Vault))
	for range 2 {
		left, err := v.OpenInbox(b.id, vault.KindInbox, b.recipients, 0)
		if err != nil || left != 366*24*time.Hour {
			t.Fatal(left, err)
		}
		info, err := v.Inbox(b.id)
		if err != nil || info.Kind != vault.KindInbox || info.Letters != 1 {
			t.Fatalf("%+v %v", info, err)
		}
		must(t, holds(v.Vault, b, m))
		want(t, "a mailbox again", second(v.OpenInbox(b.id, vault.KindReply, b.recipients, 0)), vault.ErrConflict)
		want(t, "a request", second(v.OpenInbox(b.id, vault.KindRequest, b.recipients, time.Hour)), vault.ErrConflict)
		v.Reopen(t)
	}
	v.Clock.Advance(300 * 24 * time.Hour)
	must(t, v.Maintain())
	if _, err := v.Inbox(b.id); err != nil {
		t.Error(err)
	}
}

// An inbox that expires takes its children along, and a letter never outlasts
// it; a mailbox for replies lasts from the last letter or notebook.
func TestInboxExpires(t *testing.T) {
	v := vaulttest.New(t)
	const day = 24 * time.Hour
	request, reply := opened(t, v.Vault, vault.KindRequest), opened(t, v.Vault, vault.KindReply)
	m := letterTo(request, 10)
	m.Terms.Lifetime = 30 * day
	must(t, m.Put(v.Vault))
	receipt, err := v.Put(m.Ref, m.Upload, m.Data, m.Terms) // the answer was lost
	if err != nil || receipt.Left != day {
		t.Fatalf("%+v %v", receipt, err)
	}
	first := letterTo(reply, 10)
	first.Terms.Lifetime = 5 * day
	must(t, first.Put(v.Vault))
	must(t, rewritten(v.Vault, reply.id, reply.id, []byte("notes")))
	must(t, v.SetAlias("request", request.id))
	v.Clock.Advance(day)
	if err := holds(v.Vault, request, m); err == nil {
		t.Fatal("read after the expiry")
	}
	must(t, v.Maintain())
	if s := v.Status(); s.Used != 3 || s.Inboxes != 1 || s.Destroyed != 3 {
		t.Fatalf("%+v", s)
	}
	nothingOverdue(t, v.Dir, v.Status().Now)
	v.Clock.Advance(20 * day)
	must(t, v.Maintain())
	if s := v.Status(); s.Used != 2 {
		t.Fatalf("%+v", s)
	}
	v.Stored(t, 10, to(reply), func(m *vaulttest.Message) { m.Terms.Lifetime = 30 * day })
	v.Clock.Advance(29 * day)
	must(t, v.Maintain())
	must(t, holdsNotebook(v.Vault, reply, reply.id, []byte("notes")))
	must(t, rewritten(v.Vault, reply.id, reply.id, []byte("other notes")))
	v.Clock.Advance(29 * day)
	must(t, v.Maintain())
	must(t, holdsNotebook(v.Vault, reply, reply.id, []byte("other notes")))
	v.Clock.Advance(day)
	must(t, v.Maintain())
	if s := v.Status(); s.Used != 0 || len(slotKeys(t, v.Dir)) != 0 {
		t.Fatalf("%+v", s)
	}
}

// A request takes one letter, however many come at once, also when that was
// destroyed; the winner's repeated call is answered as the first.
func TestRequestTakesOneLetter(t *testing.T) {
	v := vaulttest.New(t)
	b := opened(t, v.Vault, vault.KindRequest)
	var all []*vaulttest.Message
	for range 8 {
		m := letterTo(b, 100)
		var err error
		m.Ref, m.Upload, err = v.Reserve()
		must(t, err)
		must(t, v.PutPart(m.Ref, m.Upload, 0, m.Data))
		all = append(all, m)
	}
	receipts, errs := make([]vault.Receipt, len(all)), make([]error, len(all))
	var wait sync.WaitGroup
	for i, m := range all {
		wait.Go(func() { receipts[i], errs[i] = v.Commit(m.Ref, m.Upload, 1, 100, m.Terms) })
	}
	wait.Wait()
	winner := -1
	for i, err := range errs {
		if err == nil && winner < 0 {
			winner = i
		} else {
			want(t, "one of many", err, vault.ErrConflict)
		}
	}
	again, err := v.Commit(all[winner].Ref, all[winner].Upload, 1, 100, all[winner].Terms)
	if err != nil || again != receipts[winner] {
		t.Fatalf("%+v %v", again, err)
	}
	want(t, "a late one", letterTo(b, 10).Put(v.Vault), vault.ErrConflict)
	v.Reopen(t)
	must(t, holds(v.Vault, b, all[winner]))
	want(t, "after a restart", letterTo(b, 10).Put(v.Vault), vault.ErrConflict)
	must(t, v.DestroyLetter(b.id, all[winner].Ref))
	v.Reopen(t)
	want(t, "after it was destroyed", letterTo(b, 10).Put(v.Vault), vault.ErrConflict)
}

// Each owner of an inbox has a notebook, replaced as a whole, and no other
// opens it.
func TestNotebook(t *testing.T) {
	v := vaulttest.New(t)
	b := opened(t, v.Vault, vault.KindInbox)
	data := make(map[byte][]byte)
	for i := range byte(10) {
		for range 2 {
			data[i] = vaulttest.Draw(1 + int(i)*100_000).Data
			must(t, rewritten(v.Vault, b.id, [32]byte{i}, data[i]))
		}
	}
	want(t, "an eleventh", rewritten(v.Vault, b.id, [32]byte{10}, []byte("x")), vault.ErrFull)
	want(t, "too large", rewritten(v.Vault, b.id, [32]byte{1}, make([]byte, vault.PartSize+1)), vault.ErrTooLarge)
	want(t, "nobody's", rewritten(v.Vault, drawBox().id, [32]byte{1}, []byte("x")), vault.ErrGone)
	for range 2 {
		for i, d := range data {
			must(t, holdsNotebook(v.Vault, b, [32]byte{i}, d))
		}
		want(t, "a stranger", holdsNotebook(v.Vault, b, [32]byte{10}, nil), vault.ErrGone)
		if l, err := v.Letters(b.id, 0, 100); err != nil || l.Count != 0 || len(l.Letters) != 0 {
			t.Fatalf("%+v %v", l, err)
		}
		if s := v.Status(); s.Used != 11 {
			t.Fatalf("%+v", s)
		}
		v.Reopen(t)
	}
}

// What its owner has not seen is not replaced, whatever they name instead; the
// call that was answered may be made again.
func TestNotebookIsReplacedAsSeen(t *testing.T) {
	none, one, two, three := []byte(nil), []byte("one"), []byte("two"), bytes.Repeat([]byte("three"), 1<<18)
	v := vaulttest.New(t)
	kinds := []vault.InboxKind{vault.KindInbox, vault.KindReply}
	owner, other, others := [32]byte{1}, [32]byte{2}, []byte("another's")
	used, checks := 0, []func(){}
	for _, c := range []struct {
		name               string
		there, named, file []byte
		want               error
	}{
		{"the first", none, none, one, nil},
		{"the first of two at once", one, none, two, vault.ErrReplaced},
		{"as seen", one, one, two, nil},
		{"as seen, larger", one, one, three, nil},
		{"as seen, smaller", three, three, one, nil},
		{"another by now", two, one, three, vault.ErrReplaced},
		{"a beginning", three, three[:vault.SmallSize], two, vault.ErrReplaced},
		{"gone by now", none, one, two, vault.ErrReplaced},
		{"the first again", one, none, one, nil},
		{"again", two, one, two, nil},
		{"again, larger", three, one, three, nil},
		{"itself", one, one, one, nil},
		{"back, by somebody else", one, two, one, nil},
	} {
		for _, kind := range kinds {
			b := opened(t, v.Vault, kind)
			must(t, v.PutNotebook(b.id, other, vault.Edition{}, others))
			if c.there != nil {
				must(t, v.PutNotebook(b.id, owner, vault.Edition{}, c.there))
			}
			want(t, c.name, v.PutNotebook(b.id, owner, editionOf(c.named), c.file), c.want)
			left := c.file
			if c.want != nil {
				left = c.there
			}
			used += 2 + min(1, len(left))
			checks = append(checks, func() {
				if left == nil {
					want(t, c.name, holdsNotebook(v.Vault, b, owner, nil), vault.ErrGone)
				} else if err := holdsNotebook(v.Vault, b, owner, left); err != nil {
					t.Errorf("%s: %v", c.name, err)
				}
				must(t, holdsNotebook(v.Vault, b, other, others))
			})
		}
	}
	for range 2 {
		for _, check := range checks {
			check()
		}
		if s := v.Status(); s.Used != used {
			t.Fatalf("%d used instead of %d", s.Used, used)
		}
		v.Reopen(t)
	}
}

// Of many who have seen the same one, one replaces it.
func TestNotebookAtTheSameTime(t *testing.T) {
	v := vaulttest.New(t)
	b := opened(t, v.Vault, vault.KindInbox)
	var seen vault.Edition
	for round := range 5 {
		var wait sync.WaitGroup
		var mu sync.Mutex
		var won [][]byte
		for i := range 8 {
			wait.Go(func() {
				data := fmt.Appendf(nil, "%d %d", round, i)
				err := v.PutNotebook(b.id, b.id, seen, data)
				if err != nil && !errors.Is(err, vault.ErrReplaced) {
					t.Error(err)
				}
				if err == nil {
					mu.Lock()
					defer mu.Unlock()
					won = append(won, data)
				}
			})
		}
		wait.Wait()
		if len(won) != 1 {
			t.Fatalf("%d of 8 replaced it", len(won))
		}
		must(t, holdsNotebook(v.Vault, b, b.id, won[0]))
		seen = editionOf(won[0])
	}
	if s := v.Status(); s.Used != 2 {
		t.Fatalf("%+v", s)
	}
}

// A refusal costs no write, and neither does a second try.
func TestNotebookRefusedUnwritten(t *testing.T) {
	v := vaulttest.New(t)
	b := opened(t, v.Vault, vault.KindInbox)
	must(t, v.PutNotebook(b.id, b.id, vault.Edition{}, []byte("notes")))
	v.Layer.Take()
	want(t, "another", v.PutNotebook(b.id, b.id, editionOf([]byte("others")), []byte("mine")), vault.ErrReplaced)
	must(t, v.PutNotebook(b.id, b.id, vault.Edition{}, []byte("notes")))
	for _, op := range v.Layer.Take() {
		if op != vaulttest.Read {
			t.Errorf("%v", op)
		}
	}
	if always, until, err := v.Lasting(); always != 2 || until != 0 || err != nil {
		t.Errorf("%d chunks, %d with a time to live, %v", always, until, err)
	}
}

// A notebook that was lost opens for nobody: its owner is told, goes on with the
// letters, and begins a new one in its place.
func TestLostNotebook(t *testing.T) {
	v := vaulttest.New(t)
	b := opened(t, v.Vault, vault.KindInbox)
	large := vaulttest.Draw(1 << 20).Data
	must(t, v.PutNotebook(b.id, b.id, vault.Edition{}, large))
	must(t, v.LoseChunks())
	must(t, holdsNotebook(v.Vault, b, b.id, vault.Lost))
	for _, e := range []vault.Edition{{}, editionOf(large)} {
		want(t, "in its place", v.PutNotebook(b.id, b.id, e, []byte("more")), vault.ErrReplaced)
	}
	must(t, v.PutNotebook(b.id, b.id, editionOf(vault.Lost), []byte("notes")))
	for range 2 {
		must(t, holdsNotebook(v.Vault, b, b.id, []byte("notes")))
		if s := v.Status(); s.Used != 2 {
			t.Errorf("%d slots are used", s.Used)
		}
		v.Reopen(t)
	}
}

func TestAliases(t *testing.T) {
	v := vaulttest.New(t)
	b, other := opened(t, v.Vault, vault.KindInbox), opened(t, v.Vault, vault.KindInbox)
	must(t, v.SetAlias("news", b.id))
	must(t, v.SetAlias("news", b.id))
	must(t, v.SetAlias("a23456789-123456789-123456789-1", b.id))
	must(t, v.SetAlias("desk", b.id))
	must(t, v.SetAlias("desk", other.id))
	want(t, "no inbox", v.SetAlias("nobody", drawBox().id), vault.ErrGone)
	want(t, "no alias", v.RemoveAlias("nobody"), vault.ErrGone)
	for _, name := range []string{"", "a", "News", "1a", "-a", "a b", "a23456789-123456789-123456789-12"} {
		var invalid *vault.InvalidError
		if err := v.SetAlias(name, b.id); !errors.As(err, &invalid) {
			t.Errorf("%q: %v", name, err)
		}
	}
	all := map[string]vault.InboxID{"news": b.id, "a23456789-123456789-123456789-1": b.id, "desk": other.id}
	for range 2 {
		if got := v.Aliases(); !maps.Equal(got, all) {
			t.Fatalf("%v", got)
		}
		for name, id := range all {
			if got, err := v.Alias(name); err != nil || got != id {
				t.Errorf("%s: %v", name, err)
			}
		}
		v.Reopen(t)
	}
	must(t, v.RemoveAlias("news"))
	must(t, v.DestroyInbox(other.id))
	delete(all, "news")
	delete(all, "desk")
	for range 2 {
		if got := v.Aliases(); !maps.Equal(got, all) {
			t.Fatalf("%v", got)
		}
		v.Reopen(t)
	}
}

// An invite is used by one of many who try at once, and is good until then or
// until it expires.
func TestInvites(t *testing.T) {
	v := vaulttest.New(t)
	code, err := v.NewInvite(false, time.Hour)
	must(t, err)
	links, err := v.NewInvite(true, 2*time.Hour)
	must(t, err)
	v.Reopen(t)
	must(t, v.Invite(code, false))
	must(t, v.Invite(links, true))
	want(t, "for the other", v.Invite(code, true), vault.ErrGone)
	want(t, "for the other", v.Invite(links, false), vault.ErrGone)
	var mu sync.Mutex
	var wait sync.WaitGroup
	used := 0
	for range 16 {
		wait.Go(func() {
			err := v.UseInvite(code)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				used++
			} else if !errors.Is(err, vault.ErrGone) {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if used != 1 {
		t.Fatalf("%d used it", used)
	}
	v.Reopen(t)
	want(t, "used", v.Invite(code, false), vault.ErrGone)
	v.Clock.Advance(2 * time.Hour)
	must(t, v.Maintain())
	want(t, "expired", v.Invite(links, true), vault.ErrGone)
	if s := v.Status(); s.Used != 0 || s.Live != 0 {
		t.Fatalf("%+v", s)
	}
}

// Whatever comes at the same time, no call hangs, nothing is left under an inbox
// that was destroyed, and the next maintenance finds no fault.
func TestInboxesAtTheSameTime(t *testing.T) {
	v := vaulttest.New(t)
	boxes := []box{drawBox(), drawBox(), drawBox()}
	var mu sync.Mutex
	var refs []vault.Reference
	ref := func() vault.Reference {
		mu.Lock()
		defer mu.Unlock()
		if len(refs) == 0 {
			return vault.Reference{}
		}
		return refs[rand.IntN(len(refs))]
	}
	acts := []func(b box) error{
		func(b box) error { return second(v.OpenInbox(b.id, vault.KindInbox, b.recipients, 0)) },
		func(b box) error { return second(v.OpenInbox(b.id, vault.KindReply, b.recipients, 0)) },
		func(b box) error {
			m := letterTo(b, 10)
			err := m.Put(v.Vault)
			mu.Lock()
			defer mu.Unlock()
			refs = append(refs, m.Ref)
			return err
		},
		func(b box) error {
			return rewritten(v.Vault, b.id, [32]byte{byte(rand.IntN(2))}, fmt.Appendf(nil, "notes %d", rand.IntN(3)))
		},
		func(b box) error { _, err := edition(v.Vault, b.id, [32]byte{byte(rand.IntN(2))}); return err },
		func(b box) error { return v.SetAlias("news", b.id) },
		func(b box) error { return v.RemoveAlias("news") },
		func(b box) error { _, err := v.Alias("news"); v.Aliases(); return err },
		func(b box) error { _, err := v.Letters(b.id, 0, 10); return err },
		func(b box) error { _, err := v.Letter(b.id, ref()); return err },
		func(b box) error { _, err := v.DestroyLetters(b.id, []vault.Reference{ref(), ref()}); return err },
		func(b box) error { return v.DestroyInbox(b.id) },
		func(b box) error { _, err := v.Inbox(b.id); return err },
	}
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 150 {
				err := acts[rand.IntN(len(acts))](boxes[rand.IntN(len(boxes))])
				if err != nil && !errors.Is(err, vault.ErrGone) && !errors.Is(err, vault.ErrConflict) && !errors.Is(err, vault.ErrFull) && !errors.Is(err, vault.ErrReplaced) {
					t.Error(err)
				}
			}
		})
	}
	for range 5 {
		v.Clock.Advance(time.Second)
		must(t, v.Maintain())
	}
	wait.Wait()
	used := v.Status().Used
	v.Reopen(t)
	if s := v.Status(); s.Used != used {
		t.Fatalf("%d slots, after a restart %d", used, s.Used)
	}
	for _, b := range boxes {
		if err := v.DestroyInbox(b.id); err != nil && !errors.Is(err, vault.ErrGone) {
			t.Fatal(err)
		}
	}
	if s := v.Status(); s.Used != 0 || s.Bytes != 0 || !s.Open {
		t.Fatalf("%+v", s)
	}
}
