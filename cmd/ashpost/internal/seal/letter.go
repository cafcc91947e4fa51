package seal

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"

	"filippo.io/age"
)

// Letter is a message to an inbox.
type Letter struct {
	Head    Head
	Message Message
	Key     *[32]byte // proves the letter; of one with a Reply it is the Reply's, and may be left out
}

// ErrUnprovable refuses a key that no reader would look for.
var ErrUnprovable = errors.New("a letter is proven by the key it gives, or one that its addressee gave")

const (
	headName = "ashpost.json"
	macName  = "ashpost.mac"
)

// SealLetter writes the letter to dst as an age file of LetterSize bytes. After
// an error, what was written is useless: discard it.
func SealLetter(dst io.Writer, to Recipients, l Letter) error {
	if err := l.Message.Check(); err != nil {
		return err
	}
	if err := to.check(); err != nil {
		return err
	}
	if to.ID() != l.Head.To {
		return ErrHead
	}
	recipients, err := to.age()
	if err != nil {
		return err
	}
	w, err := age.Encrypt(dst, recipients...)
	if err != nil {
		return err
	}
	if err := writeLetter(w, l); err != nil {
		return err
	}
	return w.Close()
}

// key is what proves the letter, if anything does.
func (l Letter) key() (key *[32]byte, d direction, err error) {
	switch {
	case l.Head.Reply != nil && (l.Key == nil || *l.Key == l.Head.Reply.Key):
		return &l.Head.Reply.Key, fromAsker, nil
	case l.Head.From != nil || l.Key == nil:
		return l.Key, fromAnswerer, nil
	}
	return nil, 0, ErrUnprovable
}

// writeLetter writes the padded container: head, message, proof.
func writeLetter(w io.Writer, l Letter) error {
	key, d, err := l.key()
	if err != nil {
		return err
	}
	head, err := l.Head.encode()
	if err != nil {
		return err
	}
	digest := sha256.New()
	hashed := io.MultiWriter(w, digest)
	if err := writeEntry(hashed, "", headName, bytes.NewReader(head), int64(len(head))); err != nil {
		return err
	}
	if err := writeMessage(hashed, l.Message); err != nil {
		return err
	}
	if key != nil {
		mac := base64url.EncodeToString(letterMAC(*key, d, l.Head.To, [32]byte(digest.Sum(nil))))
		if err := writeEntry(w, "", macName, bytes.NewReader([]byte(mac)), macText); err != nil {
			return err
		}
	}
	return writeClosing(w, letterContainerSize(l, len(head)))
}

// LetterSize returns the exact length of what SealLetter writes, if it does.
func LetterSize(to Recipients, l Letter) int64 {
	head, _ := l.Head.encode() // SealLetter reports what is wrong with it
	return letterHeaderSize(len(to)) + payloadSize(padded(letterContainerSize(l, len(head))))
}

func letterContainerSize(l Letter, head int) int64 {
	n := containerSize(l.Message) + blockSize + roundUp(int64(head))
	if l.Head.Reply != nil || l.Key != nil {
		n += 2 * blockSize
	}
	return n
}

// letterHeaderSize is the length of an age header of n post-quantum stanzas.
func letterHeaderSize(n int) int64 {
	const intro, stanza, closing = 22, 18 + 1494 + 1 + 43 + 1, 4 + 43 + 1
	return int64(intro + n*stanza + closing)
}
