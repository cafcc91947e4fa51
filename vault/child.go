package vault

import (
	"crypto/rand"

	"golang.org/x/crypto/chacha20poly1305"
)

// mark is a pseudonym that only the key of an inbox's slot yields.
type mark [16]byte

// familyMark is how children name their inbox. Once its slot is erased the mark
// fits nothing: no later inbox, wherever its slot lies, inherits a child.
func familyMark(inbox *[32]byte) mark {
	return mark(derive(inbox, nil, "ashpost/v1/vault/family", len(mark{})))
}

// ownerMark tells the notebooks of one inbox apart.
func ownerMark(inbox *[32]byte, owner [32]byte) mark {
	return mark(derive(inbox, owner[:], "ashpost/v1/vault/owner", len(mark{})))
}

// secret is what a child's slot keeps under its inbox's key: the reference of
// a letter or a notebook, or the name of an alias and its inbox.
type secret [64]byte

const sealedSecret = chacha20poly1305.NonceSizeX + len(secret{}) + chacha20poly1305.Overhead

// childKey seals the references of letters and notebooks. It needs the inbox's
// ID, which only a hash of is on the disk.
func childKey(inbox *[32]byte, id InboxID) []byte {
	return derive(inbox, id[:], "ashpost/v1/vault/child", 32)
}

// aliasKey does not: aliases are listed for an operator who names no inbox.
func aliasKey(inbox *[32]byte) []byte { return derive(inbox, nil, "ashpost/v1/vault/alias", 32) }

// seal puts p into the slot, which has its tag.
func (s *slot) seal(key []byte, p *secret) {
	a, err := chacha20poly1305.NewX(key)
	if err != nil {
		panic(err) // only for keys that are not 32 bytes
	}
	nonce := s.sealed[:chacha20poly1305.NonceSizeX]
	rand.Read(nonce)
	a.Seal(nonce, nonce, p[:], s.tag[:])
}

// unseal reports false for a slot that is not of this inbox.
func (s *slot) unseal(key []byte) (p secret, ok bool) {
	a, err := chacha20poly1305.NewX(key)
	if err != nil {
		panic(err) // only for keys that are not 32 bytes
	}
	nonce := s.sealed[:chacha20poly1305.NonceSizeX]
	_, err = a.Open(p[:0], nonce, s.sealed[len(nonce):], s.tag[:])
	return p, err == nil
}

func (s *slot) sealReference(key []byte, ref Reference) {
	var p secret
	copy(p[:], ref[:])
	s.seal(key, &p)
}

func (s *slot) reference(key []byte) (Reference, bool) {
	p, ok := s.unseal(key)
	ref := Reference(p[:len(Reference{})])
	return ref, ok && ref.tag() == s.tag
}
