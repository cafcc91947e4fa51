package vault_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
)

const day = 24 * time.Hour

// modelBox is an inbox in the model, with what hangs on it. What is due stays in
// it until a maintenance: it takes its place for so long.
type modelBox struct {
	kind     vault.InboxKind
	expires  time.Time
	answered bool
	serial   uint64 // the highest seen
	letters  []*modelLetter
	notes    map[byte][]byte // by owner
}

type modelLetter struct {
	*vaulttest.Message
	expires time.Time
	serial  uint64 // once it was listed
}

// inboxModel is what inboxes should be: a map and a clock.
type inboxModel struct {
	t        *rapid.T
	v        *vault.Vault
	o        vault.Options
	clock    *vaulttest.Clock
	dir      string
	now      time.Time
	verified time.Time
	who      []box // that may be opened
	boxes    map[vault.InboxID]*modelBox
	names    map[string]vault.InboxID
	invites  map[[16]byte]time.Time
	ended    []*vaulttest.Message
}

// Whatever owners and writers do, in any order and across restarts, the vault
// answers as a map of lists would.
func TestInboxesAreTheirModel(t *testing.T) {
	defer fewChecks(t, "30")()
	root := filepath.Dir(vaulttest.FastDir(t))
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp(root, "inboxes-")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		m := &inboxModel{t: t, dir: filepath.Join(dir, "data"), clock: vaulttest.NewClock(),
			who:   []box{drawBox(), drawBox(), drawBox()},
			boxes: make(map[vault.InboxID]*modelBox), names: make(map[string]vault.InboxID), invites: make(map[[16]byte]time.Time)}
		m.clock.Sync(true)
		m.o = vaulttest.Options(m.clock, new(vaulttest.Layer))
		m.o.Slots, m.now = 256, m.clock.Clock().Wall()
		m.open()
		defer func() { m.v.Close() }()
		t.Repeat(map[string]func(*rapid.T){
			"open": m.openBox, "open another": m.openBox, "write": m.write, "write again": m.write, "fill": m.fill,
			"note": m.note, "destroy letters": m.destroyLetters, "destroy": m.destroy, "name": m.name, "unname": m.unname,
			"invite": m.invite, "use": m.use, "time passes": m.pass, "maintain": func(*rapid.T) { m.maintain() },
			"restart": m.restart, "": m.check,
		})
	})
}

func (m *inboxModel) open() {
	v, err := vault.Open(m.dir, m.o)
	m.is(err, nil)
	m.v = v
	m.maintain()
}

func (m *inboxModel) restart(*rapid.T) {
	m.is(m.v.Close(), nil)
	m.open()
}

// maintain leaves nothing that is due, and nothing is counted that is not there.
func (m *inboxModel) maintain() {
	m.is(m.v.Maintain(), nil)
	m.verified = m.now
	used, size := 0, 0
	for id, b := range m.boxes {
		if !m.now.Before(b.expires) {
			m.drop(id)
			continue
		}
		b.letters = slices.DeleteFunc(b.letters, func(l *modelLetter) bool { return !m.now.Before(l.expires) })
		used += 1 + len(b.letters) + len(b.notes)
		size += len(m.boxOf(id).recipients)
		for _, l := range b.letters {
			size += len(l.Data)
		}
		for _, n := range b.notes {
			size += len(n)
		}
	}
	maps.DeleteFunc(m.invites, func(_ [16]byte, end time.Time) bool { return !m.now.Before(end) })
	used += len(m.names) + len(m.invites)
	if s := m.v.Status(); s.Used != used || s.Bytes != int64(size) || s.Inboxes != len(m.boxes) || !s.Open {
		m.t.Fatalf("%+v, want %d used and %d bytes", s, used, size)
	}
}

// drop forgets an inbox and all that hangs on it.
func (m *inboxModel) drop(id vault.InboxID) {
	for _, l := range m.boxes[id].letters {
		m.ended = append(m.ended, l.Message)
	}
	delete(m.boxes, id)
	maps.DeleteFunc(m.names, func(_ string, of vault.InboxID) bool { return of == id })
}

func (m *inboxModel) boxOf(id vault.InboxID) box {
	return m.who[slices.IndexFunc(m.who, func(b box) bool { return b.id == id })]
}

// box picks somebody, with their inbox if there is one that is not due.
func (m *inboxModel) box(t *rapid.T) (box, *modelBox) {
	b := rapid.SampledFrom(m.who).Draw(t, "box")
	if h := m.boxes[b.id]; h != nil && m.now.Before(h.expires) {
		return b, h
	}
	return b, nil
}

func (m *inboxModel) is(err, target error) {
	m.t.Helper()
	(&model{t: m.t}).is(err, target)
}

func (m *inboxModel) openBox(t *rapid.T) {
	b, h := m.box(t)
	kind := rapid.SampledFrom([]vault.InboxKind{vault.KindInbox, vault.KindInbox, vault.KindReply, vault.KindRequest}).Draw(t, "kind")
	life := time.Duration(rapid.IntRange(1, 30*24).Draw(t, "hours")) * time.Hour
	left, err := m.v.OpenInbox(b.id, kind, b.recipients, life)
	if h != nil && h.kind == vault.KindReply && kind == vault.KindInbox {
		h.kind = kind
	}
	if h != nil && h.kind != kind {
		m.is(err, vault.ErrConflict)
		return
	}
	if h == nil {
		if m.boxes[b.id] != nil { // due
			m.drop(b.id)
		}
		h = &modelBox{kind: kind, expires: m.now.Add(life), notes: make(map[byte][]byte)}
		m.boxes[b.id] = h
	}
	switch {
	case kind == vault.KindReply:
		h.reach(m.now.Add(30 * day))
	case kind == vault.KindInbox && h.expires.Sub(m.now) < 335*day:
		h.reach(m.now.Add(366 * day))
	}
	if err != nil || left != h.expires.Sub(m.now) {
		t.Fatalf("%v left, %v, want %v", left, err, h.expires.Sub(m.now))
	}
}

func (h *modelBox) reach(until time.Time) {
	if until.After(h.expires) {
		h.expires = until
	}
}

func (m *inboxModel) write(t *rapid.T) {
	b, h := m.box(t)
	life := rapid.SampledFrom([]time.Duration{time.Minute, time.Hour, 3 * day, 30 * day}).Draw(t, "life")
	m.put(b, h, life)
}

// fill writes as much as an inbox takes, and more.
func (m *inboxModel) fill(t *rapid.T) {
	b, h := m.box(t)
	for range rapid.IntRange(1, 12).Draw(t, "letters") {
		m.put(b, h, 10*day)
	}
}

func (m *inboxModel) put(b box, h *modelBox, life time.Duration) {
	l := letterTo(b, 10)
	l.Terms.Lifetime = life
	err := l.Put(m.v)
	switch {
	case h == nil:
		m.is(err, vault.ErrGone)
		return
	case h.kind == vault.KindRequest && h.answered:
		m.is(err, vault.ErrConflict)
		return
	case h.kind == vault.KindInbox && len(h.letters) >= 32, h.kind == vault.KindReply && len(h.letters) >= 64:
		m.is(err, vault.ErrFull)
		return
	}
	m.is(err, nil)
	h.answered = true
	if h.kind == vault.KindReply {
		h.reach(m.now.Add(30 * day))
	}
	expires := m.now.Add(life)
	if expires.After(h.expires) {
		expires = h.expires
	}
	h.letters = append(h.letters, &modelLetter{Message: l, expires: expires})
}

func (m *inboxModel) note(t *rapid.T) {
	b, h := m.box(t)
	owner, text := byte(rapid.IntRange(1, 2).Draw(t, "owner")), []byte(rapid.StringN(1, 20, -1).Draw(t, "text"))
	known := [][]byte{nil, []byte("never there")}
	if h != nil {
		known = append(known, h.notes[owner], h.notes[owner], h.notes[owner], h.notes[3-owner])
	}
	seen := rapid.SampledFrom(known).Draw(t, "seen")
	err := m.v.PutNotebook(b.id, [32]byte{owner}, editionOf(seen), text)
	switch {
	case h == nil:
		m.is(err, vault.ErrGone)
		return
	case bytes.Equal(h.notes[owner], text): // a second try
		m.is(err, nil)
		return
	case !bytes.Equal(h.notes[owner], seen):
		m.is(err, vault.ErrReplaced)
		return
	}
	m.is(err, nil)
	h.notes[owner] = text
	if h.kind == vault.KindReply {
		h.reach(m.now.Add(30 * day))
	}
}

// destroyLetters names some twice, and some of others.
func (m *inboxModel) destroyLetters(t *rapid.T) {
	b, h := m.box(t)
	refs, want := []vault.Reference{{}}, 0
	for _, l := range m.ended {
		refs = append(refs, l.Ref)
	}
	for id, o := range m.boxes {
		for _, l := range o.letters {
			if id != b.id {
				refs = append(refs, l.Ref)
			}
		}
	}
	if h != nil && len(h.letters) > 0 {
		first := rapid.IntRange(0, len(h.letters)-1).Draw(t, "first")
		last := rapid.IntRange(first, len(h.letters)-1).Draw(t, "last")
		for _, l := range h.letters[first : last+1] {
			refs, want = append(refs, l.Ref, l.Ref), want+1
			m.ended = append(m.ended, l.Message)
		}
		h.letters = slices.Delete(h.letters, first, last+1)
	}
	n, err := m.v.DestroyLetters(b.id, refs)
	if err != nil || h != nil && n != want {
		t.Fatalf("%d destroyed, %v, want %d", n, err, want)
	}
	if h == nil && n > 0 { // due, or nothing
		m.boxes[b.id].letters = nil
	}
}

func (m *inboxModel) destroy(t *rapid.T) {
	b, h := m.box(t)
	err := m.v.DestroyInbox(b.id)
	if h != nil {
		m.is(err, nil)
		m.is(m.v.DestroyInbox(b.id), nil)
	}
	if err == nil && m.boxes[b.id] != nil { // or due
		m.drop(b.id)
	}
}

var aliasNames = []string{"news", "desk"}

func (m *inboxModel) name(t *rapid.T) {
	b, h := m.box(t)
	name := rapid.SampledFrom(aliasNames).Draw(t, "name")
	err := m.v.SetAlias(name, b.id)
	if h == nil {
		m.is(err, vault.ErrGone)
		return
	}
	m.is(err, nil)
	m.names[name] = b.id
}

func (m *inboxModel) unname(t *rapid.T) {
	name := rapid.SampledFrom(aliasNames).Draw(t, "name")
	err := m.v.RemoveAlias(name)
	if _, ok := m.names[name]; !ok {
		m.is(err, vault.ErrGone)
		return
	}
	m.is(err, nil)
	delete(m.names, name)
}

func (m *inboxModel) invite(t *rapid.T) {
	life := time.Duration(rapid.IntRange(1, 100).Draw(t, "hours")) * time.Hour
	code, err := m.v.NewInvite(true, life)
	m.is(err, nil)
	m.invites[code] = m.now.Add(life)
}

func (m *inboxModel) use(t *rapid.T) {
	for code, end := range m.invites {
		err := m.v.UseInvite(code)
		if !m.now.Before(end) {
			m.is(err, vault.ErrGone)
			continue
		}
		m.is(err, nil)
		m.is(m.v.Invite(code, true), vault.ErrGone)
		delete(m.invites, code)
		return
	}
	t.Skip()
}

func (m *inboxModel) pass(t *rapid.T) {
	d := rapid.SampledFrom([]time.Duration{time.Second, 61 * time.Second, time.Hour, 5 * day, 29 * day, 200 * day}).Draw(t, "time")
	m.clock.Advance(d)
	m.now = m.now.Add(d)
	if m.now.Sub(m.verified) > 75*time.Minute {
		_, err := m.v.Letters(m.who[0].id, 0, 1)
		m.is(err, vault.ErrLocked)
		m.maintain()
	}
}

// check holds everything against the model.
func (m *inboxModel) check(t *rapid.T) {
	for _, b := range m.who {
		h := m.boxes[b.id]
		info, err := m.v.Inbox(b.id)
		if h == nil || !m.now.Before(h.expires) {
			m.is(err, vault.ErrGone)
			_, err = m.v.Letters(b.id, 0, 1)
			m.is(err, vault.ErrGone)
			continue
		}
		if err != nil || info.Kind != h.kind || info.Left != h.expires.Sub(m.now) ||
			info.Letters != len(h.letters) || !bytes.Equal(info.Recipients, b.recipients) {
			t.Fatalf("%+v %v, want %+v", info, err, h)
		}
		m.checkLetters(b, h)
		for owner := range byte(3) {
			if text := h.notes[owner]; text != nil {
				m.is(holdsNotebook(m.v, b, [32]byte{owner}, text), nil)
			} else {
				_, err := m.v.Notebook(b.id, [32]byte{owner})
				m.is(err, vault.ErrGone)
			}
		}
		for _, l := range m.ended[max(0, len(m.ended)-5):] {
			_, err := m.v.Letter(b.id, l.Ref)
			m.is(err, vault.ErrGone)
		}
	}
	for _, name := range aliasNames {
		id, err := m.v.Alias(name)
		if h := m.boxes[m.names[name]]; h == nil || !m.now.Before(h.expires) {
			m.is(err, vault.ErrGone)
		} else if err != nil || id != m.names[name] {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

// checkLetters reads a list to its end. Serials rise with each letter and are given
// once, whatever was destroyed in between.
func (m *inboxModel) checkLetters(b box, h *modelBox) {
	var there []vault.Letter
	for before, more := uint64(0), true; more; {
		l, err := m.v.Letters(b.id, before, 5)
		if err != nil || l.Count != len(h.letters) {
			m.t.Fatalf("%+v %v, want %d", l, err, len(h.letters))
		}
		if more = l.More; more {
			before = l.Letters[len(l.Letters)-1].Serial
		}
		there = append(there, l.Letters...)
	}
	slices.Reverse(there)
	for _, l := range h.letters {
		if !m.now.Before(l.expires) {
			m.is(holds(m.v, b, l.Message), vault.ErrGone)
			continue
		}
		if len(there) == 0 || there[0].Reference != l.Ref || there[0].Left != l.expires.Sub(m.now) ||
			l.serial != 0 && there[0].Serial != l.serial || l.serial == 0 && there[0].Serial <= h.serial {
			m.t.Fatalf("listed %+v, want %+v after %d", there, l, h.serial)
		}
		l.serial = there[0].Serial
		h.serial = max(h.serial, l.serial)
		there = there[1:]
	}
	if len(there) > 0 {
		m.t.Fatalf("listed and not there: %+v", there)
	}
	if n := len(h.letters); n > 0 && m.now.Before(h.letters[n-1].expires) {
		m.is(holds(m.v, b, h.letters[n-1].Message), nil)
	}
}
