package api

import (
	"strconv"
	"strings"
)

// Paths of the routes. ":ref" stands for a reference, ":part" for a part's number,
// ":inbox" for an inbox's ID, ":before" for a serial number, ":name" for a name.
const (
	Base             = "/api/v1"
	PathService      = Base + "/service"
	PathReservations = Base + "/reservations"
	PathMessage      = Base + "/messages/:ref"
	PathPart         = PathMessage + "/parts/:part"
	PathCommit       = PathMessage + "/commit"
	PathClaim        = PathMessage + "/claim"
	PathContent      = PathMessage + "/content"
	PathAcknowledge  = PathMessage + "/acknowledge"
	PathState        = PathMessage + "/state"
	PathRevoke       = PathMessage + "/revoke"

	PathInbox          = Base + "/inboxes/:inbox"
	PathDestroyInbox   = PathInbox + "/destroy"
	PathList           = PathInbox + "/list/:before"
	PathLetters        = PathInbox + "/letters/:before"
	PathLetter         = PathInbox + "/messages/:ref"
	PathDestroyLetter  = PathLetter + "/destroy"
	PathDestroyLetters = PathInbox + "/destroy-messages"
	PathNotebook       = PathInbox + "/notebook"
	PathAlias          = Base + "/aliases/:name"

	PathOperator            = Base + "/operator"
	PathOperatorStatus      = PathOperator + "/status"
	PathOperatorUnlock      = PathOperator + "/unlock"
	PathOperatorAliases     = PathOperator + "/aliases"
	PathOperatorAlias       = PathOperatorAliases + "/:name"
	PathOperatorAliasRemove = PathOperatorAlias + "/remove"
	PathOperatorInvites     = PathOperator + "/invites"
	PathOperatorClients     = PathOperator + "/clients"
	PathOperatorClientEnd   = PathOperatorClients + "/:name/remove"
)

// Headers of the contract, in net/http's canonical spelling.
const (
	HeaderExpiresIn = "Ashpost-Expires-In"
	HeaderReading   = "Ashpost-Reading"
	HeaderClaim     = "Ashpost-Claim"
	HeaderManage    = "Ashpost-Manage"
	HeaderReader    = "Ashpost-Reader"
	HeaderSize      = "Ashpost-Size"
	HeaderLease     = "Ashpost-Lease"
	HeaderInbox     = "Ashpost-Inbox"
	HeaderInvite    = "Ashpost-Invite"
	HeaderKind      = "Ashpost-Kind"
	HeaderReplaces  = "Ashpost-Replaces"
)

// Content types of the contract.
const (
	TypeJSON   = "application/json"
	TypeBinary = "application/octet-stream"
	TypeText   = "text/plain" // of a recipients file
)

// Sizes of the contract.
const (
	SmallSize     = 256 << 10 // put whole, and given with the claim's answer
	PartSize      = 4 << 20   // every part but the last
	MaxHTTPHeader = 16 << 10  // of a request, and of an answer
	MaxJSON       = 16 << 10  // of a body, both ways
	MaxSize       = 1 << 40   // no service may say that a message is larger
	MaxNotebook   = 4 << 20   // of an inbox's notebook, encrypted
	MaxListed     = 100       // messages in one answer, or destroyed by one request
	CarriedSize   = 1 << 20   // of files that come along with a list: a hundred of the smallest, for one key
)

// MessagePath fills in the reference of any Path… under /messages.
func MessagePath(path string, ref Reference) string {
	return strings.Replace(path, ":ref", ref.Encode(), 1)
}

// PartPath is where part n of a message goes.
func PartPath(ref Reference, n int) string {
	return strings.Replace(MessagePath(PathPart, ref), ":part", strconv.Itoa(n), 1)
}

// InboxPath fills in the ID of any Path… under /inboxes.
func InboxPath(path string, id InboxID) string {
	return strings.Replace(path, ":inbox", id.Encode(), 1)
}

// LetterPath fills in ID and reference of a message in an inbox.
func LetterPath(path string, id InboxID, ref Reference) string {
	return MessagePath(InboxPath(path, id), ref)
}

// ListPath is where the messages of an inbox before a serial number are listed.
func ListPath(id InboxID, before uint64) string { return beforePath(PathList, id, before) }

// LettersPath is where they are given along with their list.
func LettersPath(id InboxID, before uint64) string { return beforePath(PathLetters, id, before) }

func beforePath(path string, id InboxID, before uint64) string {
	return strings.Replace(InboxPath(path, id), ":before", strconv.FormatUint(before, 10), 1)
}

// NamePath fills in the name of any Path… that has one.
func NamePath(path, name string) string { return strings.Replace(path, ":name", name, 1) }
