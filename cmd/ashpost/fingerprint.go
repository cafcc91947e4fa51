package main

import (
	"crypto/sha256"
	"math/big"
	"strings"

	"github.com/sethvargo/go-diceware/diceware"
)

// wordCount words of EFF's short list are 103 bits: nobody makes another address
// with the same ones.
const wordCount = 10

// fingerprintWords says an onion address in words that can be read out or
// printed on a card, to tell whether a page shows the right address. SHA-256
// over a label and the address is taken as a number, whose lowest digit to the
// base 1296 is the first word. They are no wallet phrase: the list is another.
func fingerprintWords(address string) string {
	list := diceware.WordListEffSmall()
	sum := sha256.Sum256([]byte("ashpost/v1/fingerprint/onion" + address))
	number, base, digit := new(big.Int).SetBytes(sum[:]), big.NewInt(6*6*6*6), new(big.Int)
	words := make([]string, wordCount)
	for i := range words {
		number.DivMod(number, base, digit)
		words[i] = list.WordAt(rolls(int(digit.Int64())))
	}
	return strings.Join(words, " ")
}

// rolls names a word of the list as four dice do: 1111 to 6666.
func rolls(n int) (dice int) {
	for place := 1; place <= 1000; place *= 10 {
		dice += (n%6 + 1) * place
		n /= 6
	}
	return dice
}

// newPassphrase makes a passphrase to write down.
func newPassphrase() (string, error) {
	words, err := diceware.GenerateWithWordList(wordCount, diceware.WordListEffSmall())
	return strings.Join(words, "-"), err
}
