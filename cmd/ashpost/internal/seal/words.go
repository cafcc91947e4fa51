package seal

import (
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"math/big"
	"strings"
)

const (
	// fingerprintWords of EFF's short list are 103 bits: nobody makes another
	// address with the same ones.
	fingerprintWords = 10

	// KeyFileWords make 134 bits: what protects a key file needs no slow scrypt.
	KeyFileWords = 13
)

// wordList is EFF's second short list, 1,296 words in the order of its dice, by
// Joseph Bonneau (CC BY 3.0 US).
//
//go:embed words.txt
var wordList string

// Fingerprint says an address in words that can be read out or printed on a
// card, to tell whether a page shows the right one. Label is "onion" for the
// host of a service and "inbox" for the 32 bytes of an [InboxID]. SHA-256 over
// label and data is taken as a number, whose lowest digit to the base 1296 is
// the first word. They are no wallet phrase: the list is another.
func Fingerprint(label string, data []byte) string {
	list := strings.Fields(wordList)
	sum := sha256.Sum256(append([]byte("ashpost/v1/fingerprint/"+label), data...))
	number, base, digit := new(big.Int).SetBytes(sum[:]), big.NewInt(int64(len(list))), new(big.Int)
	words := make([]string, fingerprintWords)
	for i := range words {
		number.DivMod(number, base, digit)
		words[i] = list[digit.Int64()]
	}
	return strings.Join(words, " ")
}

// NewPassphrase makes a passphrase of n words to write down.
func NewPassphrase(n int) string {
	list := strings.Fields(wordList)
	words := make([]string, n)
	for i := range words {
		pick, err := rand.Int(rand.Reader, big.NewInt(int64(len(list))))
		if err != nil {
			panic(err) // crypto/rand ends the process before it fails
		}
		words[i] = list[pick.Int64()]
	}
	return strings.Join(words, "-")
}
