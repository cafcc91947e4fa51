package api

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
)

// Reference names a message. It is public to the service, and part of the link.
type Reference [16]byte

// Key is an upload, claim, reader or manage key: whoever has it may act.
type Key [32]byte

// Verifier is the SHA-256 of a Key: enough to check one, useless to act.
type Verifier [32]byte

// Strict makes the decoder refuse trailing bits that are not zero, so that no
// two spellings name the same bytes.
var encoding = base64.RawURLEncoding.Strict()

var errBinary = errors.New("not canonical unpadded base64url of the right length")

// NewKey draws a key.
func NewKey() Key {
	var k Key
	rand.Read(k[:]) // never fails: crypto/rand ends the process instead
	return k
}

// Verifier is what the service may know of the key.
func (k Key) Verifier() Verifier { return sha256.Sum256(k[:]) }

// Encode gives the spelling on the wire.
func (r Reference) Encode() string { return encoding.EncodeToString(r[:]) }

// Encode gives the spelling on the wire.
func (k Key) Encode() string { return encoding.EncodeToString(k[:]) }

// Encode gives the spelling on the wire.
func (v Verifier) Encode() string { return encoding.EncodeToString(v[:]) }

// ParseReference reads the spelling on the wire.
func ParseReference(s string) (r Reference, err error) { return r, fill(r[:], s) }

// ParseKey reads the spelling on the wire.
func ParseKey(s string) (k Key, err error) { return k, fill(k[:], s) }

// ParseVerifier reads the spelling on the wire.
func ParseVerifier(s string) (v Verifier, err error) { return v, fill(v[:], s) }

// fill decodes s into dst. Length and line breaks are checked first: the standard
// decoder skips CR and LF, which would make a second spelling.
func fill(dst []byte, s string) error {
	if len(s) != encoding.EncodedLen(len(dst)) || strings.ContainsAny(s, "\r\n") {
		return errBinary
	}
	if _, err := encoding.Decode(dst, []byte(s)); err != nil {
		clear(dst)
		return errBinary
	}
	return nil
}

// String keeps references out of errors and logs; [Reference.Encode] is the value.
func (Reference) String() string { return "[reference]" }

// String keeps keys out of errors and logs; [Key.Encode] is the value.
func (Key) String() string { return "[key]" }

// String keeps verifiers out of errors and logs; [Verifier.Encode] is the value.
func (Verifier) String() string { return "[verifier]" }

// MarshalText makes the type a JSON string.
func (r Reference) MarshalText() ([]byte, error) { return []byte(r.Encode()), nil }

// MarshalText makes the type a JSON string.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.Encode()), nil }

// MarshalText makes the type a JSON string.
func (v Verifier) MarshalText() ([]byte, error) { return []byte(v.Encode()), nil }

// UnmarshalText reads the JSON string.
func (r *Reference) UnmarshalText(text []byte) error { return fill(r[:], string(text)) }

// UnmarshalText reads the JSON string.
func (k *Key) UnmarshalText(text []byte) error { return fill(k[:], string(text)) }

// UnmarshalText reads the JSON string.
func (v *Verifier) UnmarshalText(text []byte) error { return fill(v[:], string(text)) }

const bearer = "Bearer "

// Bearer is the value of the Authorization header.
func Bearer(k Key) string { return bearer + k.Encode() }

// ParseBearer reads the value of an Authorization header.
func ParseBearer(value string) (Key, error) {
	s, ok := strings.CutPrefix(value, bearer)
	if !ok {
		return Key{}, errBinary
	}
	return ParseKey(s)
}
