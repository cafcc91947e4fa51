package vault

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"hash/crc32"
	"math"
	"time"
)

// slotSize divides a 512-byte sector, so a slot never straddles one.
const slotSize = 256

const slotVersion = 1

type slotState byte

const (
	slotLive    slotState = 1
	slotClaimed slotState = 2
)

const (
	flagKeep       = 1 << 0
	flagWasClaimed = 1 << 1
)

type tag [32]byte

func (r Reference) tag() tag {
	h := sha256.New()
	h.Write([]byte("ashpost/v1/vault/tag"))
	h.Write(r[:])
	return tag(h.Sum(nil))
}

// slot is one decoded slot; see the package documentation for its bytes.
type slot struct {
	state         slotState
	keep          bool
	wasClaimed    bool
	expiry, lease int64 // Unix seconds
	size          int64
	key           [32]byte
	tag           tag
	claim         Verifier
	manage        Verifier
	reader        Verifier

	kind   slotKind
	family mark               // of a child: which inbox
	serial uint64             // of a child: later ones have higher ones; of an inbox: see Vault.serial
	sealed [sealedSecret]byte // of a child
	owner  mark               // of a notebook: whose
}

type slotBytes [slotSize]byte

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func slotSum(b *slotBytes) uint32 {
	c := crc32.Update(0, castagnoli, b[:4])
	return crc32.Update(c, castagnoli, b[8:])
}

func (s *slot) encode() (b slotBytes) {
	b[0] = byte(s.state)
	if s.keep {
		b[1] |= flagKeep
	}
	if s.wasClaimed {
		b[1] |= flagWasClaimed
	}
	b[2], b[3] = slotVersion, byte(s.kind)
	binary.BigEndian.PutUint64(b[8:], uint64(s.expiry))
	binary.BigEndian.PutUint64(b[16:], uint64(s.size))
	binary.BigEndian.PutUint64(b[24:], uint64(s.lease))
	copy(b[32:], s.key[:])
	copy(b[64:], s.tag[:])
	if s.kind == kindMessage {
		copy(b[96:], s.claim[:])
		copy(b[128:], s.manage[:])
		copy(b[160:], s.reader[:])
	}
	if s.kind.inbox() {
		binary.BigEndian.PutUint64(b[112:], s.serial)
	}
	if s.kind.child() {
		copy(b[96:], s.family[:])
		binary.BigEndian.PutUint64(b[112:], s.serial)
		copy(b[120:], s.sealed[:])
		copy(b[224:], s.owner[:])
	}
	binary.BigEndian.PutUint32(b[4:], slotSum(&b))
	return b
}

// decode reports false for anything encode cannot have written: such a slot
// is torn or damaged and must be erased.
func (b *slotBytes) decode() (s slot, ok bool) {
	if binary.BigEndian.Uint32(b[4:]) != slotSum(b) || b[2] != slotVersion {
		return slot{}, false
	}
	s.state, s.kind = slotState(b[0]), slotKind(b[3])
	s.keep = b[1]&flagKeep != 0
	s.wasClaimed = b[1]&flagWasClaimed != 0
	s.expiry = int64(binary.BigEndian.Uint64(b[8:]))
	s.size = int64(binary.BigEndian.Uint64(b[16:]))
	s.lease = int64(binary.BigEndian.Uint64(b[24:]))
	copy(s.key[:], b[32:])
	copy(s.tag[:], b[64:])
	if s.kind == kindMessage {
		copy(s.claim[:], b[96:])
		copy(s.manage[:], b[128:])
		copy(s.reader[:], b[160:])
	}
	if s.kind.inbox() {
		s.serial = binary.BigEndian.Uint64(b[112:])
	}
	if s.kind.child() {
		copy(s.family[:], b[96:])
		s.serial = binary.BigEndian.Uint64(b[112:])
		copy(s.sealed[:], b[120:])
		copy(s.owner[:], b[224:])
	}
	return s, s.encode() == *b && s.valid()
}

// end is when the slot falls due, Unix seconds.
func (s *slot) end() int64 {
	if !s.kind.expires() {
		return math.MaxInt64 // with its inbox
	}
	if s.state == slotClaimed {
		return min(s.expiry, s.lease)
	}
	return s.expiry
}

// due reports whether the slot must not exist at now.
func (s *slot) due(now time.Time) bool { return s.end() <= now.Unix() }

func (s *slot) left(now time.Time) time.Duration      { return time.Unix(s.expiry, 0).Sub(now) }
func (s *slot) leaseLeft(now time.Time) time.Duration { return time.Unix(s.lease, 0).Sub(now) }

// extendLease moves the end of the lease to [LeaseTime] from now, never past
// expiry, and reports whether that is worth a write.
func (s *slot) extendLease(now time.Time) bool {
	end := min(now.Add(LeaseTime).Unix(), s.expiry)
	if end-s.lease < int64(LeaseTime/time.Second)/2 && s.lease != 0 {
		return false
	}
	s.lease = end
	return true
}

type handle [16]byte

// chunkHandle derives the names of the chunks, so that they say nothing once
// the slot key is gone.
func chunkHandle(key *[32]byte) handle {
	return handle(derive(key, nil, "ashpost/v1/vault/handle", 16))
}

// contentKey needs the reference as well, or the ID of an inbox: a disk alone
// opens nothing.
func contentKey(key *[32]byte, salt []byte) []byte {
	return derive(key, salt, "ashpost/v1/vault/content", 32)
}

func derive(key *[32]byte, salt []byte, label string, n int) []byte {
	b, err := hkdf.Key(sha256.New, key[:], salt, label, n)
	if err != nil {
		panic(err) // only for lengths that HKDF cannot give
	}
	return b
}
