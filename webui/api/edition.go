package api

import "crypto/sha256"

// Edition names a notebook as its owner read it: the SHA-256 of its file. The zero
// value names none.
type Edition [32]byte

const noEdition = "none"

// EditionOf names the notebook with this file.
func EditionOf(file []byte) Edition { return sha256.Sum256(file) }

// Encode gives the spelling on the wire.
func (e Edition) Encode() string {
	if e == (Edition{}) {
		return noEdition
	}
	return encoding.EncodeToString(e[:])
}

// ParseEdition reads the spelling on the wire.
func ParseEdition(s string) (e Edition, err error) {
	if s == noEdition {
		return e, nil
	}
	if err = fill(e[:], s); err == nil && e == (Edition{}) {
		err = errBinary // that is spelled "none"
	}
	return e, err
}
