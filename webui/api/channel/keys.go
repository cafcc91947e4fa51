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
	"regexp"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"
)

const (
	label       = "ashpost/v1/channel"
	openingSize = 1709
	longestHost = 255
)

// ErrRefused is the one refusal: a wrong key, an unknown channel, a number used
// before, anything changed or cut.
var ErrRefused = errors.New("the channel does not open")

// ErrUnknown is ErrRefused for a channel that there is not, or no more, and for an
// opening to a key that is gone: what happens to clients after a restart or a rest.
var ErrUnknown = fmt.Errorf("%w: there is none of this id", ErrRefused)

// ID names a channel.
type ID [16]byte

// shared is what both ends derive: keys for the two directions.
type shared struct {
	id              ID
	client, service cipher.AEAD
}

// derive computes the keys of PROTOCOL.md, "Keys".
func derive(k1 []byte, address, recipient string, opening []byte) (s shared, err error) {
	if len(address) > longestHost {
		return s, ErrRefused
	}
	transcript := sha256.New()
	for _, part := range []string{address, recipient} {
		var length [2]byte
		binary.BigEndian.PutUint16(length[:], uint16(len(part)))
		transcript.Write(length[:])
		io.WriteString(transcript, part)
	}
	transcript.Write(opening)
	salt := transcript.Sum(nil)
	s.id = idOf(opening)
	if s.client, err = direction(k1, salt, "/client"); err != nil {
		return s, err
	}
	s.service, err = direction(k1, salt, "/service")
	return s, err
}

func idOf(opening []byte) ID {
	whole := sha256.Sum256(opening)
	return ID(whole[:len(ID{})])
}

func direction(k1, salt []byte, name string) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, k1, salt, label+name, chacha20poly1305.KeySize)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	return chacha20poly1305.New(key)
}

// seal makes an opening for a recipient.
func seal(recipient string, k1 []byte) ([]byte, error) {
	to, err := age.ParseHybridRecipient(recipient)
	if err != nil {
		return nil, errors.New("the service's recipient is malformed")
	}
	var opening bytes.Buffer
	w, err := age.Encrypt(&opening, to)
	if err != nil {
		return nil, err
	}
	text := append([]byte(label), k1...)
	defer clear(text)
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	err = w.Close() // writes the rest
	return opening.Bytes(), err
}

// shape is the only header an opening may have: one hybrid stanza. It is looked
// at before age does any work with a key.
var shape = regexp.MustCompile(`^age-encryption\.org/v1\n-> mlkem768x25519 [A-Za-z0-9+/]{900}[A-Za-z0-9+/]{594}\n[A-Za-z0-9+/]{43}\n--- [A-Za-z0-9+/]{43}\n`)

// unseal gives k1 of an opening.
func unseal(identity age.Identity, opening []byte) ([]byte, error) {
	if len(opening) != openingSize || !shape.Match(opening) {
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
