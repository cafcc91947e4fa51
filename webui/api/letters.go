package api

import (
	"context"
	"encoding/binary"
	"net/http"
	"slices"
)

// Sizes of the answer that gives letters; the package's documentation draws it.
const (
	lettersHead = 8
	letterFacts = 40
	lettersMost = lettersHead + MaxListed*letterFacts + CarriedSize
)

// kinds are numbered from 1 in this order.
var kinds = []Kind{KindInbox, KindRequest, KindReply}

// Letters is a list with the files that came along.
type Letters struct {
	List
	// Files has one for each of Messages: nil for what was not carried, and for what
	// was destroyed while the answer was on its way.
	Files [][]byte
}

// Carried says whose files an answer carries, and how many bytes they are: of the
// small messages the newest, as long as they are at most CarriedSize together. The
// list alone decides it, so the answer needs no further marks.
func (l List) Carried() (which []int, size int64) {
	for i, m := range l.Messages {
		if m.Size > SmallSize {
			continue
		}
		if size+m.Size > CarriedSize {
			break
		}
		which, size = append(which, i), size+m.Size
	}
	return which, size
}

// File is the file of a message, nil when it did not come along.
func (l Letters) File(of Listed) []byte {
	for i, m := range l.Messages {
		if m.Message == of.Message && m.Size == of.Size {
			return l.Files[i]
		}
	}
	return nil
}

// Facts is what the files follow.
func (l List) Facts() []byte {
	more := byte(0)
	if l.More {
		more = 1
	}
	out := append(make([]byte, 0, lettersHead+len(l.Messages)*letterFacts), byte(1+slices.Index(kinds, l.Kind)), more)
	out = binary.BigEndian.AppendUint16(out, uint16(len(l.Messages)))
	out = binary.BigEndian.AppendUint32(out, uint32(l.Count))
	for _, m := range l.Messages {
		out = append(out, m.Message[:]...)
		for _, n := range []uint64{m.Serial, uint64(m.Size), uint64(m.ExpiresIn)} {
			out = binary.BigEndian.AppendUint64(out, n)
		}
	}
	return out
}

// parseLetters reads the answer for what came before a serial number. Files lie in it.
func parseLetters(answer []byte, before uint64) (got Letters, err error) {
	if got.List, err = parseFacts(answer); err != nil {
		return Letters{}, err
	}
	which, size := got.Carried()
	at := lettersHead + len(got.Messages)*letterFacts
	switch {
	case !got.possible(before):
		return Letters{}, breach("its list cannot be")
	case int64(len(answer)-at) != size:
		return Letters{}, breach("its length is not that of what it lists")
	}
	got.Files = make([][]byte, len(got.Messages))
	for _, i := range which {
		end := at + int(got.Messages[i].Size)
		if answer[at] != 0 { // as no age file begins
			got.Files[i] = answer[at:end:end]
		}
		at = end
	}
	return got, nil
}

func parseFacts(answer []byte) (l List, err error) {
	if len(answer) < lettersHead {
		return l, breach("it is too short")
	}
	kind, more, n := int(answer[0]), answer[1], int(binary.BigEndian.Uint16(answer[2:]))
	if kind < 1 || kind > len(kinds) || more > 1 || n > MaxListed || len(answer) < lettersHead+n*letterFacts {
		return l, breach("its list cannot be")
	}
	l = List{Kind: kinds[kind-1], More: more == 1, Count: int(binary.BigEndian.Uint32(answer[4:]))}
	for facts := range slices.Chunk(answer[lettersHead:lettersHead+n*letterFacts], letterFacts) {
		number := func(at int) uint64 { return binary.BigEndian.Uint64(facts[at:]) }
		l.Messages = append(l.Messages, Listed{
			Message: Reference(facts[:16]), Serial: number(16), Size: int64(number(24)), ExpiresIn: int64(number(32)),
		})
	}
	return l, nil
}

// Letters is [Client.List] with the files of the small messages, as many as one
// answer carries: over Tor a message takes a second to be fetched by itself.
func (c *Client) Letters(ctx context.Context, id InboxID, before uint64) (Letters, error) {
	q := call{method: "GET", path: LettersPath(id, before), want: http.StatusOK}
	answer, err := c.octets(ctx, q, TypeBinary, lettersMost)
	if err != nil {
		return Letters{}, err
	}
	return parseLetters(answer, before)
}
