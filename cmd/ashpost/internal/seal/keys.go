package seal

import (
	"crypto/hkdf"
	"crypto/sha256"
	"errors"

	"ashpost/webui/api"
)

// Keys are what a link's token opens.
type Keys struct {
	Claim [32]byte // proves to the service that its holder has the link

	derived    string // the age passphrase, or its first half
	passphrase bool
}

// ErrNoPassphraseNeeded refuses an extra passphrase for a link without one: the
// message would be sealed without it.
var ErrNoPassphraseNeeded = errors.New("this link needs no extra passphrase")

// Keys derives the keys of a link.
func (l Link) Keys() Keys {
	k := Keys{passphrase: l.Passphrase}
	passphrase := l.derive("ashpost/v1/link/passphrase")
	k.derived = base64url.EncodeToString(passphrase[:])
	k.Claim = l.derive("ashpost/v1/link/claim")
	return k
}

// derive salts with the reference, so that a token used twice by a broken
// random generator still gives two messages two keys.
func (l Link) derive(info string) [32]byte { return derive(l.Token[:], l.Reference[:], info) }

func derive(secret, salt []byte, info string) [32]byte {
	key, err := hkdf.Key(sha256.New, secret, salt, info, 32)
	if err != nil {
		panic(err) // only an output of more than 255 digests fails
	}
	defer clear(key)
	return [32]byte(key)
}

// Verifier is what the service gets in place of a key until the key is used.
func Verifier(key [32]byte) [32]byte { return sha256.Sum256(key[:]) }

// AgePassphrase returns the passphrase that opens the message with any age.
// Extra is the extra passphrase as typed; it is empty for a link without one.
func (k Keys) AgePassphrase(extra string) (string, error) {
	if !k.passphrase {
		if extra != "" {
			return "", ErrNoPassphraseNeeded
		}
		return k.derived, nil
	}
	extra, err := normalize(extra)
	if err != nil {
		return "", err
	}
	return k.derived + "." + extra, nil
}

func (k Keys) workFactor() int {
	if k.passphrase {
		return api.PassphraseWorkFactor
	}
	return api.LinkWorkFactor
}
