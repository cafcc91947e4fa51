package seal

import (
	"io"

	"filippo.io/age"
)

// Seal writes the message to dst as an age file of SealedSize bytes. Extra is
// the extra passphrase as typed, empty for a link without one. After an error,
// what was written is useless: discard it.
func Seal(dst io.Writer, k Keys, extra string, m Message) error {
	if err := m.Check(); err != nil {
		return err
	}
	passphrase, err := k.AgePassphrase(extra)
	if err != nil {
		return err
	}
	recipient, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return err
	}
	recipient.SetWorkFactor(k.workFactor())
	w, err := age.Encrypt(dst, recipient)
	if err != nil {
		return err
	}
	if err := writeContainer(w, m); err != nil {
		return err
	}
	return w.Close()
}
