package onion

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
)

// A Bridge is one bridge line as bridges.torproject.org hands them out:
//
//	[Bridge] [TRANSPORT] ADDRESS:PORT [FINGERPRINT] [KEY=VALUE…]
//
// Who learns it can block the bridge or watch for its users, so nothing here
// prints one.
type Bridge struct {
	transport string // empty for a bridge without one
	line      string // as torrc has it, in one spelling
}

const (
	longestBridge = 2048
	mostBridges   = 100
)

var (
	transportName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)
	fingerprint   = regexp.MustCompile(`^[0-9A-Fa-f]{40}$`)
	// Neither quotes, backslashes nor '#', which mean something in torrc.
	bridgeArgument = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}=[A-Za-z0-9_./:,;@?&%+=~*!()\[\]-]*$`)
)

// ErrBridge says that a line is not a bridge's. It repeats nothing of it.
var ErrBridge = errors.New("onion: this is not a bridge line")

// ParseBridge is strict: what it takes goes into Tor's configuration.
func ParseBridge(line string) (Bridge, error) {
	words := strings.Fields(line)
	if len(line) > longestBridge || !plainASCII(line) || len(words) == 0 {
		return Bridge{}, ErrBridge
	}
	if strings.EqualFold(words[0], "Bridge") {
		words = words[1:]
	}
	var b Bridge
	if len(words) > 0 && transportName.MatchString(words[0]) {
		b.transport, words = words[0], words[1:]
	}
	if len(words) == 0 {
		return Bridge{}, ErrBridge
	}
	address, err := netip.ParseAddrPort(words[0])
	if err != nil || address.Port() == 0 || address.Addr().Zone() != "" {
		return Bridge{}, ErrBridge
	}
	parts := []string{address.String()}
	if words = words[1:]; len(words) > 0 && fingerprint.MatchString(words[0]) {
		parts, words = append(parts, strings.ToUpper(words[0])), words[1:]
	}
	for _, word := range words {
		if b.transport == "" || !bridgeArgument.MatchString(word) {
			return Bridge{}, ErrBridge
		}
		parts = append(parts, word)
	}
	if b.transport != "" {
		parts = append([]string{b.transport}, parts...)
	}
	b.line = strings.Join(parts, " ")
	return b, nil
}

func plainASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7e || r < 0x20 && r != '\t' })
}

// String keeps a bridge out of whatever is printed by mistake.
func (b Bridge) String() string { return "(a bridge)" }

// GoString does it for %#v.
func (b Bridge) GoString() string { return b.String() }

// A BridgeError says which line of a file is wrong.
type BridgeError struct{ Line int }

func (e *BridgeError) Error() string { return fmt.Sprintf("line %d is not a bridge line", e.Line) }
func (e *BridgeError) Unwrap() error { return ErrBridge }

// ParseBridges reads lines; empty ones and those that begin with # are skipped.
func ParseBridges(text string) (all []Bridge, err error) {
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(strings.TrimPrefix(line, "\ufeff"))
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		b, err := ParseBridge(line)
		if err != nil || len(all) == mostBridges {
			return nil, &BridgeError{number}
		}
		all = append(all, b)
	}
	return all, nil
}
