package onion

import (
	"crypto/ecdh"
	"encoding/base64"
	"errors"
	"strings"
)

// ErrClientKey says that a text is not a client's key.
var ErrClientKey = errors.New("onion: this is not a client's key: one line, ADDRESS:descriptor:x25519:KEY")

// A ClientKey lets a client reach one private service. Tor has it over the
// control connection, in memory: it is never in an argument, nor on the disk.
type ClientKey struct {
	address string // without .onion
	secret  []byte
}

// ParseClientKey reads what a file of Tor's ClientOnionAuthDir holds.
func ParseClientKey(text string) (ClientKey, error) {
	address, rest, _ := strings.Cut(strings.TrimSpace(text), ":")
	address = strings.ToLower(address)
	key, ok := strings.CutPrefix(rest, "descriptor:x25519:")
	if !ok || !IsAddress(address+".onion") {
		return ClientKey{}, ErrClientKey
	}
	secret, err := base32Upper.DecodeString(strings.ToUpper(key))
	if err != nil {
		return ClientKey{}, ErrClientKey
	}
	if _, err := ecdh.X25519().NewPrivateKey(secret); err != nil {
		return ClientKey{}, ErrClientKey
	}
	return ClientKey{address, secret}, nil
}

// Address is of the service that the key is for.
func (k ClientKey) Address() string { return k.address + ".onion" }

// admit gives tor the key. Tor forgets it when its configuration changes.
func (l *link) admit(k ClientKey) error {
	if k.address == "" {
		return nil
	}
	_, err := l.command("ONION_CLIENT_AUTH_ADD %s x25519:%s", k.address, base64.StdEncoding.EncodeToString(k.secret))
	return err
}
