package vault_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
)

// small opens a vault of few slots.
func small(t *testing.T, slots int, quota int64) *vaulttest.Vault {
	t.Helper()
	v := &vaulttest.Vault{Clock: vaulttest.NewClock(), Layer: new(vaulttest.Layer), Dir: t.TempDir() + "/data"}
	o := vaulttest.Options(v.Clock, v.Layer)
	o.Slots, o.Quota = slots, quota
	opened, err := vault.Open(v.Dir, o)
	must(t, err)
	v.Vault = opened
	t.Cleanup(func() { v.Close() })
	must(t, v.Maintain())
	return v
}

// A flood of one inbox, by number or by bytes, fills that inbox and no other.
func TestFloodOfOneInbox(t *testing.T) {
	for _, c := range []struct {
		kind        vault.InboxKind
		slots, size int
		quota       int64
		fit         int
	}{
		{vault.KindInbox, 400, 10, 1 << 20, 50},
		{vault.KindInbox, 100, 10, 1 << 20, 32},
		{vault.KindInbox, 400, 1000, 40_000, 10},
		{vault.KindReply, 1000, 10, 1 << 20, 64},
		{vault.KindReply, 1000, 1000, 160_000, 10},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			v := small(t, c.slots, c.quota)
			b, other := opened(t, v.Vault, c.kind), opened(t, v.Vault, vault.KindInbox)
			var refs []vault.Reference
			for range c.fit {
				refs = append(refs, v.Stored(t, c.size, to(b)).Ref)
			}
			for range 3 {
				want(t, "one more", letterTo(b, c.size).Put(v.Vault), vault.ErrFull)
			}
			v.Stored(t, c.size, to(other))
			v.Stored(t, c.size)
			must(t, rewritten(v.Vault, b.id, b.id, []byte("notes")))
			if n, err := v.DestroyLetters(b.id, refs[:1]); n != 1 || err != nil {
				t.Fatal(n, err)
			}
			v.Stored(t, c.size, to(b))
		})
	}
}

// A letter that no inbox of the kind ever takes is refused when it is announced, and
// also when it was not.
func TestTooLargeForAnInbox(t *testing.T) {
	v := small(t, 100, 160_000)
	limits := v.Limits()
	for kind, most := range map[vault.InboxKind]int64{
		vault.KindInbox: limits.MaxLetter, vault.KindRequest: limits.MaxLetter, vault.KindReply: limits.MaxReply,
	} {
		b := opened(t, v.Vault, kind)
		_, _, err := v.ReserveLetter(b.id, most+1)
		want(t, "announced", err, vault.ErrTooLarge)
		want(t, "not announced", letterTo(b, int(most)+1).Put(v.Vault), vault.ErrTooLarge)
		if _, _, err = v.ReserveLetter(b.id, most); err != nil {
			t.Errorf("%v: %v", kind, err)
		}
		v.Stored(t, int(most), to(b))
		if _, _, err = v.ReserveLetter(b.id, most); err != nil {
			t.Errorf("a reservation tells what lies in it: %v", err)
		}
	}
	if limits.MaxLetter != 40_000 || limits.MaxReply != 10_000 {
		t.Errorf("%+v", limits)
	}
}

// The limits are told also where the slots could not be opened: pages ask for them.
func TestLimitsWithoutSlots(t *testing.T) {
	v := small(t, 100, 160_000)
	limits := v.Limits()
	must(t, v.Close())
	must(t, os.WriteFile(filepath.Join(v.Dir, "slots"), []byte("damage"), 0o600))
	o := vaulttest.Options(v.Clock, v.Layer)
	o.Quota = 160_000
	damaged, err := vault.Open(v.Dir, o)
	must(t, err)
	defer damaged.Close()
	if got := damaged.Limits(); damaged.Status().Open || got != limits {
		t.Errorf("%+v, and before %+v", got, limits)
	}
}

// When everything else is full, a source still opens a mailbox, gets an answer
// and keeps a notebook; nothing else slips in with that.
func TestRepliesWhenFull(t *testing.T) {
	v := small(t, 100, 1<<20)
	b, before := opened(t, v.Vault, vault.KindInbox), opened(t, v.Vault, vault.KindReply)
	for v.Status().Filled < vault.FullAt {
		v.Stored(t, 10)
	}
	want(t, "link", vaulttest.Draw(10).Put(v.Vault), vault.ErrFull)
	_, _, err := v.ReserveLetter(b.id, 0)
	want(t, "letter to an inbox", err, vault.ErrFull)
	_, _, err = v.ReserveLetter(drawBox().id, 0)
	want(t, "letter to nobody", err, vault.ErrGone)
	fresh := drawBox()
	for _, kind := range []vault.InboxKind{vault.KindInbox, vault.KindRequest} {
		_, err = v.OpenInbox(fresh.id, kind, fresh.recipients, time.Hour)
		want(t, "opening", err, vault.ErrFull)
	}
	want(t, "an inbox's notebook", rewritten(v.Vault, b.id, b.id, []byte("notes")), vault.ErrFull)
	if _, err = v.OpenInbox(b.id, vault.KindInbox, b.recipients, 0); err != nil {
		t.Fatalf("renewing: %v", err)
	}
	slip := vaulttest.Draw(10) // a link with a reservation for a reply
	slip.Ref, slip.Upload, err = v.ReserveLetter(before.id, 0)
	must(t, err)
	_, err = v.Put(slip.Ref, slip.Upload, slip.Data, slip.Terms)
	want(t, "a link in the place of a reply", err, vault.ErrFull)
	to(b)(slip)
	_, err = v.Put(slip.Ref, slip.Upload, slip.Data, slip.Terms)
	want(t, "a letter in the place of a reply", err, vault.ErrFull)

	if _, err = v.OpenInbox(fresh.id, vault.KindReply, fresh.recipients, 0); err != nil {
		t.Fatal(err)
	}
	for _, to := range []box{before, fresh} {
		m := letterTo(to, 10)
		m.Ref, m.Upload, err = v.ReserveLetter(to.id, 0)
		must(t, err)
		if _, err = v.Put(m.Ref, m.Upload, m.Data, m.Terms); err != nil {
			t.Fatal(err)
		}
		must(t, holds(v.Vault, to, m))
		must(t, rewritten(v.Vault, to.id, to.id, []byte("notes")))
	}
	for v.Status().Filled < vault.ReplyFullAt {
		m := letterTo(fresh, 10)
		m.Ref, m.Upload, err = v.ReserveLetter(fresh.id, 0)
		must(t, err)
		if _, err = v.Put(m.Ref, m.Upload, m.Data, m.Terms); err != nil {
			t.Fatal(err)
		}
	}
	_, _, err = v.ReserveLetter(fresh.id, 0)
	want(t, "a reply", err, vault.ErrFull)
	_, err = v.OpenInbox(drawBox().id, vault.KindReply, b.recipients, 0)
	want(t, "a mailbox", err, vault.ErrFull)
	must(t, v.DestroyInbox(fresh.id))
}

// While locked nothing of an inbox is given out but who may destroy it, and what
// is to be destroyed is tried.
func TestInboxWhileLocked(t *testing.T) {
	v := vaulttest.New(t)
	b, other := opened(t, v.Vault, vault.KindInbox), opened(t, v.Vault, vault.KindReply)
	one, two := v.Stored(t, 10, to(b), brief(24*60)), v.Stored(t, 10, to(b), brief(24*60))
	must(t, rewritten(v.Vault, b.id, b.id, []byte("notes")))
	must(t, v.SetAlias("news", b.id))
	code, err := v.NewInvite(false, time.Hour)
	must(t, err)
	reading, err := v.Letter(b.id, one.Ref)
	must(t, err)
	ref, upload, err := v.Reserve()
	must(t, err)
	v.Clock.Advance(76 * time.Minute)
	lockedFor(t, v, vault.CauseOverdue)
	for what, act := range map[string]func() error{
		"open":         func() error { return second(v.OpenInbox(b.id, vault.KindInbox, b.recipients, 0)) },
		"reserve":      func() error { _, _, err := v.ReserveLetter(b.id, 0); return err },
		"put":          func() error { _, err := v.Put(ref, upload, one.Data, one.Terms); return err },
		"letters":      func() error { _, err := v.Letters(b.id, 0, 10); return err },
		"letter":       func() error { _, err := v.Letter(b.id, one.Ref); return err },
		"reading":      func() error { _, err := reading.ReadAt(make([]byte, 1), 0); return err },
		"notebook":     func() error { _, err := v.Notebook(b.id, b.id); return err },
		"put notebook": func() error { return v.PutNotebook(b.id, b.id, vault.Edition{}, []byte("x")) },
		"set alias":    func() error { return v.SetAlias("other", b.id) },
		"remove alias": func() error { return v.RemoveAlias("news") },
		"alias":        func() error { _, err := v.Alias("news"); return err },
		"new invite":   func() error { _, err := v.NewInvite(true, time.Hour); return err },
		"invite":       func() error { return v.Invite(code, false) },
		"use invite":   func() error { return v.UseInvite(code) },
	} {
		want(t, what, act(), vault.ErrLocked)
	}
	if v.Aliases() != nil {
		t.Fatal("names were listed")
	}
	if i, err := v.Inbox(b.id); err != nil || string(i.Recipients) != string(b.recipients) {
		t.Fatalf("%v", err)
	}
	want(t, "destroying a letter", v.DestroyLetter(b.id, one.Ref), vault.ErrNotProven)
	want(t, "destroying an inbox", v.DestroyInbox(other.id), vault.ErrNotProven)
	must(t, v.Maintain())
	want(t, "a destroyed letter", holds(v.Vault, b, one), vault.ErrGone)
	must(t, holds(v.Vault, b, two))
	_, err = v.Inbox(other.id)
	want(t, "a destroyed inbox", err, vault.ErrGone)
	v.Layer.SetHook(always(vaulttest.Sync, errInjected))
	want(t, "destroying", v.DestroyInbox(b.id), vault.ErrLocked)
	if err := v.DestroyLetter(b.id, two.Ref); !errors.Is(err, vault.ErrLocked) || errors.Is(err, vault.ErrNotProven) {
		t.Fatalf("after a failed sync: %v", err)
	}
	lockedFor(t, v, vault.CauseFsync)
}

// Volatile, DestroyAll and the operator's word treat inboxes as all else.
func TestInboxesOtherwise(t *testing.T) {
	fill := func(v *vaulttest.Vault) (box, *vaulttest.Message) {
		b := opened(t, v.Vault, vault.KindInbox)
		m := v.Stored(t, 300_000, to(b))
		must(t, rewritten(v.Vault, b.id, b.id, []byte("notes")))
		must(t, v.SetAlias("news", b.id))
		_, err := v.NewInvite(true, time.Hour)
		must(t, err)
		must(t, holds(v.Vault, b, m))
		return b, m
	}
	t.Run("volatile", func(t *testing.T) {
		v := volatile(t, t.TempDir()+"/data")
		b, m := fill(v)
		must(t, v.Maintain())
		must(t, holds(v.Vault, b, m))
		must(t, v.DestroyInbox(b.id))
		if s := v.Status(); s.Used != 1 {
			t.Fatalf("%+v", s)
		}
	})
	t.Run("destroy all", func(t *testing.T) {
		v := vaulttest.New(t)
		b, m := fill(v)
		if n, err := v.DestroyAll(); n != 5 || err != nil {
			t.Fatal(n, err)
		}
		want(t, "letter", holds(v.Vault, b, m), vault.ErrGone)
		if s := v.Status(); s.Used != 0 || s.Inboxes != 0 || s.Letters != 0 || s.Bytes != 0 {
			t.Fatalf("%+v", s)
		}
		fill(v)
	})
	t.Run("unlock", func(t *testing.T) {
		v := vaulttest.New(t)
		b, m := fill(v)
		v.Layer.SetHook(once(vaulttest.Sync, 1, errInjected))
		want(t, "put", letterTo(b, 10).Put(v.Vault), vault.ErrLocked)
		v.Layer.SetHook(nil)
		must(t, v.Unlock(vault.CauseFsync))
		must(t, holds(v.Vault, b, m))
		must(t, holdsNotebook(v.Vault, b, b.id, []byte("notes")))
		if got, err := v.Alias("news"); err != nil || got != b.id {
			t.Fatal(err)
		}
	})
}

// A damaged slot of an inbox is erased, and everything that hung on it; at once
// when a maintenance finds it, and when the folder is opened.
func TestDamagedInbox(t *testing.T) {
	for _, running := range []bool{true, false} {
		v := vaulttest.New(t)
		b, other := opened(t, v.Vault, vault.KindInbox), opened(t, v.Vault, vault.KindInbox)
		m, stays := v.Stored(t, 10, to(b)), v.Stored(t, 10, to(other))
		must(t, rewritten(v.Vault, b.id, b.id, []byte("notes")))
		must(t, v.SetAlias("news", b.id))
		if !running {
			must(t, v.Close())
		}
		path := filepath.Join(v.Dir, "slots")
		slots, err := os.ReadFile(path)
		must(t, err)
		at := 4096 // the first that was made
		for slots[at+3] != byte(vault.KindInbox) {
			at += 256
		}
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		must(t, err)
		_, err = f.WriteAt([]byte{slots[at+40] ^ 1}, int64(at+40))
		must(t, errors.Join(err, f.Sync(), f.Close()))
		if running {
			must(t, v.Maintain())
		} else {
			v.Reopen(t)
		}
		_, err = v.Inbox(b.id)
		want(t, "inbox", err, vault.ErrGone)
		want(t, "letter", holds(v.Vault, b, m), vault.ErrGone)
		must(t, holds(v.Vault, other, stays))
		if s := v.Status(); s.Used != 2 || len(slotKeys(t, v.Dir)) != 2 || len(v.Aliases()) != 0 {
			t.Fatalf("%+v", s)
		}
	}
}

// A folder of before there were inboxes opens with all it holds, and from then on
// bears the mark that keeps away who knows no inboxes.
func TestFolderOfMessagesOnly(t *testing.T) {
	v := vaulttest.New(t)
	m := v.Stored(t, 1000)
	must(t, v.Close())
	path := filepath.Join(v.Dir, "slots")
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	must(t, err)
	head := make([]byte, 32)
	_, err = f.ReadAt(head, 0)
	must(t, err)
	copy(head, "ashpost slots 1\n")
	binary.BigEndian.PutUint32(head[24:], crc32.Checksum(head[:24], crc32.MakeTable(crc32.Castagnoli)))
	_, err = f.WriteAt(head, 0)
	must(t, errors.Join(err, f.Close()))
	for range 2 {
		v.Reopen(t)
		if _, err := v.State(m.Ref, m.Manage); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		must(t, err)
		if string(b[:16]) != "ashpost slots 2\n" {
			t.Fatalf("%q", b[:16])
		}
	}
}

// Inboxes last for a year: a flood of them ends while there is room for all else.
func TestFloodOfInboxes(t *testing.T) {
	v := small(t, 200, 1<<20)
	reply, before := opened(t, v.Vault, vault.KindReply), opened(t, v.Vault, vault.KindInbox)
	for n := 1; n < 200/4; n++ {
		opened(t, v.Vault, []vault.InboxKind{vault.KindInbox, vault.KindRequest}[n%2])
	}
	fresh := drawBox()
	for _, kind := range []vault.InboxKind{vault.KindInbox, vault.KindRequest} {
		_, err := v.OpenInbox(fresh.id, kind, fresh.recipients, time.Hour)
		want(t, "one more", err, vault.ErrFull)
	}
	_, err := v.OpenInbox(reply.id, vault.KindInbox, reply.recipients, 0)
	want(t, "one more of a mailbox", err, vault.ErrFull)

	v.Stored(t, 10)
	v.Stored(t, 10, to(before))
	v.Stored(t, 10, to(reply))
	opened(t, v.Vault, vault.KindReply)
	if _, err := v.OpenInbox(before.id, vault.KindInbox, before.recipients, 0); err != nil {
		t.Fatal("renewing:", err)
	}
	must(t, v.DestroyInbox(before.id))
	if _, err := v.OpenInbox(fresh.id, vault.KindInbox, fresh.recipients, 0); err != nil {
		t.Fatal("in the place of one that ended:", err)
	}
}
