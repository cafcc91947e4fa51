package seal

import (
	"bytes"
	"io"
	"strconv"
	"unicode/utf8"
)

func (r *Reader) next() (*Attachment, error) {
	if err := r.skip(); err != nil {
		return nil, err
	}
	r.proof.mark()
	block := make([]byte, blockSize)
	if err := r.readFull(block); err != nil {
		return nil, err
	}
	if !r.begun {
		r.begun = true
		if size, ok := parseEntry(block, "", textName); ok {
			if err := r.readText(size); err != nil {
				return nil, err
			}
			return r.next()
		}
	}
	if r.proof != nil {
		if size, ok := parseEntry(block, "", macName); ok {
			if err := r.readMAC(size, block); err != nil {
				return nil, err
			}
		}
	}
	if bytes.Equal(block, zeros[:blockSize]) {
		return nil, r.finish()
	}
	return r.attachment(block)
}

func (r *Reader) attachment(block []byte) (*Attachment, error) {
	name := string(bytes.TrimRight(block[:100], "\x00"))
	size, ok := parseEntry(block, filesPrefix, name)
	switch {
	case !ok:
		return nil, damaged("an entry of its container is not as it must be")
	case !validName(name) || r.names[name]:
		return nil, damaged("the name of an attachment is not as it must be")
	case len(r.names) == MaxFiles:
		return nil, damaged("it has too many attachments")
	}
	r.names[name] = true
	return &Attachment{Name: name, Size: size, r: r, left: size}, nil
}

// parseEntry takes the size out of a header and accepts the header only if a
// writer makes exactly the same bytes.
func parseEntry(block []byte, prefix, name string) (size int64, ok bool) {
	size, err := strconv.ParseInt(string(block[124:135]), 8, 64)
	if err != nil || size < 0 {
		return 0, false
	}
	return size, bytes.Equal(block, header(prefix, name, size))
}

func (r *Reader) readText(size int64) error {
	if size == 0 || size > MaxText {
		return damaged("its text is empty or too long")
	}
	r.text = make([]byte, size)
	if err := r.readFull(r.text); err != nil {
		return err
	}
	if !utf8.Valid(r.text) {
		return damaged("its text is not valid UTF-8")
	}
	return r.readZeros(roundUp(size) - size)
}

// skip reads what is left of the current attachment and its last block.
func (r *Reader) skip() error {
	a := r.current
	if a == nil {
		return nil
	}
	if _, err := io.Copy(io.Discard, a); err != nil {
		return err
	}
	r.current = nil
	return r.readZeros(roundUp(a.Size) - a.Size)
}

// finish has read the first of the two closing blocks.
func (r *Reader) finish() error {
	if r.text == nil && len(r.names) == 0 {
		return damaged("it is empty")
	}
	rest := padded(r.off+blockSize) - r.off
	if err := r.readZeros(rest); err != nil {
		return err
	}
	n, err := io.ReadFull(r.plain, make([]byte, 1))
	if n != 0 {
		return damaged("it is longer than it must be")
	}
	if err != io.EOF {
		return err
	}
	if err := r.proof.check(); err != nil {
		return err
	}
	r.err = io.EOF
	return io.EOF
}

func (r *Reader) readZeros(n int64) error {
	buf := make([]byte, min(n, int64(len(zeros))))
	for n > 0 {
		b := buf[:min(n, int64(len(buf)))]
		if err := r.readFull(b); err != nil {
			return err
		}
		if !bytes.Equal(b, zeros[:len(b)]) {
			return damaged("its padding is not empty")
		}
		n -= int64(len(b))
	}
	return nil
}

func (r *Reader) readFull(p []byte) error {
	n, err := io.ReadFull(r.plain, p)
	r.count(p[:n])
	return err
}

func (r *Reader) count(p []byte) {
	r.off += int64(len(p))
	if r.proof != nil {
		r.proof.running.Write(p)
	}
}
