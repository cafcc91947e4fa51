package vault

import (
	"crypto/sha256"
	"crypto/subtle"
	"time"
)

// Sizes in bytes.
const (
	PartSize  = 4 << 20   // of every part of an upload but the last
	SmallSize = 256 << 10 // up to here a claim carries the content
	chunkSize = 256 << 10 // of ciphertext sealed as one Badger value
)

const (
	// LeaseTime is how long a reader has to finish without progress.
	LeaseTime = 10 * time.Minute
	// reservationIdle is how long an upload may pause before it is forgotten.
	reservationIdle = 30 * time.Minute
	// maxReservations bounds the uploads under way; the idlest gives way.
	maxReservations = 4096
)

// Reference names a message. It is random, exists only in the link, and is
// never stored: slots hold a hash of it.
type Reference [16]byte

// Key proves a right: an upload, claim, reader or manage key. The vault
// stores verifiers only.
type Key [32]byte

// Verifier is the SHA-256 of a Key.
type Verifier [32]byte

// Verifier returns the hash that is stored for k.
func (k Key) Verifier() Verifier { return sha256.Sum256(k[:]) }

// matches compares in constant time.
func (k Key) matches(v Verifier) bool {
	h := k.Verifier()
	return subtle.ConstantTimeCompare(h[:], v[:]) == 1
}

// Terms are what the sender decides about a message.
type Terms struct {
	Lifetime time.Duration // whole seconds, within [Limits]
	Keep     bool          // readable until expiry instead of destroyed when read
	Claim    Verifier      // of the claim key, derived from the link's token
	Manage   Verifier      // of the manage key, which stays with the sender
	Inbox    *InboxID      // a letter to this inbox; then of the others only Lifetime counts

	// Accept, unless nil, is shown the first bytes of what is committed, up to 256
	// KiB, and refuses it with an error. It must not call the vault.
	Accept func(prefix []byte) error
}

// Receipt tells the sender when the message is destroyed at the latest.
type Receipt struct {
	Expires time.Time
	Left    time.Duration
}

// Claimed is a successful claim.
type Claimed struct {
	Size    int64
	Keep    bool
	Lease   time.Duration // left to finish; 0 for Keep
	Left    time.Duration // until expiry
	Content []byte        // the whole ciphertext when Size <= SmallSize
}

// State is what the holder of the manage key learns.
type State struct {
	Claimed bool // a reader has it (or, for Keep, has had it at least once)
	Keep    bool
	Left    time.Duration // until expiry
	Lease   time.Duration // left to the reader; 0 unless being read
}

// Limits are the bounds a sender must keep to.
type Limits struct {
	MaxMessage        int64 // bytes of ciphertext
	MaxLetter         int64 // the same of a letter to an inbox or a request
	MaxReply          int64 // and of one to an inbox for replies
	Shortest, Longest time.Duration
	LongestLetter     time.Duration // of a letter, or a request for one
}

// Status is the state of the vault for its operator and its pages.
type Status struct {
	Open      bool
	Cause     Cause     // why it is locked; empty while open
	Since     time.Time // locked since; zero while open
	Verified  time.Time // end of the last verified maintenance; zero if none
	Now       time.Time // the vault's clock
	Destroyed int       // slots erased by the last maintenance
	Took      time.Duration
	Live      int // messages held, letters among them
	Inboxes   int
	Letters   int
	Used      int // slots taken: by messages, inboxes, notebooks, aliases and invites
	Slots     int // slots there are
	Bytes     int64
	Quota     int64
	Filled    int // percent of what may be held; from [FullAt] on only replies are taken

	Volatile   bool    // nothing survives a stop
	Locks      uint64  // how often it was open and then locked
	Storage    Storage // where the slots live; empty when the slot file is damaged
	FileSystem string  // under the data folder, as the kernel names it
}
