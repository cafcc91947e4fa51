package seal

import "errors"

// InboxID is an inbox's name, which certifies its keys: SHA-256 of the
// recipients file. Whoever swaps a key makes another inbox.
type InboxID [32]byte

const inboxIDSize = 52 // characters

// ErrInboxID refuses what is not the one spelling of an InboxID.
var ErrInboxID = errors.New("this is not the ID of an inbox")

// String returns the ID in base32, as it stands in an address.
func (id InboxID) String() string { return base32Lower.EncodeToString(id[:]) }

// ParseInboxID accepts the one spelling that String makes.
func ParseInboxID(s string) (InboxID, error) {
	raw, err := base32Lower.DecodeString(s)
	if err != nil || len(raw) != len(InboxID{}) || InboxID(raw).String() != s {
		return InboxID{}, ErrInboxID
	}
	return InboxID(raw), nil
}

// Words are the inbox's fingerprint.
func (id InboxID) Words() string { return Fingerprint("inbox", id[:]) }
