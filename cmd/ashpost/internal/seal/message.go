package seal

import (
	"errors"
	"io"
	"math/bits"
	"unicode/utf8"
)

// Message is what a sender writes.
type Message struct {
	Text  string
	Files []File
}

// File is an attachment. Open is called once, when its turn comes.
type File struct {
	Name string
	Size int64
	Open func() (io.ReadCloser, error)
}

// The limits of a message.
const (
	MaxText  = 1 << 20
	MaxFiles = 100
	MaxFile  = 1<<33 - 1 // 11 octal digits
)

// What can be wrong with a message before it is sealed.
var (
	ErrEmpty        = errors.New("the message has neither text nor attachments")
	ErrText         = errors.New("the text is not valid UTF-8")
	ErrTextTooLong  = errors.New("the text is longer than 1 MiB: attach it as a file")
	ErrTooManyFiles = errors.New("the message has more than 100 attachments")
	ErrFileTooLarge = errors.New("an attachment is larger than 8 GiB")
)

// Check reports why Seal would refuse the message.
func (m Message) Check() error {
	switch {
	case m.Text == "" && len(m.Files) == 0:
		return ErrEmpty
	case !utf8.ValidString(m.Text):
		return ErrText
	case len(m.Text) > MaxText:
		return ErrTextTooLong
	case len(m.Files) > MaxFiles:
		return ErrTooManyFiles
	}
	for _, f := range m.Files {
		if f.Size < 0 || f.Size > MaxFile {
			return ErrFileTooLarge
		}
	}
	return nil
}

// The parts of an age file around its chunks: a header with one scrypt stanza
// whose work factor has two digits, and the payload's nonce.
const (
	headerSize = 150
	nonceSize  = 16
	chunkSize  = 64 << 10
	tagSize    = 16
)

// SealedSize returns the exact length of what Seal writes for a message that
// passes Check.
func SealedSize(m Message) int64 {
	return headerSize + payloadSize(padded(containerSize(m)))
}

// payloadSize is the length of an age payload of n bytes of plaintext.
func payloadSize(n int64) int64 {
	chunks := (n + chunkSize - 1) / chunkSize
	return nonceSize + n + chunks*tagSize
}

const (
	blockSize = 512
	padFloor  = 8192
)

// containerSize is the length up to the end of the two closing blocks.
func containerSize(m Message) int64 {
	n := int64(2 * blockSize)
	if m.Text != "" {
		n += blockSize + roundUp(int64(len(m.Text)))
	}
	for _, f := range m.Files {
		n += blockSize + roundUp(f.Size)
	}
	return n
}

func roundUp(n int64) int64 { return (n + blockSize - 1) / blockSize * blockSize }

// padded is Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted
// Files and Communication with PURBs", section 4), with a floor: a length keeps
// only its top bits, which costs at most 6.25 % above the floor.
func padded(n int64) int64 {
	if n <= padFloor {
		return padFloor
	}
	e := bits.Len64(uint64(n)) - 1
	mask := int64(1)<<(e-bits.Len(uint(e))) - 1
	return (n + mask) &^ mask
}
