package seal

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"filippo.io/age"

	"ashpost/webui/api"
)

// Recipients are the keys of an inbox in the one order and spelling that its ID
// is made of: post-quantum recipients of age, sorted, none twice, 1 to 10.
type Recipients []string

// ErrRecipients refuses what is not the keys of an inbox.
var ErrRecipients = errors.New("these are not the public keys of an inbox")

const (
	maxRecipients  = api.MaxRecipients
	recipientSize  = 1959 // characters, without the line's end
	recipientStart = "age1pq1"
)

// NewRecipients puts public keys in order. A key that is given twice counts once.
func NewRecipients(lines ...string) (Recipients, error) {
	for _, line := range lines {
		if !isRecipient(line) {
			return nil, notRecipients("one is not a post-quantum recipient (age1pq1…)")
		}
	}
	all := slices.Compact(slices.Sorted(slices.Values(lines)))
	switch {
	case len(all) == 0:
		return nil, notRecipients("there is none")
	case len(all) > maxRecipients:
		return nil, notRecipients("there are more than 10")
	}
	return all, nil
}

// ParseRecipients accepts a recipients file only if File makes the same bytes.
func ParseRecipients(file []byte) (Recipients, error) {
	if len(file) > maxRecipients*(recipientSize+1) {
		return nil, notRecipients("the file is too long")
	}
	lines := strings.Split(string(file), "\n")
	if lines[len(lines)-1] != "" {
		return nil, notRecipients("the last line has no end")
	}
	all, err := NewRecipients(lines[:len(lines)-1]...)
	if err != nil {
		return nil, err
	}
	if string(all.File()) != string(file) {
		return nil, notRecipients("they are not sorted, or one is there twice")
	}
	return all, nil
}

// isRecipient: errors of age repeat what was parsed, so only their presence is used.
func isRecipient(line string) bool {
	if len(line) != recipientSize || !strings.HasPrefix(line, recipientStart) {
		return false
	}
	r, err := age.ParseHybridRecipient(line)
	return err == nil && r.String() == line
}

// File is the recipients file: one a line, each line ended.
func (r Recipients) File() []byte { return []byte(strings.Join(r, "\n") + "\n") }

// ID is the inbox of these keys.
func (r Recipients) ID() InboxID { return sha256.Sum256(r.File()) }

// check says whether they are in order, whoever made them.
func (r Recipients) check() error {
	_, err := ParseRecipients(r.File())
	return err
}

// age returns them as age takes them.
func (r Recipients) age() ([]age.Recipient, error) {
	var all []age.Recipient
	for _, line := range r {
		parsed, err := age.ParseHybridRecipient(line)
		if err != nil {
			return nil, notRecipients("one is not a post-quantum recipient (age1pq1…)")
		}
		all = append(all, parsed)
	}
	return all, nil
}

func notRecipients(problem string) error { return fmt.Errorf("%w: %s", ErrRecipients, problem) }
