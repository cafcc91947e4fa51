package vault_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
)

// history is what happened on the slot file and outside, in one order.
type history struct {
	vaulttest.Journal
	t     *testing.T
	clock *vaulttest.Clock
}

// noted changes what is known of message i.
type noted struct {
	i      int
	change func(*known)
	now    time.Time
}

func (h *history) note(i int, change func(*known)) {
	h.Journal.Note(noted{i, change, h.clock.Clock().Wall()})
}

// A power cut at any instant: the slot file as each prefix of its writes and
// syncs can leave it. What was synced is there; of the rest, each sector holds
// any of its later versions. Each such file is put beside the chunks, opened,
// maintained, and held against what had been answered by then.
func TestPowerCutAtEveryWrite(t *testing.T) {
	h := &history{t: t, clock: vaulttest.NewClock()}
	dir := vaulttest.FastDir(t)
	v := h.open(dir)
	const many = 24
	var all []*vaulttest.Message
	for range many {
		m := vaulttest.Draw(100 + rand.IntN(vault.SmallSize/8))
		m.Terms.Lifetime = 24 * time.Hour
		all = append(all, m)
	}
	for _, m := range all[many-4:] {
		m.Terms.Lifetime = 5 * time.Minute
	}
	h.together(all, func(i int, m *vaulttest.Message) { h.create(v, i, m) })
	if err := v.Close(); err != nil { // its chunks: from now on only slots change
		t.Fatal(err)
	}
	chunks := filepath.Join(filepath.Dir(dir), "chunks")
	if err := vaulttest.CopyFolder(dir, chunks); err != nil {
		t.Fatal(err)
	}

	v = h.open(dir)
	h.together(all, func(i int, m *vaulttest.Message) {
		if i%4 > 0 {
			h.claim(v, i, m)
		}
		if i%4 == 2 {
			h.erase(i, func() error { return v.Acknowledge(m.Ref, m.Reader) })
		}
		if i%8 == 4 || i%8 == 1 {
			h.erase(i, func() error { _, err := v.Revoke(m.Ref, m.Manage); return err })
		}
	})
	h.clock.Advance(6 * time.Minute)
	h.note(0, func(*known) {}) // tells the time
	if err := v.Maintain(); err != nil {
		t.Fatal(err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	h.replay(chunks, all)
}

func (h *history) open(dir string) *vault.Vault {
	h.t.Helper()
	o := vaulttest.Options(h.clock, new(vaulttest.Layer))
	o.Slots, o.Medium = 64, h.Wrap
	v, err := vault.Open(dir, o)
	if err == nil {
		err = v.Maintain()
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return v
}

// together runs f for every message, four at a time, so that syncs are shared.
func (h *history) together(all []*vaulttest.Message, f func(int, *vaulttest.Message)) {
	var wait sync.WaitGroup
	for worker := range 4 {
		wait.Go(func() {
			for i := worker; i < len(all); i += 4 {
				f(i, all[i])
			}
		})
	}
	wait.Wait()
}

func (h *history) create(v *vault.Vault, i int, m *vaulttest.Message) {
	var err error
	if m.Ref, m.Upload, err = v.Reserve(); err != nil {
		h.t.Error(err)
		return
	}
	now := h.clock.Clock().Wall()
	h.note(i, func(k *known) {
		k.put, k.expires = tried, span{now, now}.add(m.Terms.Lifetime)
	})
	if _, err := v.Put(m.Ref, m.Upload, m.Data, m.Terms); err != nil {
		h.t.Error(err)
		return
	}
	h.note(i, func(k *known) { k.put = done })
}

func (h *history) claim(v *vault.Vault, i int, m *vaulttest.Message) {
	now := h.clock.Clock().Wall()
	h.note(i, func(k *known) { k.claim, k.lease = tried, span{now, now}.add(vault.LeaseTime) })
	if _, err := v.Claim(m.Ref, m.Claim, m.Reader.Verifier()); err != nil {
		h.t.Error(err)
		return
	}
	h.note(i, func(k *known) { k.claim = done })
}

func (h *history) erase(i int, act func() error) {
	h.note(i, func(k *known) { k.erase = tried })
	if err := act(); err != nil {
		h.t.Error(err)
		return
	}
	h.note(i, func(k *known) { k.erase = done })
}

// replay walks through the history and makes every power cut.
func (h *history) replay(chunks string, all []*vaulttest.Message) {
	entries := h.Take()
	c := &cuts{t: h.t, chunks: chunks, all: all, known: make([]known, len(all)), seen: make(map[[32]byte]bool)}
	for i, m := range all {
		c.known[i].Message = m
	}
	disk, err := os.ReadFile(filepath.Join(chunks, "slots"))
	if err != nil {
		h.t.Fatal(err)
	}
	clear(disk[4096:]) // as it was made
	var unsynced []vaulttest.Entry
	for at, e := range entries {
		switch {
		case e.Note != nil:
			n := e.Note.(noted)
			n.change(&c.known[n.i])
			c.now = n.now
		case e.Op == vaulttest.Write:
			c.cut(at, "before a write", after(disk, unsynced))
			if entries[max(0, at-1)].Note != nil {
				c.cut(at, "before a write, none", disk)
			}
			unsynced = append(unsynced, e)
		case e.Op == vaulttest.Sync:
			c.before(at, disk, unsynced)
			disk, unsynced = after(disk, unsynced), nil
		}
	}
	c.before(len(entries), disk, unsynced)
	if len(c.seen) < 50 {
		h.t.Fatalf("%d power cuts: the test is blind", len(c.seen))
	}
	h.t.Logf("%d power cuts in %d steps", len(c.seen), len(entries))
}

// after is the disk with the writes done.
func after(disk []byte, writes []vaulttest.Entry) []byte {
	disk = slices.Clone(disk)
	for _, w := range writes {
		copy(disk[w.Off:], w.Data)
	}
	return disk
}

// cuts makes power cuts.
type cuts struct {
	t      *testing.T
	chunks string
	all    []*vaulttest.Message
	known  []known
	now    time.Time
	seen   map[[32]byte]bool
}

// before cuts the power before a sync: none of the writes reached the disk,
// all did, one alone, one of them half, or whichever sectors.
func (c *cuts) before(at int, disk []byte, unsynced []vaulttest.Entry) {
	c.cut(at, "none", disk)
	c.cut(at, "all", after(disk, unsynced))
	if len(unsynced) == 0 {
		return
	}
	if testing.Short() && at%3 != 0 {
		return
	}
	for _, w := range unsynced {
		c.cut(at, "one alone", after(disk, []vaulttest.Entry{w}))
	}
	for range min(2, len(unsynced)-1) {
		c.cut(at, "some sectors", someSectors(disk, unsynced))
	}
	// A sector is written whole or not at all, and no slot straddles one. Still:
	w := unsynced[rand.IntN(len(unsynced))]
	w.Data = w.Data[:1+rand.IntN(len(w.Data)-1)]
	c.cut(at, "one torn", after(disk, []vaulttest.Entry{w}), c.ownersOf(disk, unsynced, w.Off)...)
}

// someSectors leaves each sector at any of its versions.
func someSectors(disk []byte, writes []vaulttest.Entry) []byte {
	bySector := make(map[int64][]vaulttest.Entry)
	for _, w := range writes {
		bySector[w.Off/512] = append(bySector[w.Off/512], w)
	}
	for _, ws := range bySector {
		disk = after(disk, ws[:rand.IntN(len(ws)+1)])
	}
	return disk
}

// ownersOf are the messages that the slot at off holds, before and after.
func (c *cuts) ownersOf(disk []byte, writes []vaulttest.Entry, off int64) (owners []int) {
	slots := [][]byte{disk[off : off+256]}
	for _, w := range writes {
		if w.Off == off {
			slots = append(slots, w.Data)
		}
	}
	for i, m := range c.all {
		tag := sha256.Sum256(append([]byte("ashpost/v1/vault/tag"), m.Ref[:]...))
		if slices.ContainsFunc(slots, func(s []byte) bool { return bytes.Equal(s[64:96], tag[:]) }) {
			owners = append(owners, i)
		}
	}
	return owners
}

// cut opens a folder with these slots and checks every message in it. The
// slots of those harmed are torn.
func (c *cuts) cut(at int, how string, slots []byte, harmed ...int) {
	c.t.Helper()
	h := sha256.New()
	fmt.Fprint(h, c.now.Unix())
	for i := range c.known {
		fmt.Fprint(h, c.known[i].put, c.known[i].claim, c.known[i].erase)
	}
	h.Write(slots)
	sum := [32]byte(h.Sum(nil))
	if c.seen[sum] {
		return
	}
	c.seen[sum] = true
	dir := filepath.Join(filepath.Dir(c.chunks), "cut")
	defer os.RemoveAll(dir)
	if err := vaulttest.CopyFolder(c.chunks, dir); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "slots"), slots, 0o600); err != nil {
		c.t.Fatal(err)
	}
	clock := vaulttest.NewClock()
	clock.Set(c.now.Sub(clock.Clock().Wall()))
	v, err := vault.Open(dir, vaulttest.Options(clock, new(vaulttest.Layer)))
	if err != nil {
		c.t.Fatal(err)
	}
	defer v.Close()
	if err := v.Maintain(); err != nil || !v.Status().Open {
		c.t.Fatalf("step %d, %s: %v %+v", at, how, err, v.Status())
	}
	nothingOverdue(c.t, dir, c.now)
	for i := range c.known {
		k := c.known[i]
		k.harmed = slices.Contains(harmed, i)
		if err := k.check(v); err != nil {
			c.t.Fatalf("step %d, %s: message %d, put %v, claim %v, erase %v: %v", at, how, i, k.put, k.claim, k.erase, err)
		}
	}
}
