package seal

import "strings"

// RequestLink is the private half of a request: whoever has it reads the answer.
type RequestLink struct {
	Service string
	ID      InboxID
	Seed    [32]byte
}

// NewRequest makes a request at a service. Its address is to be given away.
func NewRequest(service string) (RequestLink, Identity) {
	id := NewIdentity()
	return RequestLink{service, Recipients{id.Recipient()}.ID(), id.Seed()}, id
}

// String returns the link itself. It is a secret: print it for its owner only.
func (l RequestLink) String() string {
	return l.Service + requestPath + l.ID.String() + "#" + linkVersion + base64url.EncodeToString(l.Seed[:])
}

// Address is what is given to who is asked.
func (l RequestLink) Address() InboxAddress { return InboxAddress{Service: l.Service, ID: l.ID} }

// Identity opens the answer. The error is a [*LinkError] if the link's two halves
// do not belong together.
func (l RequestLink) Identity() (Identity, error) {
	id, err := IdentityFromSeed(l.Seed)
	if err != nil || Recipients([]string{id.Recipient()}).ID() != l.ID {
		return Identity{}, requestError("token")
	}
	return id, nil
}

// ParseRequestLink parses the private link of a request. White space around it is
// ignored. The error is a [*LinkError].
func ParseRequestLink(text string) (RequestLink, error) {
	l := RequestLink{}
	service, rest, err := splitHost(text)
	if err != nil {
		return l, err
	}
	path, fragment, _ := strings.Cut(rest, "#")
	if code := requestPathFault(path, fragment); code != "" {
		return l, requestError(code)
	}
	id, err := ParseInboxID(strings.ToLower(path[len(requestPath):]))
	if err != nil {
		return l, requestError("inbox")
	}
	secret, versioned := strings.CutPrefix(fragment, linkVersion)
	if !versioned {
		return l, linkError("version")
	}
	seed, _, err := parseSecret(secret, "")
	if err != nil {
		return l, err
	}
	return RequestLink{service, id, seed}, nil
}

func requestPathFault(path, fragment string) (code string) {
	switch {
	case strings.Contains(path, "?"):
		return "query"
	case strings.HasPrefix(path, messagePath), strings.HasPrefix(path, controlPath):
		return "message-link"
	case strings.HasPrefix(path, inboxPath):
		return "inbox-address"
	case !strings.HasPrefix(path, requestPath):
		return "path"
	case fragment == "":
		return "fragment"
	}
	return ""
}
