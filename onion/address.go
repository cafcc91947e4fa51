package onion

import (
	"bytes"
	"crypto/sha3"
	"encoding/base32"
	"strings"
)

const suffix = ".onion"

var base32Lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// IsAddress says whether s is a v3 onion address in lower case, its checksum
// included (rend-spec-v3, section 6): a mistyped one is caught without asking
// the network for it.
func IsAddress(s string) bool {
	name, ok := strings.CutSuffix(s, suffix)
	if !ok || len(name) != 56 {
		return false
	}
	b, err := base32Lower.DecodeString(name)
	if err != nil || b[34] != 3 {
		return false
	}
	key, sum := b[:32], b[32:34]
	text := append([]byte(".onion checksum"), key...)
	full := sha3.Sum256(append(text, 3))
	return bytes.Equal(sum, full[:2])
}
