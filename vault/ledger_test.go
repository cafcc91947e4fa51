package vault_test

import (
	"bytes"
	"encoding/binary"
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

// step is how far a call came.
type step int

const (
	never step = iota
	tried      // begun, or answered with an error: it may have happened
	done       // answered with success
)

// stepOf is how far a call came that gave err.
func stepOf(err error) step {
	if err == nil {
		return done
	}
	return tried
}

// span is a time that is known to lie between two.
type span struct{ from, to time.Time }

func (s span) add(d time.Duration) span { return span{s.from.Add(d), s.to.Add(d)} }

// known is what the world outside knows of a message.
type known struct {
	*vaulttest.Message
	put, claim, erase step
	expires           span
	lease             span // if claimed
	harmed            bool // the medium lied about its slot, or tore it
}

// mayExist and mustExist bound what a vault may hold at now.
func (k *known) mayExist(now time.Time) bool {
	unbound := k.claim != done || k.Terms.Keep || k.harmed
	return k.put != never && k.erase != done && now.Before(k.expires.to) && (unbound || now.Before(k.lease.to))
}

func (k *known) mustExist(now time.Time) bool {
	unbound := k.claim == never || k.Terms.Keep
	return k.put == done && k.erase == never && !k.harmed && now.Before(k.expires.from) &&
		(unbound || now.Before(k.lease.from))
}

// check says what is wrong with what an open vault holds of the message. It
// claims it.
func (k *known) check(v *vault.Vault) error {
	now := v.Status().Now
	st, err := v.State(k.Ref, k.Manage)
	switch {
	case err != nil && !errors.Is(err, vault.ErrGone):
		return err
	case err == nil && !k.mayExist(now):
		return errors.New("it is back")
	case err != nil && k.mustExist(now):
		return errors.New("it is lost")
	case err != nil:
		if _, err := v.Claim(k.Ref, k.Claim, k.Reader.Verifier()); !errors.Is(err, vault.ErrGone) {
			return fmt.Errorf("its sender is told that it is gone, its reader: %w", err)
		}
		return nil
	case st.Claimed != (k.claim == done) && k.claim != tried && !k.harmed:
		return fmt.Errorf("claimed: %v", st.Claimed)
	}
	if st.Claimed && !k.Terms.Keep {
		if _, err := v.Claim(k.Ref, k.Claim, key().Verifier()); !errors.Is(err, vault.ErrGone) {
			return fmt.Errorf("a second reader's claim: %w", err)
		}
	}
	return k.readable(v)
}

// readable claims the message for its reader and reads it.
func (k *known) readable(v *vault.Vault) error {
	right := k.Reader
	if k.Terms.Keep {
		right = k.Claim
	}
	if _, err := v.Claim(k.Ref, k.Claim, k.Reader.Verifier()); err != nil {
		return fmt.Errorf("its reader's claim: %w", err)
	}
	c, err := v.Content(k.Ref, right)
	if err != nil {
		return fmt.Errorf("its reader's content: %w", err)
	}
	got, err := io.ReadAll(io.NewSectionReader(c, 0, c.Size()))
	if err != nil || !bytes.Equal(got, k.Data) {
		return fmt.Errorf("read back %d bytes of %d: %w", len(got), len(k.Data), err)
	}
	return nil
}

// nothingOverdue fails if the slot file holds anything that was due at now.
func nothingOverdue(t testing.TB, dir string, now time.Time) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "slots"))
	if err != nil {
		t.Fatal(err)
	}
	for o := 4096; o < len(b); o += 256 {
		end := binary.BigEndian.Uint64(b[o+8:])
		if b[o] == 2 {
			end = min(end, binary.BigEndian.Uint64(b[o+24:]))
		}
		if kind := b[o+3]; kind == 5 || kind == 6 {
			continue // notebooks and aliases go with their inbox
		}
		if b[o] != 0 && int64(end) <= now.Unix() {
			t.Fatalf("slot %d fell due %d seconds ago", (o-4096)/256, now.Unix()-int64(end))
		}
	}
}
