package vault_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
)

// shelf is what the world outside knows of an inbox and what is in it.
type shelf struct {
	box
	kind          vault.InboxKind
	open, destroy step
	expires       span // of a request
	letters       []*filed
	notes         []*filed // one after the other
	alias         string
	named         step
	harmed        bool // the medium lied about a slot of it
}

// filed is a letter or a notebook.
type filed struct {
	*vaulttest.Message
	put, erase step
}

// check says what is wrong with what an open vault holds of the inbox, and how
// many slots that takes.
func (s *shelf) check(v *vault.Vault) (used int, err error) {
	now := v.Status().Now
	expires := s.kind == vault.KindRequest
	_, err = v.Inbox(s.id)
	switch there := err == nil; {
	case err != nil && !errors.Is(err, vault.ErrGone):
		return 0, err
	case there && (s.open == never || s.destroy == done || expires && !now.Before(s.expires.to)):
		return 0, errors.New("it is back")
	case !there && s.open == done && s.destroy == never && !s.harmed && (!expires || now.Before(s.expires.from)):
		return 0, errors.New("it is lost")
	case !there:
		return 0, s.nothing(v)
	}
	letters, err := s.checkLetters(v)
	if err != nil {
		return 0, err
	}
	notes, err := s.checkNotes(v)
	if err != nil {
		return 0, err
	}
	used = 1 + letters + notes
	id, err := v.Alias(s.alias)
	if err != nil && s.named == done && !s.harmed {
		return 0, errors.New("its name is lost")
	}
	if err == nil {
		used++
		if id != s.id {
			return 0, errors.New("its name is another's")
		}
	}
	return used, nil
}

// nothing is what must be left under an inbox that is gone.
func (s *shelf) nothing(v *vault.Vault) error {
	for i, l := range s.letters {
		if _, err := v.Letter(s.id, l.Ref); !errors.Is(err, vault.ErrGone) {
			return fmt.Errorf("the inbox is gone, letter %d: %v", i, err)
		}
	}
	if _, err := v.Notebook(s.id, s.id); !errors.Is(err, vault.ErrGone) {
		return fmt.Errorf("the inbox is gone, its notebook: %v", err)
	}
	if _, err := v.Alias(s.alias); !errors.Is(err, vault.ErrGone) {
		return fmt.Errorf("the inbox is gone, its name: %v", err)
	}
	return nil
}

func (s *shelf) checkLetters(v *vault.Vault) (there int, err error) {
	for i, l := range s.letters {
		switch err := holds(v, s.box, l.Message); {
		case err != nil && !errors.Is(err, vault.ErrGone):
			return 0, err
		case err == nil && (l.put == never || l.erase == done):
			return 0, fmt.Errorf("letter %d is back", i)
		case err != nil && l.put == done && l.erase == never && !s.harmed:
			return 0, fmt.Errorf("letter %d is lost", i)
		case err == nil:
			there++
		}
	}
	l, err := v.Letters(s.id, 0, 100)
	if err != nil || l.Count != there || len(l.Letters) != there {
		return 0, fmt.Errorf("%d letters of %d listed: %v", len(l.Letters), there, err)
	}
	return there, nil
}

// checkNotes finds the last notebook that was answered, or one begun later.
func (s *shelf) checkNotes(v *vault.Vault) (there int, err error) {
	c, err := v.Notebook(s.id, s.id)
	if errors.Is(err, vault.ErrGone) {
		for _, n := range s.notes {
			if n.put == done && !s.harmed {
				return 0, errors.New("the notebook is lost")
			}
		}
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	got, err := io.ReadAll(io.NewSectionReader(c, 0, c.Size()))
	if err != nil {
		return 0, err
	}
	for i := len(s.notes) - 1; i >= 0; i-- {
		if n := s.notes[i]; n.put != never && bytes.Equal(got, n.Data) {
			return 1, nil
		} else if n.put == done && !s.harmed {
			break
		}
	}
	return 0, errors.New("an old notebook is back")
}

// library is a life of inboxes, for tests that make something go wrong in it.
type library struct {
	shelves []*shelf
	now     func() time.Time
	vault   func() *vault.Vault
	note    func(s *shelf, change func()) // change is known from now on
	harm    func(s *shelf, act func())    // runs act; what it does may be damaged
}

func (l *library) do(s *shelf, begin func(), act func(v *vault.Vault) error, end func()) {
	l.note(s, begin)
	var err error
	l.harm(s, func() { err = act(l.vault()) })
	if err == nil {
		l.note(s, end)
	}
}

func (l *library) open(kind vault.InboxKind, life time.Duration) *shelf {
	s := &shelf{box: drawBox(), kind: kind, alias: fmt.Sprintf("name-%d", len(l.shelves))}
	l.shelves = append(l.shelves, s)
	from := l.now()
	l.do(s, func() {
		s.open = tried
		s.expires = span{from, from.Add(2 * time.Hour)}.add(life) // a disk that hangs lets time pass
	}, func(v *vault.Vault) error {
		_, err := v.OpenInbox(s.id, kind, s.recipients, life)
		return err
	}, func() { s.open = done })
	return s
}

func (l *library) letter(s *shelf) *filed {
	f := &filed{Message: letterTo(s.box, 100)}
	f.Terms.Lifetime = 24 * time.Hour
	s.letters = append(s.letters, f)
	l.do(s, func() { f.put = tried }, f.Put, func() { f.put = done })
	return f
}

func (l *library) notebook(s *shelf) {
	f := &filed{Message: vaulttest.Draw(100)}
	s.notes = append(s.notes, f)
	l.do(s, func() { f.put = tried },
		func(v *vault.Vault) error { return rewritten(v, s.id, s.id, f.Data) }, func() { f.put = done })
}

func (l *library) name(s *shelf) {
	l.do(s, func() { s.named = tried },
		func(v *vault.Vault) error { return v.SetAlias(s.alias, s.id) }, func() { s.named = done })
}

func (l *library) destroyLetters(s *shelf, all ...*filed) {
	var refs []vault.Reference
	for _, f := range all {
		refs = append(refs, f.Ref)
	}
	to := func(x step) func() {
		return func() {
			for _, f := range all {
				f.erase = x
			}
		}
	}
	l.do(s, to(tried), func(v *vault.Vault) error {
		_, err := v.DestroyLetters(s.id, refs)
		return err
	}, to(done))
}

func (l *library) destroy(s *shelf) {
	l.do(s, func() { s.destroy = tried },
		func(v *vault.Vault) error { return v.DestroyInbox(s.id) }, func() { s.destroy = done })
}

// play is everything that happens to inboxes.
func (l *library) play(advance func(time.Duration), reopen func()) {
	a, due := l.open(vault.KindInbox, time.Hour), l.open(vault.KindRequest, 5*time.Minute)
	one, two := l.letter(a), l.letter(a)
	l.letter(a)
	l.notebook(a)
	l.name(a)
	l.notebook(a)
	l.letter(due)
	l.notebook(due)
	l.name(due)
	reply := l.open(vault.KindReply, time.Hour)
	l.letter(reply)
	l.notebook(reply)
	l.destroyLetters(a, one, two)
	l.destroy(a)
	advance(130 * time.Minute)
	_ = l.vault().Maintain()
	reopen()
	b := l.open(vault.KindInbox, time.Hour)
	l.letter(b)
	l.notebook(b)
	l.destroy(reply)
	_ = l.vault().Maintain()
}

// check holds everything against an open vault on dir, of which nothing else is.
func (l *library) check(v *vault.Vault, dir string) error {
	used := 0
	for i, s := range l.shelves {
		n, err := s.check(v)
		if err != nil {
			return fmt.Errorf("inbox %d: %w", i, err)
		}
		used += n
	}
	if s := v.Status(); s.Used != used {
		return fmt.Errorf("%d slots for %d things", s.Used, used)
	}
	b, err := os.ReadFile(filepath.Join(dir, "slots"))
	if err != nil {
		return err
	}
	for o := 4096; o < len(b); o += 256 {
		if b[o] != 0 {
			used--
		}
	}
	if used != 0 {
		return fmt.Errorf("%d things more than slots that are not erased", used)
	}
	return nil
}

// A power cut at any instant in a life of inboxes: either everything is there
// that was answered, or nothing under the inbox can be opened, and nothing of it
// is left. Of two notebooks one stays.
func TestPowerCutUnderInbox(t *testing.T) {
	clock := vaulttest.NewClock()
	h := &history{t: t, clock: clock}
	dir := vaulttest.FastDir(t)
	v := h.open(dir)
	end := v.KeepChunks()
	l := &library{now: clock.Clock().Wall, vault: func() *vault.Vault { return v }}
	l.note = func(_ *shelf, change func()) { h.Journal.Note(told{change, clock.Clock().Wall()}) }
	l.harm = func(_ *shelf, act func()) { act() }
	l.play(func(d time.Duration) {
		clock.Advance(d)
		h.Journal.Note(told{func() {}, clock.Clock().Wall()})
	}, func() {})
	chunks := filepath.Join(filepath.Dir(dir), "chunks")
	// Before the end: then chunks of what was destroyed may go at once.
	if err := vaulttest.CopyFolder(dir, chunks); err != nil {
		t.Fatal(err)
	}
	end()
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	c := &shelfCuts{t: t, l: l, chunks: chunks, seen: make(map[string]bool)}
	c.replay(h.Take())
	if len(c.seen) < 50 {
		t.Fatalf("%d power cuts: the test is blind", len(c.seen))
	}
	t.Logf("%d power cuts", len(c.seen))
}

// told is a change of what is known.
type told struct {
	change func()
	now    time.Time
}

type shelfCuts struct {
	t      *testing.T
	l      *library
	chunks string
	now    time.Time
	told   int
	seen   map[string]bool
}

func (c *shelfCuts) replay(entries []vaulttest.Entry) {
	disk, err := os.ReadFile(filepath.Join(c.chunks, "slots"))
	must(c.t, err)
	clear(disk[4096:]) // as it was made
	var unsynced []vaulttest.Entry
	for _, e := range entries {
		switch {
		case e.Note != nil:
			n := e.Note.(told)
			n.change()
			c.now, c.told = n.now, c.told+1
		case e.Op == vaulttest.Write:
			unsynced = append(unsynced, e)
		case e.Op == vaulttest.Sync:
			c.cut("none", disk)
			for _, w := range unsynced {
				c.cut("one alone", after(disk, []vaulttest.Entry{w}))
			}
			for range min(2, len(unsynced)-1) {
				c.cut("some sectors", someSectors(disk, unsynced))
			}
			disk, unsynced = after(disk, unsynced), nil
			c.cut("all", disk)
		}
	}
	c.cut("at the end", disk)
}

func (c *shelfCuts) cut(how string, slots []byte) {
	c.t.Helper()
	if now := fmt.Sprint(c.told) + string(slots); c.seen[now] {
		return
	} else {
		c.seen[now] = true
	}
	dir := filepath.Join(filepath.Dir(c.chunks), "cut")
	defer os.RemoveAll(dir)
	must(c.t, vaulttest.CopyFolder(c.chunks, dir))
	must(c.t, os.WriteFile(filepath.Join(dir, "slots"), slots, 0o600))
	clock := vaulttest.NewClock()
	clock.Set(c.now.Sub(clock.Clock().Wall()))
	v, err := vault.Open(dir, vaulttest.Options(clock, new(vaulttest.Layer)))
	must(c.t, err)
	defer v.Close()
	if err := v.Maintain(); err != nil || !v.Status().Open {
		c.t.Fatalf("%s: %v %+v", how, err, v.Status())
	}
	nothingOverdue(c.t, dir, c.now)
	if err := c.l.check(v, dir); err != nil {
		c.t.Fatalf("%s, after %d notes: %v", how, c.told, err)
	}
}
