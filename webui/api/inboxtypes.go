package api

// Kind says what an inbox is for.
type Kind string

const (
	KindInbox   Kind = "inbox"   // of somebody who asks for messages
	KindRequest Kind = "request" // takes one message, the answer to a request
	KindReply   Kind = "reply"   // of somebody who wrote, for answers
)

// Valid says whether the contract knows the word.
func (k Kind) Valid() bool { return k == KindInbox || k == KindRequest || k == KindReply }

// Policy says who may do something.
type Policy string

const (
	Anyone  Policy = "anyone"
	Invited Policy = "invite" // whoever has an invite code of the operator
	Nobody  Policy = "nobody"
)

// Valid says whether the contract knows the word.
func (p Policy) Valid() bool { return p == Anyone || p == Invited || p == Nobody }

// Contact is whom the operator wants visitors to write to.
type Contact struct {
	Name  string  `json:"name"`
	Inbox InboxID `json:"inbox"`
}

// Opening says what inbox to open. It travels as headers.
type Opening struct {
	Kind      Kind
	ExpiresIn int64  // of a request
	Invite    Invite // zero for none
}

// Listed is a message in an inbox, as its owner sees it in the list.
type Listed struct {
	Message   Reference `json:"message"`
	Serial    uint64    `json:"serial"` // grows with each message
	Size      int64     `json:"size"`
	ExpiresIn int64     `json:"expires_in"`
}

// List is a page of what an inbox holds, the newest first.
type List struct {
	Messages []Listed `json:"messages"`
	More     bool     `json:"more"`  // there are older ones
	Count    int      `json:"count"` // of all in the inbox
	Kind     Kind     `json:"kind"`
}

// Named is what a name stands for: the answer of GET /aliases/{name}, and the
// body that sets one.
type Named struct {
	Inbox InboxID `json:"inbox"`
}

// Selection is the body of POST …/destroy-messages.
type Selection struct {
	Messages []Reference `json:"messages"`
}

// Destroyed is the answer to it.
type Destroyed struct {
	Destroyed int `json:"destroyed"`
}

// Unlock is the body of the operator's POST …/unlock. Cause is why the service
// is locked, as its status says.
type Unlock struct {
	Cause string `json:"cause"`
}

// Aliases is the operator's list of names.
type Aliases struct {
	Aliases map[string]InboxID `json:"aliases"`
}

// For says what an invite code allows.
type For string

const (
	ForInbox For = "inbox" // one inbox or request
	ForLinks For = "links" // any number of links while it lasts
)

// Inviting is the body of the operator's POST …/invites.
type Inviting struct {
	For       For   `json:"for"`
	ExpiresIn int64 `json:"expires_in"` // 0 for the longest
}

// InviteCode is the answer to it.
type InviteCode struct {
	Code Invite `json:"code"`
}

// Clients is the operator's list of private clients, by their names.
type Clients struct {
	Clients []string `json:"clients"`
}

// NewClientName is the body of the operator's POST …/clients.
type NewClientName struct {
	Name string `json:"name"`
}

// ClientLine is the answer to it: the line that the client's Tor needs. It
// holds a secret, and is given once.
type ClientLine struct {
	Line string `json:"line"`
}
