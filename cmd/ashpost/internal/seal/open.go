package seal

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"

	"ashpost/webui/api"
)

// Why a message does not open. Errors of src itself are returned as they are.
var (
	// ErrWrongPassphrase: the extra passphrase does not open the file. A service
	// that damages the wrapped key on purpose looks the same.
	ErrWrongPassphrase = errors.New("wrong passphrase")

	// ErrPassphraseMissing: the file needs an extra passphrase, the link says
	// none. The link has probably lost ".p" at its end.
	ErrPassphraseMissing = errors.New("the message needs an extra passphrase, but the link does not say so")

	// ErrDamaged: the file is not what a holder of the link wrote, or not whole.
	ErrDamaged = errors.New("the message is damaged")
)

// Open begins to open an age file. The header is within its limits, and asks for
// exactly the work the link announces, before any work with keys is done. Extra
// is the extra passphrase as typed, empty for a link without one.
func Open(src io.Reader, k Keys, extra string) (*Reader, error) {
	passphrase, err := k.AgePassphrase(extra)
	if err != nil {
		return nil, err
	}
	s := &source{r: src}
	buffered := bufio.NewReaderSize(s, api.MaxHeader)
	if err := checkHeader(buffered, k); err != nil {
		return nil, s.explain(err)
	}
	identity, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, err
	}
	identity.SetMaxWorkFactor(k.workFactor())
	plain, err := age.Decrypt(buffered, identity)
	var mismatch *age.NoIdentityMatchError
	if errors.As(err, &mismatch) && k.passphrase {
		return nil, ErrWrongPassphrase
	}
	if err != nil {
		return nil, s.explain(err)
	}
	return &Reader{src: s, plain: plain, names: make(map[string]bool)}, nil
}

// checkHeader waits for as much as the longest header; no message is shorter
// than that without ending.
func checkHeader(r *bufio.Reader, k Keys) error {
	prefix, err := r.Peek(api.MaxHeader)
	if err != nil && err != io.EOF {
		return err
	}
	h, err := api.ParseHeader(prefix)
	if err != nil {
		return damaged(err.Error())
	}
	factor, err := h.WorkFactor()
	if err != nil {
		return damaged(err.Error())
	}
	switch {
	case factor == k.workFactor():
		return nil
	case k.passphrase:
		return damaged("its work factor is not the one the link announces")
	}
	return ErrPassphraseMissing
}

func damaged(problem string) error { return fmt.Errorf("%w: %s", ErrDamaged, problem) }

// source remembers why reading ended, so that a broken connection is never taken
// for a broken message.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// explain turns an error of age into one of this package. The texts of age may
// quote the header.
func (s *source) explain(err error) error {
	switch {
	case s.err != nil:
		return s.err
	case errors.Is(err, ErrDamaged), errors.Is(err, ErrPassphraseMissing):
		return err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return damaged("it ends too early")
	}
	return damaged("a part of it is not authentic")
}
