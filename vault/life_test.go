package vault_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
)

// key is a random key nobody knows.
func key() (k vault.Key) {
	rand.Read(k[:])
	return k
}

// want fails unless err is target.
func want(t *testing.T, what string, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Fatalf("%s: %v, want %v", what, err, target)
	}
}

// gone checks that nothing is left of m for anybody.
func gone(t *testing.T, v *vaulttest.Vault, m *vaulttest.Message) {
	t.Helper()
	_, err := v.Claim(m.Ref, m.Claim, m.Reader.Verifier())
	want(t, "claim", err, vault.ErrGone)
	_, err = v.Content(m.Ref, m.Reader)
	want(t, "content", err, vault.ErrGone)
	_, err = v.State(m.Ref, m.Manage)
	want(t, "state", err, vault.ErrGone)
}

func readAll(t *testing.T, v *vaulttest.Vault, m *vaulttest.Message, k vault.Key) []byte {
	t.Helper()
	c, err := v.Content(m.Ref, k)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(io.NewSectionReader(c, 0, c.Size()))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestReadOnceThenGone(t *testing.T) {
	for _, size := range []int{1, 8 << 10, vault.SmallSize, vault.SmallSize + 1, vault.PartSize, 2*vault.PartSize + 77} {
		v := vaulttest.New(t)
		m := v.Stored(t, size)
		c, err := v.Claim(m.Ref, m.Claim, m.Reader.Verifier())
		if err != nil || c.Size != int64(size) || c.Keep || c.Lease != vault.LeaseTime || c.Left != time.Hour {
			t.Fatalf("claim of %d bytes: %v, %+v", size, err, c)
		}
		if size <= vault.SmallSize != (c.Content != nil) || c.Content != nil && !bytes.Equal(c.Content, m.Data) {
			t.Fatalf("claim of %d bytes carries %d", size, len(c.Content))
		}
		if !bytes.Equal(readAll(t, v, m, m.Reader), m.Data) {
			t.Fatal("read back differs")
		}
		for range 2 { // the answer to the first may be lost
			if err := v.Acknowledge(m.Ref, m.Reader); err != nil {
				t.Fatal(err)
			}
		}
		gone(t, v, m)
		v.Reopen(t)
		gone(t, v, m)
	}
}

func TestKeptIsReadUntilExpiry(t *testing.T) {
	v := vaulttest.New(t)
	m := v.Stored(t, vault.SmallSize+5, vaulttest.Keep)
	for range 3 {
		c, err := v.Claim(m.Ref, m.Claim, key().Verifier())
		if err != nil || !c.Keep || c.Lease != 0 {
			t.Fatalf("%v %+v", err, c)
		}
		if !bytes.Equal(readAll(t, v, m, m.Claim), m.Data) {
			t.Fatal("read back differs")
		}
	}
	want(t, "acknowledge", v.Acknowledge(m.Ref, m.Reader), vault.ErrGone)
	if st, err := v.State(m.Ref, m.Manage); err != nil || !st.Claimed || !st.Keep || st.Lease != 0 {
		t.Fatalf("%v %+v", err, st)
	}
	v.Clock.Advance(time.Hour)
	gone(t, v, m)
}

func TestWrongProofChangesNothing(t *testing.T) {
	v := vaulttest.New(t)
	m := v.Stored(t, 100)
	_, err := v.Claim(m.Ref, key(), m.Reader.Verifier())
	want(t, "claim", err, vault.ErrGone)
	_, err = v.Content(m.Ref, key())
	want(t, "content", err, vault.ErrGone)
	_, err = v.Content(m.Ref, vault.Key{})
	want(t, "content before a claim", err, vault.ErrGone)
	want(t, "acknowledge before a claim", v.Acknowledge(m.Ref, m.Reader), vault.ErrGone)
	_, err = v.State(m.Ref, key())
	want(t, "state", err, vault.ErrGone)
	_, err = v.Revoke(m.Ref, key())
	want(t, "revoke", err, vault.ErrGone)
	if st, err := v.State(m.Ref, m.Manage); err != nil || st.Claimed {
		t.Fatalf("%v %+v", err, st)
	}
	if _, err := v.Claim(m.Ref, m.Claim, m.Reader.Verifier()); err != nil {
		t.Fatal(err)
	}
	want(t, "acknowledge by another", v.Acknowledge(m.Ref, key()), vault.ErrGone)
	if !bytes.Equal(readAll(t, v, m, m.Reader), m.Data) {
		t.Fatal("read back differs")
	}
}

func TestOneWinner(t *testing.T) {
	v := vaulttest.New(t)
	m := v.Stored(t, 1000)
	const readers = 200
	wins := make(chan vault.Key, readers)
	var all sync.WaitGroup
	start := make(chan struct{})
	for range readers {
		all.Go(func() {
			k := key()
			<-start
			if _, err := v.Claim(m.Ref, m.Claim, k.Verifier()); err == nil {
				wins <- k
			}
		})
	}
	close(start)
	all.Wait()
	if len(wins) != 1 {
		t.Fatalf("%d winners", len(wins))
	}
	winner := <-wins
	v.Reopen(t) // a restart changes nothing about who won
	_, err := v.Claim(m.Ref, m.Claim, key().Verifier())
	want(t, "late claim", err, vault.ErrGone)
	if c, err := v.Claim(m.Ref, m.Claim, winner.Verifier()); err != nil || !bytes.Equal(c.Content, m.Data) {
		t.Fatalf("the winner claims again: %v", err)
	}
}

func TestLeaseEndsAndIsExtendedByProgress(t *testing.T) {
	v := vaulttest.New(t)
	m := v.Stored(t, 3*vault.SmallSize)
	if _, err := v.Claim(m.Ref, m.Claim, m.Reader.Verifier()); err != nil {
		t.Fatal(err)
	}
	c, err := v.Content(m.Ref, m.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var b [10]byte
	for range 4 {
		v.Clock.Advance(vault.LeaseTime - time.Minute)
		if _, err := c.ReadAt(b[:], 0); err != nil {
			t.Fatalf("progress did not extend the lease: %v", err)
		}
	}
	v.Clock.Advance(vault.LeaseTime)
	_, err = c.ReadAt(b[:], 0)
	want(t, "read after the lease", err, vault.ErrGone)
	gone(t, v, m)
}

func TestLeaseNeverPassesExpiry(t *testing.T) {
	v := vaulttest.New(t)
	m := v.Stored(t, 100, func(m *vaulttest.Message) { m.Terms.Lifetime = 5 * time.Minute })
	c, err := v.Claim(m.Ref, m.Claim, m.Reader.Verifier())
	if err != nil || c.Lease != 5*time.Minute {
		t.Fatalf("%v %+v", err, c)
	}
	v.Clock.Advance(5 * time.Minute)
	want(t, "acknowledge after expiry", v.Acknowledge(m.Ref, m.Reader), vault.ErrGone)
	gone(t, v, m)
}

func TestRevokeWins(t *testing.T) {
	v := vaulttest.New(t)
	for _, claimed := range []bool{false, true} {
		m := v.Stored(t, 100)
		if claimed {
			if _, err := v.Claim(m.Ref, m.Claim, m.Reader.Verifier()); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			was, err := v.Revoke(m.Ref, m.Manage)
			if err != nil || was != claimed {
				t.Fatalf("revoke: %v %v", was, err)
			}
		}
		gone(t, v, m)
		want(t, "acknowledge", v.Acknowledge(m.Ref, m.Reader), vault.ErrGone)
	}
}

func TestMaintenanceDestroysWhatIsDue(t *testing.T) {
	v := vaulttest.New(t)
	for range 20 {
		v.Stored(t, 100, func(m *vaulttest.Message) { m.Terms.Lifetime = 5 * time.Minute })
	}
	stays := v.Stored(t, 100)
	v.Clock.Advance(6 * time.Minute)
	if err := v.Maintain(); err != nil {
		t.Fatal(err)
	}
	if s := v.Status(); s.Destroyed != 20 || s.Live != 1 || s.Bytes != 100 {
		t.Fatalf("%+v", s)
	}
	if c, err := v.Claim(stays.Ref, stays.Claim, stays.Reader.Verifier()); err != nil || !bytes.Equal(c.Content, stays.Data) {
		t.Fatal(err)
	}
}

func TestMaintenanceSparesUploadsUnderWay(t *testing.T) {
	v := vaulttest.New(t)
	m := vaulttest.Draw(vault.PartSize + 10)
	ref, upload, err := v.Reserve()
	if err != nil {
		t.Fatal(err)
	}
	if err := v.PutPart(ref, upload, 0, m.Data[:vault.PartSize]); err != nil {
		t.Fatal(err)
	}
	if err := v.Maintain(); err != nil {
		t.Fatal(err)
	}
	if err := v.PutPart(ref, upload, 1, m.Data[vault.PartSize:]); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Commit(ref, upload, 2, int64(len(m.Data)), m.Terms); err != nil {
		t.Fatal(err)
	}
	m.Ref = ref
	if err := v.Maintain(); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Claim(ref, m.Claim, m.Reader.Verifier()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(readAll(t, v, m, m.Reader), m.Data) {
		t.Fatal("read back differs")
	}
}
