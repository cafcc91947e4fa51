package seal

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// What can be wrong with an extra passphrase as typed.
var (
	ErrPassphraseEmpty   = errors.New("the extra passphrase is empty")
	ErrPassphraseInvalid = errors.New("the extra passphrase holds characters that cannot be typed everywhere")
	ErrPassphraseTooLong = errors.New("the extra passphrase is longer than 1024 bytes")
)

const (
	maxPassphrase = 1024 // a terminal hands age at most 4095 bytes of a line
	maxMarks      = 10
)

// normalize gives one spelling to what people type on different keyboards.
func normalize(extra string) (string, error) {
	if !utf8.ValidString(extra) {
		return "", ErrPassphraseInvalid
	}
	// unicode.IsSpace is the White_Space list that FORMAT.md prints.
	extra = strings.Join(strings.FieldsFunc(extra, unicode.IsSpace), " ")
	if extra == "" {
		return "", ErrPassphraseEmpty
	}
	if strings.ContainsFunc(extra, unicode.IsControl) || tooManyMarks(extra) {
		return "", ErrPassphraseInvalid
	}
	extra = norm.NFC.String(extra)
	if len(extra) > maxPassphrase {
		return "", ErrPassphraseTooLong
	}
	return extra, nil
}

// tooManyMarks: past 30 combining marks x/text inserts a joiner that browsers do
// not (UAX 15, "Stream-Safe Text Format"). No language needs more than a few.
func tooManyMarks(s string) bool {
	run := 0
	for _, r := range s {
		if !unicode.IsMark(r) {
			run = 0
		} else if run++; run > maxMarks {
			return true
		}
	}
	return false
}
