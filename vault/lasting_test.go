package vault_test

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
)

// An inbox and its notebooks are renewed for as long as somebody uses them: Badger
// must not drop their chunks at a time of its own.
func TestInboxChunksLast(t *testing.T) {
	v := vaulttest.New(t)
	for _, kind := range []vault.InboxKind{vault.KindInbox, vault.KindReply, vault.KindRequest} {
		b := opened(t, v.Vault, kind)
		must(t, rewritten(v.Vault, b.id, b.id, []byte("notes")))
		must(t, letterTo(b, 10).Put(v.Vault))
	}
	if always, until, err := v.Lasting(); err != nil || always != 6 || until != 3 {
		t.Fatalf("%d chunks without a time to live, %d with one, %v", always, until, err)
	}
}

// Whoever closes the vault waits for the calls under way, and they for nobody: a
// call that entered twice would wait for whoever waits for it.
func TestCloseDuringCalls(t *testing.T) {
	type rig struct {
		*vaulttest.Vault
		b      box
		letter *vaulttest.Message
		code   [16]byte
	}
	calls := map[string]func(r *rig) error{
		"Letters":        func(r *rig) error { _, err := r.Letters(r.b.id, 0, 10); return err },
		"Letter":         func(r *rig) error { return holds(r.Vault.Vault, r.b, r.letter) },
		"DestroyLetters": func(r *rig) error { return r.DestroyLetter(r.b.id, r.letter.Ref) },
		"Notebook":       func(r *rig) error { _, err := r.Notebook(r.b.id, r.b.id); return err },
		"PutNotebook": func(r *rig) error {
			return r.PutNotebook(r.b.id, r.b.id, sha256.Sum256([]byte("notes")), []byte("more"))
		},
		"Inbox":         func(r *rig) error { _, err := r.Inbox(r.b.id); return err },
		"OpenInbox":     func(r *rig) error { return second(r.OpenInbox(r.b.id, vault.KindInbox, r.b.recipients, 0)) },
		"DestroyInbox":  func(r *rig) error { return r.DestroyInbox(r.b.id) },
		"ReserveLetter": func(r *rig) error { _, _, err := r.ReserveLetter(r.b.id, 0); return err },
		"SetAlias":      func(r *rig) error { return r.SetAlias("other", r.b.id) },
		"Alias":         func(r *rig) error { _, err := r.Alias("news"); return err },
		"Aliases":       func(r *rig) error { r.Aliases(); return nil },
		"RemoveAlias":   func(r *rig) error { return r.RemoveAlias("news") },
		"Invite":        func(r *rig) error { return r.Invite(r.code, false) },
		"UseInvite":     func(r *rig) error { return r.UseInvite(r.code) },
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			v := vaulttest.New(t)
			r := &rig{Vault: v, b: opened(t, v.Vault, vault.KindInbox)}
			r.letter = v.Stored(t, 10, to(r.b))
			must(t, rewritten(v.Vault, r.b.id, r.b.id, []byte("notes")))
			must(t, v.SetAlias("news", r.b.id))
			var err error
			r.code, err = v.NewInvite(false, time.Hour)
			must(t, err)
			closed, once := make(chan error, 1), sync.Once{}
			v.Layer.SetHook(func(vaulttest.Op) error {
				once.Do(func() {
					go func() { closed <- v.Close() }()
					for !v.ClosingWaits() {
						runtime.Gosched()
					}
				})
				return nil
			})
			err = call(r)
			if err != nil && !errors.Is(err, vault.ErrLocked) {
				t.Error(err)
			}
			must(t, <-closed)
		})
	}
}

// An owner with two devices never finds no notebook because one of them is just
// replacing it: it would begin a new one.
func TestNotebookIsAlwaysThere(t *testing.T) {
	v := vaulttest.New(t)
	b := opened(t, v.Vault, vault.KindInbox)
	must(t, rewritten(v.Vault, b.id, b.id, []byte("notes")))
	var done atomic.Bool
	var wait sync.WaitGroup
	wait.Go(func() {
		defer done.Store(true)
		for i := range 50 {
			if err := rewritten(v.Vault, b.id, b.id, fmt.Append(nil, i)); err != nil {
				t.Error(err)
			}
		}
	})
	for !done.Load() {
		if _, err := v.Notebook(b.id, b.id); err != nil {
			t.Error(err)
			break
		}
	}
	wait.Wait()
}

// A page on which every letter is due, but not yet erased, is not the end of the
// list, nor an empty part of it.
func TestListOfWhatIsDue(t *testing.T) {
	v := vaulttest.New(t)
	b := opened(t, v.Vault, vault.KindInbox)
	old := v.Stored(t, 10, to(b))
	for range 4 {
		v.Stored(t, 10, to(b), func(m *vaulttest.Message) { m.Terms.Lifetime = time.Minute })
	}
	v.Clock.Advance(2 * time.Minute)
	l, err := v.Letters(b.id, 0, 2)
	if err != nil || len(l.Letters) != 1 || l.More || l.Letters[0].Reference != old.Ref {
		t.Fatalf("%+v %v", l, err)
	}
	must(t, v.DestroyLetter(b.id, old.Ref))
	if l, err = v.Letters(b.id, 0, 2); err != nil || len(l.Letters) != 0 || l.More {
		t.Fatalf("%+v %v", l, err)
	}
}

// A list stays in order while letters go and others take their slots.
func TestListWhileLettersGo(t *testing.T) {
	v := vaulttest.New(t)
	b := opened(t, v.Vault, vault.KindInbox)
	for range 40 {
		v.Stored(t, 10, to(b))
	}
	var done atomic.Bool
	var wait sync.WaitGroup
	wait.Go(func() {
		defer done.Store(true)
		for range 50 {
			l, err := v.Letters(b.id, 0, 100)
			if err != nil || len(l.Letters) != 40 {
				t.Errorf("%+v %v", l, err)
				return
			}
			if err := v.DestroyLetter(b.id, l.Letters[39].Reference); err != nil {
				t.Error(err)
			}
			if err := letterTo(b, 10).Put(v.Vault); err != nil {
				t.Error(err)
			}
		}
	})
	for !done.Load() {
		l, err := v.Letters(b.id, 0, 100)
		if err != nil || !slices.IsSortedFunc(l.Letters, func(a, b vault.Letter) int { return cmp.Compare(b.Serial, a.Serial) }) {
			t.Errorf("%+v %v", l, err)
			break
		}
	}
	wait.Wait()
}

// A serial names one letter for ever, whatever was destroyed before a restart:
// somebody may still have it in a list, or be about to type it.
func TestSerialsAreGivenOnce(t *testing.T) {
	v := vaulttest.New(t)
	b, last := opened(t, v.Vault, vault.KindInbox), uint64(0)
	for _, letters := range []int{70, 3, 1} {
		for range letters {
			m := v.Stored(t, 10, to(b))
			l, err := v.Letters(b.id, 0, 1)
			if err != nil || l.Letters[0].Serial <= last {
				t.Fatalf("%+v after %d: %v", l, last, err)
			}
			last = l.Letters[0].Serial
			must(t, v.DestroyLetter(b.id, m.Ref))
		}
		v.Reopen(t)
	}
}

// Whatever write of an answer fails: a request that took a letter takes no other,
// also when that one was destroyed.
func TestRequestTakesOneLetterWhateverFails(t *testing.T) {
	there := 0
	for n, came := 1, true; came; n++ {
		v := vaulttest.New(t)
		b := opened(t, v.Vault, vault.KindRequest)
		left := n
		v.Layer.SetHook(func(o vaulttest.Op) error {
			if o == vaulttest.Write {
				left--
			}
			if o == vaulttest.Write && left == 0 {
				return syscall.EIO
			}
			return nil
		})
		m := letterTo(b, 10)
		_ = m.Put(v.Vault)
		came = left <= 0
		v.Layer.SetHook(nil)
		v.Reopen(t)
		if holds(v.Vault, b, m) != nil {
			continue
		}
		there++
		must(t, v.DestroyLetter(b.id, m.Ref))
		v.Reopen(t)
		want(t, "another letter", letterTo(b, 10).Put(v.Vault), vault.ErrConflict)
	}
	if there < 2 {
		t.Fatal("no fault came after the letter: the test is blind")
	}
}

// An inbox whose keys were lost with a damaged value is whole again when its owner
// opens it again, and what else is in it is not touched.
func TestLostRecipients(t *testing.T) {
	for _, kind := range []vault.InboxKind{vault.KindInbox, vault.KindReply, vault.KindRequest} {
		v := vaulttest.New(t)
		b := opened(t, v.Vault, kind)
		must(t, v.LoseChunks())
		m := v.Stored(t, 10, to(b))
		_, err := v.Inbox(b.id)
		want(t, "lost", err, vault.ErrGone)
		must(t, second(v.OpenInbox(b.id, kind, b.recipients, time.Hour)))
		v.Reopen(t)
		if info, err := v.Inbox(b.id); err != nil || !bytes.Equal(info.Recipients, b.recipients) || info.Letters != 1 {
			t.Fatalf("%+v %v", info, err)
		}
		must(t, holds(v.Vault, b, m))
	}
}
