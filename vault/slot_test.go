package vault

import (
	"testing"

	"pgregory.net/rapid"
)

func drawSlot(t *rapid.T) slot {
	bytes32 := rapid.Custom(func(t *rapid.T) (b [32]byte) {
		copy(b[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "bytes"))
		return b
	})
	return slot{
		state: rapid.SampledFrom([]slotState{slotLive, slotClaimed}).Draw(t, "state"),
		keep:  rapid.Bool().Draw(t, "keep"), wasClaimed: rapid.Bool().Draw(t, "wasClaimed"),
		expiry: rapid.Int64().Draw(t, "expiry"), lease: rapid.Int64().Draw(t, "lease"),
		size: rapid.Int64Min(1).Draw(t, "size"),
		key:  bytes32.Draw(t, "key"), tag: bytes32.Draw(t, "tag"),
		claim: bytes32.Draw(t, "claim"), manage: bytes32.Draw(t, "manage"), reader: bytes32.Draw(t, "reader"),
	}
}

func TestSlotRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSlot(t)
		b := s.encode()
		got, ok := b.decode()
		if !ok || got != s {
			t.Fatalf("%+v became %+v", s, got)
		}
	})
}

// Any damage of up to four neighbouring bytes is seen; a CRC-32 promises that.
func TestDamagedSlotIsRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSlot(t)
		b := s.encode()
		at := rapid.IntRange(0, slotSize-4).Draw(t, "at")
		for i, x := range rapid.SliceOfN(rapid.Byte(), 4, 4).Filter(func(x []byte) bool { return x[0] != 0 }).Draw(t, "damage") {
			b[at+i] ^= x
		}
		if _, ok := b.decode(); ok {
			t.Fatal("a damaged slot was accepted")
		}
	})
}

func FuzzSlotDecode(f *testing.F) {
	s := slot{state: slotLive, size: 1, expiry: 1}
	b := s.encode()
	f.Add(b[:])
	f.Add(make([]byte, slotSize))
	f.Fuzz(func(t *testing.T, in []byte) {
		var b slotBytes
		copy(b[:], in)
		if s, ok := b.decode(); ok && s.encode() != b {
			t.Fatal("decoded what encode does not write")
		}
	})
}

func FuzzChunkOpen(f *testing.F) {
	s := newSealer(&[32]byte{1}, []byte{2})
	sealed := s.seal(0, []byte("content"))
	f.Add(sealed[0].value)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, value []byte) {
		data, err := s.open(0, append([]byte(nil), value...))
		if err == nil && string(data) != "content" {
			t.Fatal("opened what was never sealed")
		}
	})
}
