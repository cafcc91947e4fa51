package vault_test

import (
	"slices"
	"testing"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
)

// What is durable before what: the answer to each call comes after the last
// step listed.
func TestOrderOfDurableSteps(t *testing.T) {
	v := vaulttest.New(t)
	durable := func(what string, call func() error, want ...vaulttest.Op) {
		t.Helper()
		v.Layer.Take()
		if err := call(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		got := slices.DeleteFunc(v.Layer.Take(), func(o vaulttest.Op) bool { return o == vaulttest.Fresh })
		// Reads before the first write only look the slot up.
		for len(got) > 0 && got[0] == vaulttest.Read {
			got = got[1:]
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	m := vaulttest.Draw(100)
	durable("put", func() error { return m.Put(v.Vault) },
		vaulttest.Stored, vaulttest.Write, vaulttest.Sync, vaulttest.Read)
	durable("claim", func() error { _, err := v.Claim(m.Ref, m.Claim, m.Reader.Verifier()); return err },
		vaulttest.Write, vaulttest.Sync, vaulttest.Read)
	durable("the same reader again", func() error { _, err := v.Claim(m.Ref, m.Claim, m.Reader.Verifier()); return err })
	durable("acknowledge", func() error { return v.Acknowledge(m.Ref, m.Reader) },
		vaulttest.Write, vaulttest.Sync, vaulttest.Read)
}

// A claim whose binding did not become durable delivers nothing.
func TestClaimThatIsNotDurableDeliversNothing(t *testing.T) {
	for _, op := range []vaulttest.Op{vaulttest.Write, vaulttest.Sync} {
		v := vaulttest.New(t)
		m := v.Stored(t, 100)
		v.Layer.SetHook(failing(op, 1, errInjected))
		if c, err := v.Claim(m.Ref, m.Claim, m.Reader.Verifier()); err == nil || c.Content != nil {
			t.Fatalf("%s failed, claim gave %d bytes, %v", op, len(c.Content), err)
		}
	}
}

// A write that silently does nothing passes neither for a message that exists
// nor for a claim that binds, and takes no room.
func TestSilentWriteIsNoAnswer(t *testing.T) {
	layer := new(vaulttest.Layer)
	o := vaulttest.Options(vaulttest.NewClock(), layer)
	o.Slots = 1
	v := openWith(t, o)
	m := vaulttest.Draw(100)
	silently := func(call func() error) {
		t.Helper()
		layer.SetHook(always(vaulttest.Write, vaulttest.Silent))
		want(t, "a call whose write did nothing", call(), vault.ErrLocked)
		layer.SetHook(nil)
		lockedFor(t, v, vault.CauseVerification)
		if err := v.Maintain(); err != nil || !v.Status().Open {
			t.Fatal(err)
		}
	}
	for range 3 {
		silently(func() error { return m.Put(v.Vault) })
	}
	if s := v.Status(); s.Live != 0 || s.Bytes != 0 {
		t.Fatalf("room for nothing: %+v", s)
	}
	if err := m.Put(v.Vault); err != nil {
		t.Fatal(err)
	}
	silently(func() error {
		c, err := v.Claim(m.Ref, m.Claim, key().Verifier())
		if c.Content != nil {
			t.Fatal("content left, the claim did not bind")
		}
		return err
	})
	if _, err := v.Claim(m.Ref, m.Claim, m.Reader.Verifier()); err != nil {
		t.Fatal(err)
	}
}
