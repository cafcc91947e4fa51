package vault

import (
	"encoding/binary"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func drawSlot(t *rapid.T) slot {
	bytes32 := rapid.Custom(func(t *rapid.T) (b [32]byte) {
		copy(b[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "bytes"))
		return b
	})
	s := slot{
		state: slotLive, kind: slotKind(rapid.IntRange(0, int(kinds)-1).Draw(t, "kind")),
		tag: bytes32.Draw(t, "tag"),
	}
	if s.kind.content() {
		s.size, s.key = rapid.Int64Min(1).Draw(t, "size"), bytes32.Filter(func(b [32]byte) bool { return b != [32]byte{} }).Draw(t, "key")
	}
	if s.kind.expires() {
		s.expiry = rapid.Int64Min(1).Draw(t, "expiry")
	}
	if s.kind.child() || s.kind.inbox() {
		s.serial = rapid.Uint64Min(1).Draw(t, "serial")
	}
	if s.kind.child() {
		s.family = drawMark(t)
		copy(s.sealed[:], rapid.SliceOfN(rapid.Byte(), len(s.sealed), len(s.sealed)).Draw(t, "sealed"))
	}
	switch s.kind {
	case kindMessage:
		s.state = rapid.SampledFrom([]slotState{slotLive, slotClaimed}).Draw(t, "state")
		s.keep, s.wasClaimed = rapid.Bool().Draw(t, "keep"), rapid.Bool().Draw(t, "wasClaimed")
		s.lease = rapid.Int64().Draw(t, "lease")
		s.claim, s.manage, s.reader = bytes32.Draw(t, "claim"), bytes32.Draw(t, "manage"), bytes32.Draw(t, "reader")
	case kindRequest:
		s.wasClaimed = rapid.Bool().Draw(t, "answered")
	case kindNotebook:
		s.owner = drawMark(t)
	}
	return s
}

func drawMark(t *rapid.T) mark {
	return mark(rapid.SliceOfN(rapid.Byte(), len(mark{}), len(mark{})).Draw(t, "mark"))
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

// What a kind has no use for is zero, or the slot is damaged, whatever its sum
// says. An older program knows messages only and takes all others for that.
func TestSlotFieldsOfOtherKindsAreRefused(t *testing.T) {
	fields := map[string]func(*slotBytes){
		"state":    func(b *slotBytes) { b[0] = byte(slotClaimed) },
		"no state": func(b *slotBytes) { b[0] = 0 },
		"keep":     func(b *slotBytes) { b[1] |= flagKeep },
		"claimed":  func(b *slotBytes) { b[1] |= flagWasClaimed },
		"flags":    func(b *slotBytes) { b[1] |= 1 << 2 },
		"kind":     func(b *slotBytes) { b[3] = byte(kinds) },
		"expiry":   func(b *slotBytes) { b[8] = 0x80 },
		"size":     func(b *slotBytes) { b[16] = 0x80 },
		"lease":    func(b *slotBytes) { b[31] = 1 },
		"sealed":   func(b *slotBytes) { b[220] = 1 },
		"owner":    func(b *slotBytes) { b[230] = 1 },
		"rest":     func(b *slotBytes) { b[255] = 1 },
	}
	may := map[slotKind][]string{
		kindMessage:  {"state", "keep", "claimed", "expiry", "lease"},
		kindRequest:  {"claimed"},
		kindLetter:   {"sealed"},
		kindNotebook: {"sealed", "owner"},
		kindAlias:    {"sealed"},
	}
	for kind := range kinds {
		s := slot{state: slotLive, kind: kind}
		if kind.content() {
			s.size, s.key = 1, [32]byte{1}
		}
		if kind.expires() {
			s.expiry = 1
		}
		if kind.child() || kind.inbox() {
			s.serial = 1
		}
		for name, change := range fields {
			b := s.encode()
			change(&b)
			binary.BigEndian.PutUint32(b[4:], slotSum(&b))
			if _, ok := b.decode(); ok != slices.Contains(may[kind], name) {
				t.Errorf("kind %d, %s: accepted %v", kind, name, ok)
			}
		}
	}
}

func FuzzSlotDecode(f *testing.F) {
	for kind := range kinds {
		s := slot{state: slotLive, kind: kind, size: 1, expiry: 1, serial: 1, key: [32]byte{1}}
		b := s.encode()
		f.Add(b[:])
	}
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
