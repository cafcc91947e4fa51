package seal

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash"
)

const (
	macLabel = "ashpost/v1/inbox/mac"
	macText  = 43 // characters of 32 bytes in base64url
)

// direction tells a letter from its answer, so that none can be sent back as the other.
type direction byte

const (
	fromAsker    direction = 0 // by the one who gave the key
	fromAnswerer direction = 1
)

// ReplyKey is what a writer gives to an inbox, to know its answers by. Nobody
// else can make it, and the writer need not keep it.
func ReplyKey(writer Identity, to InboxID) [32]byte {
	return writer.derive(to[:], "ashpost/v1/inbox/reply")
}

// letterMAC is over the digest of everything before the entry that holds it.
func letterMAC(key [32]byte, d direction, to InboxID, digest [32]byte) []byte {
	h := hmac.New(sha256.New, key[:])
	h.Write([]byte(macLabel))
	h.Write([]byte{byte(d)})
	h.Write(to[:])
	h.Write(digest[:])
	return h.Sum(nil)
}

// proof is what a Reader gathers about a letter; of other messages there is none.
type proof struct {
	head    Head
	running hash.Hash // over the container so far
	digest  [32]byte  // over all that is before the last header read
	mac     []byte    // nil when there is none
}

// mark is called before a header is read: it may be that of the mac.
func (p *proof) mark() {
	if p != nil {
		p.digest = [32]byte(p.running.Sum(nil))
	}
}

func (p *proof) by(key [32]byte) bool {
	d := fromAnswerer
	if p.head.Reply != nil {
		d = fromAsker
	}
	return p.mac != nil && hmac.Equal(p.mac, letterMAC(key, d, p.head.To, p.digest))
}

// check refuses a letter whose proof contradicts its head.
func (p *proof) check() error {
	switch {
	case p == nil:
	case p.head.Reply != nil && !p.by(p.head.Reply.Key):
		return damaged("it is not proven by the key it gives")
	case p.head.Reply == nil && p.head.From == nil && p.mac != nil:
		return damaged("it has a proof of nobody")
	}
	return nil
}
