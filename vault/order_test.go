package vault_test

import (
	"slices"
	"testing"

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
		vaulttest.Stored, vaulttest.Write, vaulttest.Sync)
	durable("claim", func() error { _, err := v.Claim(m.Ref, m.Claim, m.Reader.Verifier()); return err },
		vaulttest.Write, vaulttest.Sync)
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
