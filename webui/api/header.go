package api

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// Limits on an age header, held before any work with keys. age itself accepts
// 2 MiB, which stalls a browser for minutes.
const (
	MaxHeader  = 16 << 10
	MaxStanzas = 20

	maxArgs = 128 // as in filippo.io/age: what passes here must pass there
)

// The scrypt work factors (log2 N) of a message behind a secret link.
const (
	LinkWorkFactor       = 10 // the link's token alone opens the message
	PassphraseWorkFactor = 14 // an extra passphrase is needed as well
)

const (
	intro      = "age-encryption.org/v1\n"
	columns    = 64      // of a full line of a stanza's body
	minPayload = 16 + 16 // the payload's nonce and the tag of its last chunk
)

// ErrShort says that the bytes so far begin a header but do not end it.
var ErrShort = errors.New("age header: more bytes are needed")

// HeaderError says what is wrong with an age header. It never repeats bytes of
// the header.
type HeaderError struct {
	Line    int // counted from 1; 0 when the fault is not in one line
	Problem string
}

func (e *HeaderError) Error() string {
	if e.Line == 0 {
		return "age header: " + e.Problem
	}
	return fmt.Sprintf("age header, line %d: %s", e.Line, e.Problem)
}

// Stanza is one recipient stanza of an age header.
type Stanza struct {
	Type string
	Args []string
	Body []byte
}

// Header is the header of a binary age file (C2SP age.md, "Header"). Its MAC is
// not verified: that takes the file key.
type Header struct {
	Stanzas []Stanza
	Size    int // bytes, closing line included; the payload follows
}

// ParseHeader parses the header that a binary age file begins with. It returns
// ErrShort when prefix ends before the header does, and a *HeaderError when no
// further bytes can make it valid. Its work and memory are bounded by MaxHeader.
func ParseHeader(prefix []byte) (Header, error) {
	p := parser{rest: prefix[:min(len(prefix), MaxHeader)]}
	h, err := p.header()
	if errors.Is(err, ErrShort) && len(prefix) >= MaxHeader {
		return Header{}, &HeaderError{Problem: fmt.Sprintf("longer than %d bytes", MaxHeader)}
	}
	return h, err
}

// CheckLink accepts the first bytes of a message behind a secret link: a header
// as LinkWorkFactor wants it, and behind it no less than the shortest payload.
// It does not prove that the rest is an age file: only a reader's key can.
func CheckLink(prefix []byte) error {
	h, err := ParseHeader(prefix)
	if errors.Is(err, ErrShort) {
		return &HeaderError{Problem: "cut off"}
	}
	if err != nil {
		return err
	}
	if _, err := h.WorkFactor(); err != nil {
		return err
	}
	if len(prefix)-h.Size < minPayload {
		return &HeaderError{Problem: "no payload behind it"}
	}
	return nil
}

// WorkFactor returns the work factor of the header of a message behind a secret
// link, or an error for any other header.
func (h Header) WorkFactor() (int, error) {
	if len(h.Stanzas) != 1 || h.Stanzas[0].Type != "scrypt" {
		return 0, &HeaderError{Problem: "must hold exactly one stanza, for a passphrase"}
	}
	s := h.Stanzas[0]
	if len(s.Args) != 2 {
		return 0, &HeaderError{Line: 2, Problem: "a scrypt stanza has a salt and a work factor"}
	}
	if salt, err := decode(s.Args[0]); err != nil || len(salt) != 16 {
		return 0, &HeaderError{Line: 2, Problem: "the salt is not 16 bytes in base64"}
	}
	if len(s.Body) != 32 {
		return 0, &HeaderError{Line: 3, Problem: "the wrapped file key is not 32 bytes"}
	}
	switch s.Args[1] {
	case "10":
		return LinkWorkFactor, nil
	case "14":
		return PassphraseWorkFactor, nil
	}
	return 0, &HeaderError{Line: 2, Problem: "the work factor is neither 10 nor 14"}
}

// MaxRecipients is how many keys an inbox has at most: the stanzas of one more
// would not fit into a header.
const MaxRecipients = 10

// CheckInbox accepts the first bytes of a message to an inbox of so many
// recipients, as CheckLink does those of a message behind a link.
func CheckInbox(prefix []byte, recipients int) error {
	h, err := ParseHeader(prefix)
	if errors.Is(err, ErrShort) {
		return &HeaderError{Problem: "cut off"}
	}
	if err != nil {
		return err
	}
	n, err := h.Recipients()
	if err != nil {
		return err
	}
	if n != recipients {
		return &HeaderError{Problem: "must hold one stanza for each key of the inbox"}
	}
	if len(prefix)-h.Size < minPayload {
		return &HeaderError{Problem: "no payload behind it"}
	}
	return nil
}

// Recipients returns for how many post-quantum recipients a header is, or an
// error if it is for anything else as well.
func (h Header) Recipients() (int, error) {
	for _, s := range h.Stanzas {
		if s.Type != "mlkem768x25519" || len(s.Args) != 1 || len(s.Body) != 32 {
			return 0, &HeaderError{Problem: "must hold stanzas of the type mlkem768x25519 and nothing else"}
		}
		if key, err := decode(s.Args[0]); err != nil || len(key) != 1088+32 {
			return 0, &HeaderError{Problem: "the encapsulated key of a stanza is not 1120 bytes in base64"}
		}
	}
	return len(h.Stanzas), nil
}

// parser consumes a header line by line.
type parser struct {
	rest []byte
	size int
	line int
}

func (p *parser) header() (Header, error) {
	if !bytes.HasPrefix(p.rest, []byte(intro)) {
		if bytes.HasPrefix([]byte(intro), p.rest) {
			return Header{}, ErrShort
		}
		return Header{}, &HeaderError{Line: 1, Problem: "not a binary age file of version 1"}
	}
	p.next()
	var h Header
	for {
		line, err := p.next()
		if err != nil {
			return Header{}, err
		}
		if strings.HasPrefix(line, "---") {
			return p.closing(h, line)
		}
		if len(h.Stanzas) == MaxStanzas {
			return Header{}, p.fail(fmt.Sprintf("more than %d stanzas", MaxStanzas))
		}
		s, err := p.stanza(line)
		if err != nil {
			return Header{}, err
		}
		h.Stanzas = append(h.Stanzas, s)
	}
}

func (p *parser) closing(h Header, line string) (Header, error) {
	if mac, err := decode(strings.TrimPrefix(line, "--- ")); err != nil || len(mac) != 32 {
		return Header{}, p.fail("the closing line is not a MAC of 32 bytes in base64")
	}
	if len(h.Stanzas) == 0 {
		return Header{}, p.fail("no stanzas")
	}
	h.Size = p.size
	return h, nil
}

func (p *parser) stanza(line string) (Stanza, error) {
	fields := strings.SplitN(line, " ", maxArgs+3)
	if fields[0] != "->" || len(fields) < 2 {
		return Stanza{}, p.fail("not the opening of a stanza")
	}
	if len(fields) == maxArgs+3 {
		return Stanza{}, p.fail("too many arguments")
	}
	for _, f := range fields {
		if !visible(f) {
			return Stanza{}, p.fail("an argument is empty or holds a forbidden character")
		}
	}
	body, err := p.body()
	return Stanza{Type: fields[1], Args: fields[2:], Body: body}, err
}

// body reads lines of 64 characters up to a shorter one, which may be empty.
func (p *parser) body() ([]byte, error) {
	var body []byte
	for {
		line, err := p.next()
		if err != nil {
			return nil, err
		}
		if len(line) > columns {
			return nil, p.fail("a line of a stanza's body is longer than 64 characters")
		}
		b, err := decode(line)
		if err != nil {
			return nil, p.fail("a stanza's body is not canonical base64 ending in a short line")
		}
		body = append(body, b...)
		if len(line) < columns {
			return body, nil
		}
	}
}

// next returns the next line without its newline.
func (p *parser) next() (string, error) {
	i := bytes.IndexByte(p.rest, '\n')
	if i < 0 {
		return "", ErrShort
	}
	line := string(p.rest[:i])
	p.rest = p.rest[i+1:]
	p.size += i + 1
	p.line++
	return line, nil
}

func (p *parser) fail(problem string) error {
	return &HeaderError{Line: p.line, Problem: problem}
}

func visible(s string) bool {
	for i := range len(s) {
		if s[i] < 33 || s[i] > 126 {
			return false
		}
	}
	return s != ""
}

var strict = base64.RawStdEncoding.Strict()

// decode decodes canonical unpadded base64. Go's decoder skips CR and LF, which
// would let one file have several headers.
func decode(s string) ([]byte, error) {
	if strings.ContainsAny(s, "\r\n") {
		return nil, base64.CorruptInputError(strings.IndexAny(s, "\r\n"))
	}
	return strict.DecodeString(s)
}
