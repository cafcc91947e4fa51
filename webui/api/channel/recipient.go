package channel

import "filippo.io/age"

// CheckRecipient accepts a post-quantum hybrid recipient in its one spelling. Its
// error says nothing of the text.
func CheckRecipient(s string) error {
	_, err := hybrid(s)
	return err
}

// hybrid parses a recipient. There is one spelling of each, since transcripts hold
// it as it is spelled.
func hybrid(s string) (*age.HybridRecipient, error) {
	if len(s) != recipientSize {
		return nil, errRecipient
	}
	to, err := age.ParseHybridRecipient(s)
	if err != nil || to.String() != s {
		return nil, errRecipient
	}
	return to, nil
}
