package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

const (
	textName    = "message.txt"
	filesPrefix = "files"
)

// ErrChanged says that a file no longer has the size it had at first.
var ErrChanged = errors.New("an attachment changed while it was read")

var zeros [32 << 10]byte

// header returns the one block that may stand before an entry. Readers rebuild
// it and compare, so nothing can hide in a field.
func header(prefix, name string, size int64) []byte {
	b := make([]byte, blockSize)
	copy(b[0:100], name)
	copy(b[100:], "0000600\x00") // mode
	copy(b[108:], "0000000\x00") // uid
	copy(b[116:], "0000000\x00") // gid
	copy(b[124:], fmt.Sprintf("%011o\x00", size))
	copy(b[136:], "00000000000\x00") // mtime
	copy(b[148:], "        ")        // checksum, as it counts itself
	b[156] = '0'                     // regular file
	copy(b[257:], "ustar\x0000")
	copy(b[329:], "0000000\x00") // devmajor
	copy(b[337:], "0000000\x00") // devminor
	copy(b[345:], prefix)
	sum := 0
	for _, c := range b {
		sum += int(c)
	}
	copy(b[148:], fmt.Sprintf("%06o\x00 ", sum))
	return b
}

// writeContainer writes the padded container of a message that passed Check.
func writeContainer(w io.Writer, m Message) error {
	if err := writeMessage(w, m); err != nil {
		return err
	}
	return writeClosing(w, containerSize(m))
}

// writeMessage writes the entries of text and files.
func writeMessage(w io.Writer, m Message) error {
	if m.Text != "" {
		if err := writeEntry(w, "", textName, bytes.NewReader([]byte(m.Text)), int64(len(m.Text))); err != nil {
			return err
		}
	}
	names := storedNames(m.Files)
	for i, f := range m.Files {
		if err := writeFile(w, names[i], f); err != nil {
			return err
		}
	}
	return nil
}

// writeClosing ends a container of n bytes, closing blocks included, and pads it.
func writeClosing(w io.Writer, n int64) error {
	return writeZeros(w, 2*blockSize+padded(n)-n)
}

func writeFile(w io.Writer, name string, f File) error {
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	return writeEntry(w, filesPrefix, name, r, f.Size)
}

func writeEntry(w io.Writer, prefix, name string, r io.Reader, size int64) error {
	if _, err := w.Write(header(prefix, name, size)); err != nil {
		return err
	}
	if _, err := io.CopyN(w, r, size); err == io.EOF {
		return ErrChanged
	} else if err != nil {
		return err
	}
	if n, err := io.ReadFull(r, make([]byte, 1)); n != 0 {
		return ErrChanged
	} else if err != io.EOF {
		return err
	}
	return writeZeros(w, roundUp(size)-size)
}

func writeZeros(w io.Writer, n int64) error {
	for n > 0 {
		k := min(n, int64(len(zeros)))
		if _, err := w.Write(zeros[:k]); err != nil {
			return err
		}
		n -= k
	}
	return nil
}
