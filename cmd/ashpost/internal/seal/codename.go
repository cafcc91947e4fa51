package seal

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// Codename is what a source keeps in mind: 12 words that give an identity at
// one service, and another one at every other.
type Codename [16]byte

// ErrNoOnion refuses a codename at a service without an onion address: there is
// nothing that tells it from any other.
var ErrNoOnion = errors.New("return words need an onion address")

// CodenameError says what is wrong with words as typed. It repeats none.
type CodenameError struct {
	Code string // empty, word, count or checksum
	Word int    // of word, which one, from 1; of count, how many there are
}

func (e *CodenameError) Error() string {
	switch e.Code {
	case "empty":
		return "there are no return words"
	case "word":
		return fmt.Sprintf("word %d is not a return word", e.Word)
	case "count":
		return fmt.Sprintf("there are %d return words, and there must be 12", e.Word)
	}
	return "the return words do not belong together: one is another word, or two have changed places"
}

// NewCodename makes fresh words.
func NewCodename() (c Codename) {
	rand.Read(c[:]) // never fails: crypto/rand ends the process instead
	return c
}

// Words returns the words themselves. They are a secret: show them to their
// owner only.
func (c Codename) Words() string { return strings.Join(mnemonic(c), " ") }

// Format prints the same words whatever is asked for.
func (c Codename) Format(f fmt.State, _ rune) { io.WriteString(f, "a secret codename") }

// ParseCodename takes words as people type them. Letter case, and white space,
// commas, numbering and the like between words do not matter, and the first four
// letters of a word are enough. The error is a [*CodenameError].
func ParseCodename(typed string) (Codename, error) {
	words := strings.FieldsFunc(strings.ToLower(typed), func(r rune) bool {
		return unicode.IsSpace(r) || r <= unicode.MaxASCII && !unicode.IsLetter(r) || strings.ContainsRune("\u060c\u3001\uff0c", r)
	})
	if len(words) == 0 {
		return Codename{}, &CodenameError{Code: "empty"}
	}
	list := strings.Fields(bip39List)
	places := make([]int, len(words))
	for i, word := range words {
		place, ok := placeOf(list, word)
		if !ok {
			return Codename{}, &CodenameError{"word", i + 1}
		}
		places[i] = place
	}
	if len(words) != codenameWords {
		return Codename{}, &CodenameError{"count", len(words)}
	}
	entropy, ok := entropyOf(places)
	if !ok {
		return Codename{}, &CodenameError{Code: "checksum"}
	}
	return entropy, nil
}

// Identity is the one that the words give at the service of this host. A service
// that moves to another address loses its sources' codenames.
func (c Codename) Identity(onionHost string) (Identity, error) {
	host, err := parseHost(onionHost)
	label, onion := strings.CutSuffix(host, ".onion")
	if err != nil || !onion {
		return Identity{}, ErrNoOnion
	}
	address, err := base32Lower.DecodeString(label)
	if err != nil {
		return Identity{}, ErrNoOnion
	}
	return IdentityFromSeed(derive(c[:], address[:32], "ashpost/v1/source/identity"))
}
