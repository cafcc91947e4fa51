package seal

import (
	"errors"
	"io"
)

// Reader opens a message from front to end. Attachments come one at a time and
// must be put where nobody sees them: nothing is safe to show, not even a name,
// before Next has returned io.EOF.
type Reader struct {
	src   *source
	plain io.Reader

	off     int64 // bytes of the container read
	begun   bool
	current *Attachment
	names   map[string]bool
	text    []byte
	proof   *proof // of a letter
	err     error  // sticky; io.EOF when all is verified
}

// Attachment is one attached file. It is read before Next is called again.
type Attachment struct {
	Name string // one path element, safe as a file name on Linux
	Size int64

	r    *Reader
	left int64
}

var errMovedOn = errors.New("the reader has moved on to the next attachment")

// Next returns the next attachment, skipping what was not read of the last one.
// It returns io.EOF once everything has been verified: every byte is authentic,
// and there is nothing but padding behind the last attachment.
func (r *Reader) Next() (*Attachment, error) {
	if r.err == nil {
		a, err := r.next()
		if err == nil {
			r.current = a
			return a, nil
		}
		r.fail(err)
	}
	return nil, r.err
}

// Verify reads to the end. It returns nil if everything is as it must be.
func (r *Reader) Verify() error {
	for {
		if _, err := r.Next(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// Text returns the text, which may be empty. Until everything has been verified
// ok is false and there is no text.
func (r *Reader) Text() (text string, ok bool) {
	if r.err != io.EOF {
		return "", false
	}
	return string(r.text), true
}

// Read reads the attachment's content. The last bytes have been authenticated
// like the first, but the message is whole only when Next says so.
func (a *Attachment) Read(p []byte) (int, error) {
	switch {
	case a.r.current != a:
		return 0, errMovedOn
	case a.r.err != nil:
		return 0, a.r.err
	case a.left == 0:
		return 0, io.EOF
	}
	n, err := a.r.plain.Read(p[:min(int64(len(p)), a.left)])
	a.left -= int64(n)
	a.r.count(p[:n])
	if err == io.EOF && a.left == 0 {
		err = nil // the missing end is found by Next
	}
	if err != nil {
		a.r.fail(err)
		return n, a.r.err
	}
	return n, nil
}

// fail makes an error final. The end of the plaintext is an error wherever the
// container does not end; finish alone sets io.EOF.
func (r *Reader) fail(err error) {
	if r.err == nil {
		r.err = r.src.explain(err)
	}
}
