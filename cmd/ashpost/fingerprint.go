package main

import (
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"math/big"
	"strings"
)

// wordCount words of EFF's short list are 103 bits: nobody makes another address
// with the same ones.
const wordCount = 10

// wordList is EFF's second short list, 1,296 words in the order of its dice, by
// Joseph Bonneau (CC BY 3.0 US).
//
//go:embed words.txt
var wordList string

// fingerprintWords says an onion address in words that can be read out or
// printed on a card, to tell whether a page shows the right address. SHA-256
// over a label and the address is taken as a number, whose lowest digit to the
// base 1296 is the first word. They are no wallet phrase: the list is another.
func fingerprintWords(address string) string {
	list := strings.Fields(wordList)
	sum := sha256.Sum256([]byte("ashpost/v1/fingerprint/onion" + address))
	number, base, digit := new(big.Int).SetBytes(sum[:]), big.NewInt(int64(len(list))), new(big.Int)
	words := make([]string, wordCount)
	for i := range words {
		number.DivMod(number, base, digit)
		words[i] = list[digit.Int64()]
	}
	return strings.Join(words, " ")
}

// newPassphrase makes a passphrase to write down.
func newPassphrase() (string, error) {
	list := strings.Fields(wordList)
	words := make([]string, wordCount)
	for i := range words {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(list))))
		if err != nil {
			return "", err
		}
		words[i] = list[n.Int64()]
	}
	return strings.Join(words, "-"), nil
}
