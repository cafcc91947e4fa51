package vault

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"sync"

	"golang.org/x/crypto/chacha20poly1305"
)

// chunkName is the key of a chunk in Badger: handle || number.
type chunkName [20]byte

func (h handle) chunk(n int) (c chunkName) {
	copy(c[:], h[:])
	binary.BigEndian.PutUint32(c[16:], uint32(n))
	return c
}

func (c chunkName) handle() handle { return handle(c[:16]) }

func parseChunkName(b []byte) (c chunkName, ok bool) {
	copy(c[:], b)
	return c, len(b) == len(c)
}

// chunks lists the chunks of a slot's message.
func (s *slot) chunks() chunkDrop {
	h := chunkHandle(&s.key)
	d := chunkDrop{names: make([]chunkName, chunkCount(s.size)), bytes: inLog(s.size)}
	for i := range d.names {
		d.names[i] = h.chunk(i)
	}
	return d
}

func (d *chunkDrop) add(o chunkDrop) {
	d.names = append(d.names, o.names...)
	d.bytes += o.bytes
}

func chunkCount(size int64) int { return int((size + chunkSize - 1) / chunkSize) }

// sealer seals and opens the chunks of one message.
type sealer struct {
	handle handle
	aead   cipher.AEAD
}

// newSealer takes the reference for a salt, or the ID of an inbox.
func newSealer(key *[32]byte, salt []byte) sealer {
	k := contentKey(key, salt)
	defer clear(k)
	a, err := chacha20poly1305.NewX(k)
	if err != nil {
		panic(err) // only for keys that are not 32 bytes
	}
	return sealer{handle: chunkHandle(key), aead: a}
}

type sealedChunk struct {
	name  chunkName
	value []byte
}

const sealedMore = chacha20poly1305.NonceSizeX + chacha20poly1305.Overhead

// whole lends buffers for chunks of full size: a large message goes through a
// few of them.
var whole = sync.Pool{New: func() any { return new([chunkSize + sealedMore]byte) }}

func sealedBuffer(size int) []byte {
	if size == chunkSize {
		return whole.Get().(*[chunkSize + sealedMore]byte)[:]
	}
	return make([]byte, size+sealedMore)
}

// recycle takes back the buffers of chunks that are stored.
func recycle(chunks []sealedChunk) {
	for i := range chunks {
		if b := chunks[i].value; len(b) == chunkSize+sealedMore {
			whole.Put((*[chunkSize + sealedMore]byte)(b))
		}
	}
}

// seal cuts data into chunks, the first of which has the number first. The
// nonce is random, because a part may be uploaded twice.
func (s sealer) seal(first int, data []byte) []sealedChunk {
	var out []sealedChunk
	for n := first; len(data) > 0; n++ {
		piece := data[:min(chunkSize, len(data))]
		data = data[len(piece):]
		name := s.handle.chunk(n)
		value := sealedBuffer(len(piece))[:chacha20poly1305.NonceSizeX]
		rand.Read(value)
		out = append(out, sealedChunk{name, s.aead.Seal(value, value, piece, name[:])})
	}
	return out
}

// open returns chunk n or [ErrGone]: a chunk that does not open was lost.
func (s sealer) open(n int, value []byte) ([]byte, error) {
	if len(value) < chacha20poly1305.NonceSizeX {
		return nil, ErrGone
	}
	nonce, sealed := value[:chacha20poly1305.NonceSizeX], value[chacha20poly1305.NonceSizeX:]
	name := s.handle.chunk(n)
	data, err := s.aead.Open(sealed[:0], nonce, sealed, name[:])
	if err != nil {
		return nil, ErrGone
	}
	return data, nil
}
