package onion

import (
	"bytes"
	"crypto/sha3"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/edwards25519"
)

// Errors of the address and its key.
var (
	ErrNoAddress    = errors.New("onion: there is no address yet: it is made at the first start")
	ErrBadKey       = errors.New("onion: this is not the key of an onion address")
	ErrOtherAddress = errors.New("onion: there is another address in this folder")
)

// The files of a service, as tor writes them: a tag of 32 bytes, then the key.
// The secret key is expanded: a scalar and 32 bytes for making nonces.
const (
	secretFile = "hs_ed25519_secret_key"
	publicFile = "hs_ed25519_public_key"
	secretTag  = "== ed25519v1-secret: type0 ==\x00\x00\x00"
	publicTag  = "== ed25519v1-public: type0 ==\x00\x00\x00"
)

// Address is the onion address that the state folder holds.
func Address(dir string) (string, error) {
	b, err := os.ReadFile(filepath.Join(keyFolder(dir), "hostname"))
	if errors.Is(err, fs.ErrNotExist) {
		return "", ErrNoAddress
	}
	if err != nil {
		return "", err
	}
	address := strings.TrimSpace(string(b))
	if !IsAddress(address) {
		return "", ErrNoAddress
	}
	return address, nil
}

// Key is the secret key of an address, as the file hs_ed25519_secret_key that
// any tor takes.
type Key struct {
	file   []byte
	public []byte
}

// ParseKey takes the 96 bytes of that file.
func ParseKey(file []byte) (Key, error) {
	secret, ok := bytes.CutPrefix(file, []byte(secretTag))
	if !ok || len(secret) != 64 {
		return Key{}, ErrBadKey
	}
	// A scalar that is not clamped is none that tor makes, and would be
	// another one after it is.
	if secret[0]&7 != 0 || secret[31]&0xc0 != 0x40 {
		return Key{}, ErrBadKey
	}
	scalar, err := edwards25519.NewScalar().SetBytesWithClamping(secret[:32])
	if err != nil {
		return Key{}, ErrBadKey
	}
	public := new(edwards25519.Point).ScalarBaseMult(scalar).Bytes()
	return Key{bytes.Clone(file), public}, nil
}

// ReadKey reads the key from a state folder.
func ReadKey(dir string) (Key, error) {
	b, err := os.ReadFile(filepath.Join(keyFolder(dir), secretFile))
	if errors.Is(err, fs.ErrNotExist) {
		return Key{}, ErrNoAddress
	}
	if err != nil {
		return Key{}, err
	}
	return ParseKey(b)
}

// Bytes is the content of the key's file.
func (k Key) Bytes() []byte { return bytes.Clone(k.file) }

// Address is the address the key is of (rend-spec-v3, section 6).
func (k Key) Address() string {
	sum := sha3.Sum256(append(append([]byte(".onion checksum"), k.public...), 3))
	return base32Lower.EncodeToString(append(append(bytes.Clone(k.public), sum[:2]...), 3)) + suffix
}
