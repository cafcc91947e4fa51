package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"regexp"
	"strings"

	"ashpost/webui/api/channel"
)

// InboxID is the SHA-256 of an inbox's recipients file, so that nobody can put
// other keys in their place. It stands in the inbox's address.
type InboxID [32]byte

// Invite is a code that the operator gave to somebody.
type Invite [16]byte

const base32Lower = "abcdefghijklmnopqrstuvwxyz234567"

var inboxEncoding = base32.NewEncoding(base32Lower).WithPadding(base32.NoPadding)

var errInbox = errors.New("not the address of an inbox")

// Encode gives the spelling on the wire: 52 characters of base32, lower case.
func (id InboxID) Encode() string { return inboxEncoding.EncodeToString(id[:]) }

// ParseInboxID reads the spelling on the wire.
func ParseInboxID(s string) (id InboxID, err error) {
	if len(s) != inboxEncoding.EncodedLen(len(id)) || strings.ContainsAny(s, "\r\n") { // which the decoder skips
		return InboxID{}, errInbox
	}
	if _, err := inboxEncoding.Decode(id[:], []byte(s)); err != nil || id.Encode() != s { // or bits behind the last
		return InboxID{}, errInbox
	}
	return id, nil
}

// String keeps IDs out of errors and logs; [InboxID.Encode] is the value.
func (InboxID) String() string { return "[inbox]" }

// MarshalText makes the type a JSON string.
func (id InboxID) MarshalText() ([]byte, error) { return []byte(id.Encode()), nil }

// UnmarshalText reads the JSON string.
func (id *InboxID) UnmarshalText(text []byte) (err error) {
	*id, err = ParseInboxID(string(text))
	return err
}

// Encode gives the spelling on the wire.
func (i Invite) Encode() string { return encoding.EncodeToString(i[:]) }

// ParseInvite reads the spelling on the wire.
func ParseInvite(s string) (i Invite, err error) { return i, fill(i[:], s) }

// String keeps invite codes out of errors and logs; [Invite.Encode] is the value.
func (Invite) String() string { return "[invite]" }

// MarshalText makes the type a JSON string.
func (i Invite) MarshalText() ([]byte, error) { return []byte(i.Encode()), nil }

// UnmarshalText reads the JSON string.
func (i *Invite) UnmarshalText(text []byte) error { return fill(i[:], string(text)) }

var alias = regexp.MustCompile(`^[a-z][a-z0-9-]{1,30}$`)

// CheckAlias accepts the names that may stand for an inbox. None is as long as
// an ID.
func CheckAlias(name string) error {
	if !alias.MatchString(name) {
		return errors.New("a name has 2 to 31 letters a-z, digits and hyphens, and begins with a letter")
	}
	return nil
}

// The sizes of a recipients file.
const (
	RecipientSize     = 1959 // of a post-quantum hybrid recipient
	MaxRecipientsFile = MaxRecipients * (RecipientSize + 1)
)

var errRecipients = errors.New("not 1 to 10 post-quantum hybrid recipients, one a line, sorted, each once")

// ParseRecipients reads a recipients file in its one canonical spelling.
func ParseRecipients(file []byte) ([]string, error) {
	if len(file) == 0 || len(file) > MaxRecipientsFile || len(file)%(RecipientSize+1) != 0 {
		return nil, errRecipients
	}
	var lines []string
	for len(file) > 0 {
		line, rest, ended := bytes.Cut(file, []byte{'\n'})
		recipient := string(line)
		if !ended || len(line) != RecipientSize || channel.CheckRecipient(recipient) != nil {
			return nil, errRecipients
		}
		if n := len(lines); n > 0 && lines[n-1] >= recipient {
			return nil, errRecipients
		}
		lines, file = append(lines, recipient), rest
	}
	return lines, nil
}

// InboxOf is the ID of the inbox with this recipients file.
func InboxOf(file []byte) InboxID { return sha256.Sum256(file) }
