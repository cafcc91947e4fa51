package api

// Reading says how often a message may be read.
type Reading string

const (
	Once        Reading = "once"         // destroyed when read
	UntilExpiry Reading = "until-expiry" // readable until its time is up
)

// Valid says whether the contract knows the word.
func (r Reading) Valid() bool { return r == Once || r == UntilExpiry }

// Service is the answer of GET /service. It holds no time of day: the skew of
// a clock is a fingerprint of its machine.
type Service struct {
	State     ServiceState `json:"state"`
	Cause     string       `json:"cause"`      // why it is locked; "" when open
	LockedFor int64        `json:"locked_for"` // seconds; 0 when open
	ProvedAgo int64        `json:"proved_ago"` // seconds since the last proof that nothing overdue is left; -1 = never
	Preview   bool         `json:"preview"`
	Volatile  bool         `json:"volatile"` // messages are lost when the service stops
	Channel   string       `json:"channel"`  // recipient that openings of channels are made for
	Limits    Limits       `json:"limits"`

	Inboxes Policy   `json:"inboxes"` // who may open inboxes and requests
	Links   Policy   `json:"links"`   // who may make links
	Contact *Contact `json:"contact"` // whom to write to first; nil for nobody, and while locked
}

// ServiceState is "open" or "locked".
type ServiceState string

const (
	Open   ServiceState = "open"
	Locked ServiceState = "locked"
)

// Limits are what the service takes: sizes in bytes of the age file, lifetimes in seconds.
type Limits struct {
	Message  int64 `json:"message"`
	Inbox    int64 `json:"inbox"` // of a message to an inbox or a request
	Reply    int64 `json:"reply"` // of one to a mailbox for replies
	Small    int64 `json:"small"`
	Part     int64 `json:"part"`
	Shortest int64 `json:"shortest"`
	Longest  int64 `json:"longest"`
}

// Reservation is the answer of POST /reservations.
type Reservation struct {
	Reference Reference `json:"reference"`
	UploadKey Key       `json:"upload_key"`
}

// Terms are set by the sender. They travel as headers with a whole file. A
// message for an inbox has its lifetime and the inbox, and nothing else.
type Terms struct {
	ExpiresIn int64    `json:"expires_in"`
	Reading   Reading  `json:"reading,omitempty"`
	Claim     Verifier `json:"claim,omitzero"`
	Manage    Verifier `json:"manage,omitzero"`
	Inbox     InboxID  `json:"inbox,omitzero"`

	Invite Invite `json:"-"` // always a header; zero for none
}

// Commit is the body of POST …/commit.
type Commit struct {
	Parts int   `json:"parts"`
	Size  int64 `json:"size"`
	Terms
}

// Receipt is the answer to a stored message.
type Receipt struct {
	ExpiresIn int64 `json:"expires_in"`
}

// Claimed is a won claim. On the wire these are headers, and Content the body.
type Claimed struct {
	Size      int64
	Reading   Reading
	Lease     int64 // seconds left to finish; 0 when readable until expiry
	ExpiresIn int64
	Content   []byte // the whole file when Size <= SmallSize
}

// State is the sender's view of a message.
type State struct {
	State     MessageState `json:"state"`
	Reading   Reading      `json:"reading"`
	ExpiresIn int64        `json:"expires_in"`
	Lease     int64        `json:"lease"`
}

// MessageState is "waiting" or "claimed".
type MessageState string

const (
	Waiting MessageState = "waiting"
	Taken   MessageState = "claimed"
)

// Revoked is the answer of POST …/revoke.
type Revoked struct {
	Claimed bool `json:"claimed"` // somebody was reading it, or had begun to
}
