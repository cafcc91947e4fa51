package seal

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"filippo.io/age"

	"ashpost/webui/api"
)

// An envelope is a plain age file around something small that its owner keeps:
// the key of an onion address. Unlike a message it is not padded and its
// passphrase is a person's, so that it costs what the age tool makes it cost.

// What can be wrong with an envelope and what it is made for.
var (
	ErrRecipient  = errors.New("this is not an age recipient (age1…)")
	ErrIdentity   = errors.New("this is not a file of age identities (AGE-SECRET-KEY-…)")
	ErrEnvelope   = errors.New("this is not an age file, or it is damaged")
	ErrNoIdentity = errors.New("no identity opens the file")
)

const (
	maxEnvelope    = 1 << 20
	envelopeFactor = 18 // what the age tool takes
	maxFactor      = 20 // more is not ours: it would take gigabytes of memory
)

// Openers are those who can open an envelope.
type Openers struct{ all []age.Recipient }

// ForPassphrase seals for whoever knows a passphrase.
func ForPassphrase(passphrase string) (Openers, error) {
	if passphrase == "" {
		return Openers{}, ErrPassphraseEmpty
	}
	r, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return Openers{}, err
	}
	r.SetWorkFactor(envelopeFactor)
	return Openers{[]age.Recipient{r}}, nil
}

// ForRecipients seals for age recipients, all of one kind: age mixes no
// post-quantum recipient with another, which would undo it.
func ForRecipients(lines []string) (Openers, error) {
	all, err := age.ParseRecipients(strings.NewReader(strings.Join(lines, "\n")))
	if err != nil {
		return Openers{}, ErrRecipient
	}
	return Openers{all}, nil
}

// Enclose makes an envelope.
func Enclose(content []byte, to Openers) ([]byte, error) {
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to.all...)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// NeedsPassphrase says whether an envelope is opened by a passphrase.
func NeedsPassphrase(envelope []byte) (bool, error) {
	h, err := api.ParseHeader(envelope)
	if err != nil {
		return false, ErrEnvelope
	}
	return len(h.Stanzas) == 1 && h.Stanzas[0].Type == "scrypt", nil
}

// DiscloseByPassphrase opens an envelope that has a passphrase.
func DiscloseByPassphrase(envelope []byte, passphrase string) ([]byte, error) {
	i, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, ErrPassphraseEmpty
	}
	i.SetMaxWorkFactor(maxFactor)
	content, err := disclose(envelope, i)
	if errors.Is(err, ErrNoIdentity) {
		err = ErrWrongPassphrase
	}
	return content, err
}

// DiscloseByIdentities opens an envelope with a file of age identities.
func DiscloseByIdentities(envelope []byte, file io.Reader) ([]byte, error) {
	all, err := age.ParseIdentities(io.LimitReader(file, maxEnvelope))
	if err != nil {
		return nil, ErrIdentity
	}
	return disclose(envelope, all...)
}

func disclose(envelope []byte, by ...age.Identity) ([]byte, error) {
	if _, err := api.ParseHeader(envelope); err != nil {
		return nil, ErrEnvelope
	}
	plain, err := age.Decrypt(bytes.NewReader(envelope), by...)
	if _, mismatch := errors.AsType[*age.NoIdentityMatchError](err); mismatch {
		return nil, ErrNoIdentity
	}
	if err != nil {
		return nil, ErrEnvelope
	}
	content, err := io.ReadAll(io.LimitReader(plain, maxEnvelope))
	if err != nil {
		return nil, ErrEnvelope
	}
	return content, nil
}
