package vault_test

import (
	"bytes"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
)

func TestUploadRefusals(t *testing.T) {
	v := vaulttest.New(t)
	m := vaulttest.Draw(100)
	ref, upload, err := v.Reserve()
	if err != nil {
		t.Fatal(err)
	}
	put := func(data []byte, terms vault.Terms) error {
		_, err := v.Put(ref, upload, data, terms)
		return err
	}
	invalid := func(what string, err error) {
		t.Helper()
		var bad *vault.InvalidError
		if !errors.As(err, &bad) {
			t.Fatalf("%s: %v", what, err)
		}
	}
	invalid("empty", put(nil, m.Terms))
	for _, life := range []time.Duration{0, 59 * time.Second, 7*24*time.Hour + time.Second, 90*time.Second + 1} {
		terms := m.Terms
		terms.Lifetime = life
		invalid("lifetime", put(m.Data, terms))
	}
	want(t, "too large a part", put(make([]byte, vault.PartSize+1), m.Terms), vault.ErrTooLarge)
	want(t, "a part past the limit", v.PutPart(ref, upload, 8, m.Data), vault.ErrTooLarge)
	invalid("a negative part", v.PutPart(ref, upload, -1, m.Data))
	want(t, "another's key", v.PutPart(ref, key(), 0, m.Data), vault.ErrGone)
	if s := v.Status(); s.Live != 0 {
		t.Fatalf("%+v", s)
	}
	if err := put(m.Data, m.Terms); err != nil {
		t.Fatal(err)
	}
}

// TestCommitShowsWhatIsStored: of parts that were put again the last, and what is
// refused can be put right.
func TestCommitShowsWhatIsStored(t *testing.T) {
	v := vaulttest.New(t)
	good, bad := vaulttest.Draw(300<<10), vaulttest.Draw(300<<10)
	ref, upload, err := v.Reserve()
	if err != nil {
		t.Fatal(err)
	}
	no, asked := errors.New("no"), 0
	terms := good.Terms
	terms.Accept = func(prefix []byte) error {
		asked++
		if !bytes.HasPrefix(good.Data, prefix) || len(prefix) < 16<<10 {
			return no
		}
		return nil
	}
	commit := func() error {
		_, err := v.Commit(ref, upload, 1, int64(len(good.Data)), terms)
		return err
	}
	for _, data := range [][]byte{good.Data, bad.Data} {
		if err := v.PutPart(ref, upload, 0, data); err != nil {
			t.Fatal(err)
		}
	}
	want(t, "another beginning", commit(), no)
	if n := v.Status().Live; n != 0 {
		t.Fatalf("%d messages", n)
	}
	if err := v.PutPart(ref, upload, 0, good.Data); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second asks for a lost answer, and is not looked at again
		if err := commit(); err != nil {
			t.Fatal(err)
		}
	}
	if asked != 2 {
		t.Errorf("asked %d times", asked)
	}
}

func TestCommitNeedsEveryPart(t *testing.T) {
	v := vaulttest.New(t)
	m := vaulttest.Draw(2*vault.PartSize + 5)
	ref, upload, err := v.Reserve()
	if err != nil {
		t.Fatal(err)
	}
	commit := func() error {
		_, err := v.Commit(ref, upload, 3, int64(len(m.Data)), m.Terms)
		return err
	}
	if err := v.PutPart(ref, upload, 2, m.Data[2*vault.PartSize:]); err != nil {
		t.Fatal(err)
	}
	var missing *vault.IncompleteError
	if err := commit(); !errors.As(err, &missing) || !slices.Equal(missing.Missing, []int{0, 1}) {
		t.Fatalf("%v", err)
	}
	for _, n := range []int{1, 0, 1} { // in any order, and again
		if err := v.PutPart(ref, upload, n, m.Data[n*vault.PartSize:][:vault.PartSize]); err != nil {
			t.Fatal(err)
		}
	}
	want(t, "a part put again shorter", v.PutPart(ref, upload, 0, m.Data[:10]), vault.ErrConflict)
	if _, err := v.Commit(ref, upload, 2, 2*vault.PartSize, m.Terms); err == nil {
		t.Fatal("committed fewer parts than were sent")
	}
	for range 2 { // the answer to the first may be lost
		if err := commit(); err != nil {
			t.Fatal(err)
		}
	}
	want(t, "a part after the commit", v.PutPart(ref, upload, 0, m.Data[:vault.PartSize]), vault.ErrConflict)
	m.Ref = ref
	if _, err := v.Claim(ref, m.Claim, m.Reader.Verifier()); err != nil || !bytes.Equal(readAll(t, v, m, m.Reader), m.Data) {
		t.Fatalf("read back differs: %v", err)
	}
}

func TestRepeatedPut(t *testing.T) {
	v := vaulttest.New(t)
	m := v.Stored(t, 100)
	r, err := v.Put(m.Ref, m.Upload, m.Data, m.Terms)
	if err != nil || r.Left != time.Hour {
		t.Fatalf("%v %+v", err, r)
	}
	_, err = v.Put(m.Ref, m.Upload, m.Data[1:], m.Terms)
	want(t, "other content", err, vault.ErrConflict)
	m.Terms.Keep = true
	_, err = v.Put(m.Ref, m.Upload, m.Data, m.Terms)
	want(t, "other terms", err, vault.ErrConflict)
	if s := v.Status(); s.Live != 1 {
		t.Fatalf("%+v", s)
	}
}

func TestIdleUploadsAreForgotten(t *testing.T) {
	v := vaulttest.New(t)
	m := vaulttest.Draw(100)
	ref, upload, err := v.Reserve()
	if err != nil {
		t.Fatal(err)
	}
	v.Clock.Advance(31 * time.Minute)
	if err := v.Maintain(); err != nil {
		t.Fatal(err)
	}
	_, err = v.Put(ref, upload, m.Data, m.Terms)
	want(t, "put after the reservation", err, vault.ErrGone)
}

// A flood of reservations pushes out the idlest and never the busy.
func TestIdlestUploadGivesWay(t *testing.T) {
	v := vaulttest.New(t)
	m := vaulttest.Draw(100)
	idle, idleKey, err := v.Reserve()
	if err != nil {
		t.Fatal(err)
	}
	busy, busyKey, err := v.Reserve()
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5000 {
		if _, _, err := v.Reserve(); err != nil {
			t.Fatal(err)
		}
		if i%1000 == 0 {
			if err := v.PutPart(busy, busyKey, 0, m.Data); err != nil {
				t.Fatal(err)
			}
		}
	}
	want(t, "the idle", v.PutPart(idle, idleKey, 0, m.Data), vault.ErrGone)
	if _, err := v.Commit(busy, busyKey, 1, 100, m.Terms); err != nil {
		t.Fatalf("the busy: %v", err)
	}
}

func TestFull(t *testing.T) {
	t.Run("slots", func(t *testing.T) {
		o := vaulttest.Options(vaulttest.NewClock(), new(vaulttest.Layer))
		o.Slots = 3
		fill(t, o, 3, 10)
	})
	t.Run("quota", func(t *testing.T) {
		o := vaulttest.Options(vaulttest.NewClock(), new(vaulttest.Layer))
		o.Quota = 4000
		fill(t, o, 4, 1000)
	})
}

// fill reserves one upload more than the n messages of size bytes that fit,
// stores those, sees the last refused, and sees room again once one is destroyed.
func fill(t *testing.T, o vault.Options, n, size int) {
	v, err := vault.Open(t.TempDir()+"/data", o)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if err := v.Maintain(); err != nil {
		t.Fatal(err)
	}
	var all []*vaulttest.Message
	for range n + 1 {
		m := vaulttest.Draw(size)
		if m.Ref, m.Upload, err = v.Reserve(); err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	put := func(m *vaulttest.Message) error {
		_, err := v.Put(m.Ref, m.Upload, m.Data, m.Terms)
		return err
	}
	for _, m := range all[:n] {
		if err := put(m); err != nil {
			t.Fatal(err)
		}
	}
	more := all[n]
	want(t, "one more", put(more), vault.ErrFull)
	if c, err := v.Claim(all[0].Ref, all[0].Claim, all[0].Reader.Verifier()); err != nil || !bytes.Equal(c.Content, all[0].Data) {
		t.Fatalf("reading while full: %v", err)
	}
	if err := v.Acknowledge(all[0].Ref, all[0].Reader); err != nil {
		t.Fatal(err)
	}
	// The refused upload is not forgotten: it can be put again.
	if _, err := v.Put(more.Ref, more.Upload, more.Data, more.Terms); err != nil {
		t.Fatalf("after one was destroyed: %v", err)
	}
}

// Many messages of every size at once: one transaction takes what Badger
// accepts, and no more.
func TestManyAtOnce(t *testing.T) {
	v := vaulttest.New(t)
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			m := vaulttest.Draw(1 + i*(70<<10)/200)
			if i%40 == 0 {
				m = vaulttest.Draw(vault.PartSize + i)
			}
			if err := m.Put(v.Vault); err != nil {
				t.Error(err)
				return
			}
			if _, err := v.Claim(m.Ref, m.Claim, m.Reader.Verifier()); err != nil {
				t.Error(err)
				return
			}
			if !bytes.Equal(readAll(t, v, m, m.Reader), m.Data) {
				t.Error("read back differs")
			}
		})
	}
	all.Wait()
}
