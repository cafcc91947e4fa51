package channel

import (
	"bytes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"
)

const (
	label       = "ashpost/v1/channel"
	openingSize = 1709
	longestHost = 255

	recipientSize = 1959
)

// ErrRefused is the one refusal: a wrong key, an unknown channel, a number used
// before, anything changed or cut.
var ErrRefused = errors.New("the channel does not open")

// ErrUnknown is ErrRefused for a channel that there is not, or no more, and for an
// opening to a key that is gone: what happens to clients after a restart or a rest.
var ErrUnknown = fmt.Errorf("%w: there is none of this id", ErrRefused)

// errRecipient says that a recipient is not of the one kind and spelling.
var errRecipient = fmt.Errorf("%w: the recipient is malformed", ErrRefused)

// ID names a channel, or a session.
type ID [16]byte

// shared is what both ends derive: keys for the two directions, and what sessions
// inside of a channel are bound to. A session has no export.
type shared struct {
	id              ID
	client, service cipher.AEAD

	transcript, export []byte
}

// derive computes the keys of PROTOCOL.md, "Keys".
func derive(k1 []byte, address, recipient string, opening []byte) (s shared, err error) {
	if len(address) > longestHost {
		return s, ErrRefused
	}
	s.transcript = digest(prefixed(address), prefixed(recipient), opening)
	s.id = idOf(opening)
	if s.export, err = expand(k1, s.transcript, label+"/session"); err != nil {
		return s, err
	}
	return s, s.directions(k1, label)
}

// directions derives the keys of both directions from a secret.
func (s *shared) directions(secret []byte, label string) (err error) {
	if s.client, err = direction(secret, s.transcript, label+"/client"); err != nil {
		return err
	}
	s.service, err = direction(secret, s.transcript, label+"/service")
	return err
}

func digest(parts ...[]byte) []byte {
	h := sha256.New()
	for _, part := range parts {
		h.Write(part)
	}
	return h.Sum(nil)
}

func prefixed(text string) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(text))), text...)
}

func idOf(opening []byte) ID {
	whole := sha256.Sum256(opening)
	return ID(whole[:len(ID{})])
}

func expand(secret, salt []byte, info string) ([]byte, error) {
	return hkdf.Key(sha256.New, secret, salt, info, 32)
}

func direction(secret, salt []byte, info string) (cipher.AEAD, error) {
	key, err := expand(secret, salt, info)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	return chacha20poly1305.New(key)
}

// seal encrypts an opening, or a challenge, to a recipient.
func seal(recipient string, parts ...[]byte) ([]byte, error) {
	to, err := hybrid(recipient)
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	w, err := age.Encrypt(&file, to)
	if err != nil {
		return nil, errRecipient // whose key is none
	}
	text := slices.Concat(parts...)
	defer clear(text)
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	err = w.Close() // writes the rest
	return file.Bytes(), err
}

// shape is the only header that an opening or a challenge may have: one hybrid
// stanza. So many characters of base64 follow each text.
var shape = []struct {
	text   string
	base64 int
}{{"age-encryption.org/v1\n-> mlkem768x25519 ", 1494}, {"\n", 43}, {"\n--- ", 43}, {"\n", 0}}

// shaped looks at a header before any work with a key.
func shaped(file []byte) bool {
	for _, part := range shape {
		rest, ok := bytes.CutPrefix(file, []byte(part.text))
		if !ok || len(rest) < part.base64 || bytes.ContainsFunc(rest[:part.base64], notBase64) {
			return false
		}
		file = rest[part.base64:]
	}
	return true
}

func notBase64(c rune) bool {
	return !(c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/')
}

// unseal gives k1 of an opening.
func unseal(identity age.Identity, opening []byte) ([]byte, error) {
	if len(opening) != openingSize || !shaped(opening) {
		return nil, ErrRefused
	}
	r, err := age.Decrypt(bytes.NewReader(opening), identity)
	if err != nil {
		return nil, ErrRefused
	}
	plain, err := io.ReadAll(r)
	if err != nil || len(plain) != len(label)+32 || string(plain[:len(label)]) != label {
		return nil, ErrRefused
	}
	return plain[len(label):], nil
}

func random32() []byte {
	k := make([]byte, 32)
	rand.Read(k) // never fails: crypto/rand ends the process instead
	return k
}
