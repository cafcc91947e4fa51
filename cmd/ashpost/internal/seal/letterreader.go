package seal

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"io"

	"filippo.io/age"

	"ashpost/webui/api"
)

// LetterReader opens a letter as Reader does a message: nothing is safe to show,
// the head included, before Next has returned io.EOF.
type LetterReader struct{ *Reader }

// OpenLetter begins to open a letter that was found in an inbox. Its header is
// within its limits before any work with keys is done.
func OpenLetter(src io.Reader, id Identity, inbox InboxID) (*LetterReader, error) {
	s := &source{r: src}
	buffered := bufio.NewReaderSize(s, api.MaxHeader)
	prefix, err := buffered.Peek(api.MaxHeader)
	if err != nil && err != io.EOF {
		return nil, s.explain(err)
	}
	if _, err := inboxHeader(prefix); err != nil {
		return nil, err
	}
	plain, err := age.Decrypt(buffered, id.key().age)
	if err != nil {
		return nil, s.explain(err)
	}
	return newLetterReader(s, plain, inbox)
}

// inboxHeader returns for how many keys an age file is.
func inboxHeader(prefix []byte) (recipients int, err error) {
	h, err := api.ParseHeader(prefix)
	if err != nil {
		return 0, damaged(err.Error())
	}
	if recipients, err = h.Recipients(); err != nil {
		return 0, damaged(err.Error())
	}
	return recipients, nil
}

// newLetterReader reads the head, which comes first.
func newLetterReader(s *source, plain io.Reader, inbox InboxID) (*LetterReader, error) {
	r := &Reader{src: s, plain: plain, names: make(map[string]bool), proof: &proof{running: sha256.New()}}
	if err := r.readHead(inbox); err != nil {
		r.fail(err)
		return nil, r.err
	}
	return &LetterReader{r}, nil
}

func (r *Reader) readHead(inbox InboxID) error {
	block := make([]byte, blockSize)
	if err := r.readFull(block); err != nil {
		return err
	}
	size, ok := parseEntry(block, "", headName)
	if !ok || size > maxHead {
		return damaged("it does not begin with the head of a letter")
	}
	text := make([]byte, size)
	if err := r.readFull(text); err != nil {
		return err
	}
	if err := r.readZeros(roundUp(size) - size); err != nil {
		return err
	}
	head, err := parseHead(text)
	if err != nil {
		return damaged("its head is not as it must be")
	}
	if head.To != inbox {
		return damaged("it is meant for another inbox")
	}
	r.proof.head = head
	return nil
}

// readMAC reads the proof of a letter and the block behind it, which must be the
// first closing one.
func (r *Reader) readMAC(size int64, block []byte) error {
	if size != macText {
		return damaged("its proof is too short or too long")
	}
	text := make([]byte, macText)
	if err := r.readFull(text); err != nil {
		return err
	}
	mac, ok := decode32(string(text))
	if !ok {
		return damaged("its proof is not as it must be")
	}
	r.proof.mac = mac[:]
	if err := r.readZeros(roundUp(size) - size); err != nil {
		return err
	}
	if err := r.readFull(block); err != nil {
		return err
	}
	if !bytes.Equal(block, zeros[:blockSize]) {
		return damaged("something follows its proof")
	}
	return nil
}

// Head says whom the letter is for and how it can be answered. It is the writer's
// word: Proves says whose.
func (r *LetterReader) Head() Head { return r.proof.head }

// Proves says whether an answer was written with this key. It is false before
// Next has returned io.EOF. A letter with a Reply is always proven by the key in
// it, which says no more than that its writer has that key.
func (r *LetterReader) Proves(key [32]byte) bool { return r.err == io.EOF && r.proof.by(key) }
