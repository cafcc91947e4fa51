package seal

import (
	"crypto/rand"
	"encoding/base64"
	"strings"
)

// Link is a secret link: whoever has it can read the message.
type Link struct {
	Service    string   // "http://" and the host; no slash at the end
	Reference  [16]byte // issued by the service
	Token      [32]byte // the secret part; the service never sees it
	Passphrase bool     // an extra passphrase is needed as well
}

// ControlLink stays with the sender: whoever has it can ask whether the message
// waits, and destroy it. It does not open the message.
type ControlLink struct {
	Service   string
	Reference [16]byte
	ManageKey [32]byte
}

const (
	linkVersion      = "1"
	passphraseSuffix = ".p"

	messagePath = "/m/"
	controlPath = "/c/"
)

// base64url is strict: one token has one spelling.
var base64url = base64.RawURLEncoding.Strict()

// NewToken returns a fresh random token.
func NewToken() (t [32]byte) {
	rand.Read(t[:]) // never fails: crypto/rand ends the process instead
	return t
}

// String returns the link itself. It is a secret: print it for its owner only.
func (l Link) String() string {
	s := l.Service + messagePath + base64url.EncodeToString(l.Reference[:]) +
		"#" + linkVersion + base64url.EncodeToString(l.Token[:])
	if l.Passphrase {
		s += passphraseSuffix
	}
	return s
}

// String returns the link itself. It is a secret: print it for its owner only.
func (l ControlLink) String() string {
	return l.Service + controlPath + base64url.EncodeToString(l.Reference[:]) +
		"#" + linkVersion + base64url.EncodeToString(l.ManageKey[:])
}

// ParseLink parses a secret link. White space around it is ignored. The error is
// a [*LinkError].
func ParseLink(text string) (Link, error) {
	p, err := splitLink(text, messagePath)
	if err != nil {
		return Link{}, err
	}
	token, suffix, err := parseSecret(p.secret, passphraseSuffix)
	if err != nil {
		return Link{}, err
	}
	return Link{Service: p.service, Reference: p.reference, Token: token, Passphrase: suffix}, nil
}

// ParseControlLink parses a control link as ParseLink does a secret one.
func ParseControlLink(text string) (ControlLink, error) {
	p, err := splitLink(text, controlPath)
	if err != nil {
		return ControlLink{}, err
	}
	key, _, err := parseSecret(p.secret, "")
	if err != nil {
		return ControlLink{}, err
	}
	return ControlLink{Service: p.service, Reference: p.reference, ManageKey: key}, nil
}

// linkParts is a link of either kind with its secret not yet decoded.
type linkParts struct {
	service   string
	reference [16]byte
	secret    string // what follows the version character
}

// splitHost takes the service off the front of a link or address of any kind.
func splitHost(text string) (service, rest string, err error) {
	text = strings.Trim(text, " \t\r\n")
	if text == "" {
		return "", "", linkError("empty")
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r < '!' || r > '~' }) {
		return "", "", linkError("characters")
	}
	if len(text) < len("http://") || !strings.EqualFold(text[:len("http://")], "http://") {
		return "", "", linkError("scheme")
	}
	rest = text[len("http://"):]
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	host, err := parseHost(rest[:end])
	return "http://" + host, rest[end:], err
}

// splitLink makes its checks in the order FORMAT.md gives, so that every
// implementation names the same fault.
func splitLink(text, wantPath string) (p linkParts, err error) {
	service, rest, err := splitHost(text)
	if err != nil {
		return p, err
	}
	p.service = service
	path, fragment, _ := strings.Cut(rest, "#")
	p.reference, err = parsePath(path, wantPath, fragment == "")
	if err != nil {
		return p, err
	}
	if !strings.HasPrefix(fragment, linkVersion) {
		return p, linkError("version")
	}
	p.secret = fragment[len(linkVersion):]
	return p, nil
}

func parsePath(path, wantPath string, noFragment bool) (reference [16]byte, err error) {
	switch {
	case strings.Contains(path, "?"):
		return reference, linkError("query")
	case wantPath == messagePath && strings.HasPrefix(path, controlPath):
		return reference, linkError("control-link")
	case wantPath == controlPath && strings.HasPrefix(path, messagePath):
		return reference, linkError("message-link")
	case !strings.HasPrefix(path, wantPath):
		return reference, linkError("path")
	case noFragment:
		return reference, linkError("fragment")
	}
	raw, err := base64url.DecodeString(path[len(wantPath):])
	if err != nil || len(raw) != len(reference) {
		return reference, linkError("reference")
	}
	return [16]byte(raw), nil
}

// parseSecret decodes 32 bytes, which the suffix may follow if it is not empty.
func parseSecret(text, allowed string) (secret [32]byte, suffixed bool, err error) {
	suffix := ""
	if dot := strings.IndexByte(text, '.'); dot >= 0 {
		text, suffix = text[:dot], text[dot:]
	}
	switch {
	case len(text) < 43, len(text) == 43 && allowed != "" && suffix == ".": // ".p" that lost its end
		return secret, false, linkError("cut-off")
	case len(text) > 43, suffix != "" && suffix != allowed:
		return secret, false, linkError("extra")
	}
	raw, err := base64url.DecodeString(text)
	if err != nil {
		return secret, false, linkError("token")
	}
	return [32]byte(raw), suffix != "", nil
}
