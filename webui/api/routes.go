package api

import (
	"strconv"
	"strings"
)

// Paths of the routes. ":ref" stands for a reference, ":part" for a part's number.
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
)

// Content types of the contract.
const (
	TypeJSON   = "application/json"
	TypeBinary = "application/octet-stream"
)

// Sizes of the contract.
const (
	SmallSize     = 256 << 10 // put whole, and given with the claim's answer
	PartSize      = 4 << 20   // every part but the last
	MaxHTTPHeader = 16 << 10  // of a request, and of an answer
	MaxJSON       = 16 << 10  // of a body, both ways
	MaxSize       = 1 << 40   // no service may say that a message is larger
)

// MessagePath fills in the reference of any Path… under /messages.
func MessagePath(path string, ref Reference) string {
	return strings.Replace(path, ":ref", ref.Encode(), 1)
}

// PartPath is where part n of a message goes.
func PartPath(ref Reference, n int) string {
	return strings.Replace(MessagePath(PathPart, ref), ":part", strconv.Itoa(n), 1)
}
