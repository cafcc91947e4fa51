package seal

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"io"
	"time"
	"unicode/utf8"

	"filippo.io/age"
)

// Notebook is what the owner of an inbox keeps in it: with whom they speak, and
// when they were last here.
type Notebook struct {
	Seen          string         // the day of the last use, YYYY-MM-DD in UTC, or empty
	Before        string         // the day of use before that one
	Conversations []Conversation // at most 1000, and less of long ones: the oldest are dropped
}

// Conversation is with one inbox.
type Conversation struct {
	Inbox      InboxID
	Name       string     // given by the owner, for the owner
	Recipients Recipients // of the inbox
	Key        *[32]byte  // proves answers to that inbox; nil when the owner gave the key
	Since      string     // YYYY-MM-DD
}

// ErrNotebook refuses what its owner did not write, or not for this inbox. The
// service may have forged or mixed it up.
var ErrNotebook = errors.New("the notebook is damaged, or it is not what its owner wrote")

const (
	maxNotebook      = 1 << 20 // of JSON
	maxConversations = 1000
	notebookLabel    = "ashpost/v1/inbox/notebook"
)

// Visit notes that the owner is here.
func (n *Notebook) Visit(now time.Time) {
	if today := now.UTC().Format(time.DateOnly); n.Seen != today {
		n.Before, n.Seen = n.Seen, today
	}
}

// SealNotebook encrypts a notebook to its owner.
func SealNotebook(owner Identity, inbox InboxID, n Notebook) ([]byte, error) {
	text, err := n.encode()
	if err != nil {
		return nil, err
	}
	size := padded(int64(sha256.Size + len(text)))
	text = append(text, bytes.Repeat([]byte(" "), int(size)-sha256.Size-len(text))...)
	var file bytes.Buffer
	w, err := age.Encrypt(&file, owner.key().age.Recipient())
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(append(notebookTag(owner, inbox, text), text...)); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return file.Bytes(), nil
}

// OpenNotebook opens the owner's notebook, if it was sealed for this inbox.
func OpenNotebook(owner Identity, inbox InboxID, file []byte) (Notebook, error) {
	plain, err := owner.Answer(file, int(padded(sha256.Size+maxNotebook)))
	if err != nil {
		return Notebook{}, ErrNotebook
	}
	return readNotebook(owner, inbox, plain)
}

// readNotebook: whoever has the recipient can encrypt to it, so the tag comes first.
func readNotebook(owner Identity, inbox InboxID, plain []byte) (Notebook, error) {
	if len(plain) < sha256.Size {
		return Notebook{}, ErrNotebook
	}
	tag, text := plain[:sha256.Size], plain[sha256.Size:]
	if !hmac.Equal(tag, notebookTag(owner, inbox, text)) {
		return Notebook{}, ErrNotebook
	}
	text = bytes.TrimRight(text, " ")
	if !utf8.Valid(text) || len(text) > maxNotebook || padded(int64(sha256.Size+len(text))) != int64(len(plain)) {
		return Notebook{}, ErrNotebook
	}
	return decodeNotebook(text)
}

func notebookTag(owner Identity, inbox InboxID, text []byte) []byte {
	key := owner.derive(inbox[:], notebookLabel)
	defer clear(key[:])
	h := hmac.New(sha256.New, key[:])
	io.WriteString(h, notebookLabel)
	h.Write(inbox[:])
	h.Write(text)
	return h.Sum(nil)
}
