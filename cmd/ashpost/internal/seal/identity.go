package seal

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
	"github.com/btcsuite/btcd/btcutil/bech32"
)

// Identity opens what is written to one recipient: a post-quantum key pair of
// age. Its text can only be had where a key file is written: printing an Identity,
// or anything that holds one, shows nothing of it, because fmt looks through
// pointers, but not into functions.
type Identity struct{ key func() *identityKey }

type identityKey struct {
	seed [32]byte
	age  *age.HybridIdentity
}

const identityPrefix = "age-secret-key-pq-"

// ErrNotIdentity refuses a line that is no identity of the post-quantum kind.
var ErrNotIdentity = errors.New("this is not an identity of the kind AGE-SECRET-KEY-PQ-1…")

// NewIdentity makes a fresh identity.
func NewIdentity() Identity {
	var seed [32]byte
	rand.Read(seed[:]) // never fails: crypto/rand ends the process instead
	defer clear(seed[:])
	id, err := IdentityFromSeed(seed)
	if err != nil {
		panic(err) // every seed is one of a key pair
	}
	return id
}

// IdentityFromSeed makes the identity that a seed gives.
func IdentityFromSeed(seed [32]byte) (Identity, error) {
	parsed, err := age.ParseHybridIdentity(identityLine(seed))
	if err != nil {
		return Identity{}, ErrNotIdentity
	}
	key := &identityKey{seed, parsed}
	return Identity{func() *identityKey { return key }}, nil
}

// identityLine is the text of the identity of a seed, as age writes it.
func identityLine(seed [32]byte) string {
	line, err := bech32.EncodeFromBase256(identityPrefix, seed[:])
	if err != nil {
		panic(err) // only of a prefix that is none
	}
	return strings.ToUpper(line)
}

// ParseIdentity parses the line AGE-SECRET-KEY-PQ-1….
func ParseIdentity(line string) (Identity, error) {
	prefix, seed, err := bech32.DecodeToBase256(line)
	if err != nil || prefix != identityPrefix || len(seed) != 32 {
		return Identity{}, ErrNotIdentity
	}
	defer clear(seed)
	if identityLine([32]byte(seed)) != line { // in lower case
		return Identity{}, ErrNotIdentity
	}
	return IdentityFromSeed([32]byte(seed))
}

// Recipient is the public half: age1pq1….
func (i Identity) Recipient() string { return i.key().age.Recipient().String() }

// Seed is the secret itself.
func (i Identity) Seed() [32]byte { return i.key().seed }

// Format prints the same words whatever is asked for.
func (i Identity) Format(f fmt.State, _ rune) { io.WriteString(f, i.String()) }

// String does not return the secret.
func (i Identity) String() string { return "a secret identity" }

// Answer opens a small age file made for this identity alone, such as the
// challenge of a service, if it holds no more than most bytes.
func (i Identity) Answer(challenge []byte, most int) ([]byte, error) {
	if n, err := inboxHeader(challenge); err != nil {
		return nil, err
	} else if n != 1 {
		return nil, damaged("it is for more than one key")
	}
	r, err := age.Decrypt(bytes.NewReader(challenge), i.key().age)
	if err != nil {
		return nil, damaged("it is not for this key")
	}
	plain, err := io.ReadAll(io.LimitReader(r, int64(most)+1))
	if err != nil {
		return nil, damaged("a part of it is not authentic")
	}
	if len(plain) > most {
		return nil, damaged("it is longer than it must be")
	}
	return plain, nil
}

// derive makes 32 bytes out of the seed for one purpose.
func (i Identity) derive(salt []byte, info string) [32]byte {
	return derive(i.key().seed[:], salt, info)
}
