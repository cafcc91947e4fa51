package seal

import (
	"crypto/sha256"
	_ "embed"
	"math/big"
	"slices"
	"strings"
)

// bip39List is the English list of BIP 39, 2,048 words in alphabetical order, of
// which no two begin with the same four letters. The library for it links eight
// more lists and keeps them in memory; tests compare with it.
//
//go:embed bip39.txt
var bip39List string

const (
	codenameWords = 12
	bip39Shortest = 4  // letters that tell words apart
	wordBits      = 11 // 2,048 words
	checksumBits  = 4  // of SHA-256, behind 128 bits of entropy
)

// mnemonic says 16 bytes and their checksum in 12 words.
func mnemonic(entropy [16]byte) []string {
	list := strings.Fields(bip39List)
	number := new(big.Int).SetBytes(entropy[:])
	number.Lsh(number, checksumBits).Or(number, big.NewInt(checksum(entropy)))
	base, digit := big.NewInt(int64(len(list))), new(big.Int)
	words := make([]string, codenameWords)
	for i := range words {
		number.DivMod(number, base, digit)
		words[len(words)-1-i] = list[digit.Int64()]
	}
	return words
}

// entropyOf undoes mnemonic for the places of 12 words in the list.
func entropyOf(places []int) (entropy [16]byte, ok bool) {
	number := new(big.Int)
	for _, place := range places {
		number.Lsh(number, wordBits).Or(number, big.NewInt(int64(place)))
	}
	last := new(big.Int).And(number, big.NewInt(1<<checksumBits-1))
	number.Rsh(number, checksumBits).FillBytes(entropy[:])
	return entropy, last.Int64() == checksum(entropy)
}

func checksum(entropy [16]byte) int64 {
	return int64(sha256.Sum256(entropy[:])[0] >> (8 - checksumBits))
}

// placeOf finds a word of the list, or the one that begins with no fewer than
// four letters of it.
func placeOf(list []string, word string) (place int, ok bool) {
	place, found := slices.BinarySearch(list, word)
	if found || place == len(list) {
		return place, found
	}
	return place, len(word) >= bip39Shortest && strings.HasPrefix(list[place], word)
}
