package seal

import (
	"regexp"
	"strings"
)

// InboxAddress says where to write to. An address with an ID proves the inbox's
// keys; one with an alias is the operator's word.
type InboxAddress struct {
	Service string  // "http://" and the host; no slash at the end
	ID      InboxID // zero when there is an alias
	Alias   string
}

const (
	inboxPath   = "/to/"
	requestPath = "/r/"
	maxAlias    = 31
)

var aliasName = regexp.MustCompile(`^[a-z][a-z0-9-]{1,30}$`)

// ValidAlias says whether a name may be an alias: it can never be taken for an ID.
func ValidAlias(name string) bool { return aliasName.MatchString(name) }

// String returns the address in its one spelling.
func (a InboxAddress) String() string {
	if a.Alias != "" {
		return a.Service + inboxPath + a.Alias
	}
	return a.Service + inboxPath + a.ID.String()
}

// ParseInboxAddress parses an address as people paste it: white space around it
// and the case of letters do not matter. The error is a [*LinkError].
func ParseInboxAddress(text string) (InboxAddress, error) {
	service, rest, err := splitHost(text)
	if err != nil {
		return InboxAddress{}, addressError(err)
	}
	path, _, fragment := strings.Cut(rest, "#")
	if code := addressPathFault(path); code != "" {
		return InboxAddress{}, inboxError(code)
	}
	if fragment {
		return InboxAddress{}, inboxError("extra")
	}
	name := strings.ToLower(path[len(inboxPath):])
	if ValidAlias(name) {
		return InboxAddress{Service: service, Alias: name}, nil
	}
	if code := inboxFault(len(name)); code != "" {
		return InboxAddress{}, inboxError(code)
	}
	id, err := ParseInboxID(name)
	if err != nil {
		return InboxAddress{}, inboxError("inbox")
	}
	return InboxAddress{Service: service, ID: id}, nil
}

func inboxFault(size int) (code string) {
	switch {
	case size <= maxAlias:
		return "alias"
	case size < inboxIDSize:
		return "cut-off"
	case size > inboxIDSize:
		return "extra"
	}
	return ""
}

func addressPathFault(path string) (code string) {
	switch {
	case strings.Contains(path, "?"):
		return "query"
	case strings.HasPrefix(path, messagePath), strings.HasPrefix(path, controlPath):
		return "message-link"
	case strings.HasPrefix(path, requestPath):
		return "request-link"
	case !strings.HasPrefix(path, inboxPath):
		return "path"
	}
	return ""
}
