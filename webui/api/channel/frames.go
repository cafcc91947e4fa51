package channel

import (
	"crypto/cipher"
	"encoding/binary"
	"io"
	"slices"

	"golang.org/x/crypto/chacha20poly1305"
)

const (
	frameSize  = 64 << 10
	overhead   = chacha20poly1305.Overhead
	mostFrames = 1 << 24
)

// sealedSize is the size of frames that hold size bytes.
func sealedSize(size int64) int64 {
	frames := max(1, (size+frameSize-1)/frameSize)
	return size + frames*overhead
}

func nonce(number uint64, frame int, last bool) []byte {
	n := make([]byte, chacha20poly1305.NonceSize)
	binary.BigEndian.PutUint64(n, number)
	binary.BigEndian.PutUint32(n[8:], uint32(frame)<<8)
	if last {
		n[11] = 1
	}
	return n
}

// sealFrames appends the frames of a text to dst.
func sealFrames(dst []byte, key cipher.AEAD, id ID, number uint64, text []byte) []byte {
	for frame := 0; ; frame++ {
		size := min(len(text), frameSize)
		last := size == len(text)
		dst = key.Seal(dst, nonce(number, frame, last), text[:size], id[:])
		if text = text[size:]; last {
			return dst
		}
	}
}

// openFrames opens all frames in place and gives their plaintext, which shares
// the memory of sealed. Nothing of it is to be used if any of them fails.
func openFrames(key cipher.AEAD, id ID, number uint64, sealed []byte) ([]byte, error) {
	plain := sealed[:0]
	for frame := 0; ; frame++ {
		size := min(len(sealed), frameSize+overhead)
		last := size == len(sealed)
		opened, err := key.Open(sealed[:0], nonce(number, frame, last), sealed[:size], id[:])
		if err != nil || frame > 0 && len(opened) == 0 || frame >= mostFrames {
			return nil, ErrRefused
		}
		plain = append(plain, opened...) // moves the bytes down, never past what is read
		if sealed = sealed[size:]; last {
			return plain, nil
		}
	}
}

// A frameWriter seals what is written to it. Close writes the last frame.
type frameWriter struct {
	to     io.Writer
	key    cipher.AEAD
	id     ID
	number uint64
	frame  int
	buf    []byte
	err    error
}

func (w *frameWriter) Write(p []byte) (int, error) {
	written := len(p)
	for len(p) > 0 && w.err == nil {
		if len(w.buf) == frameSize { // more follows, so it is not the last
			w.flush(false)
		}
		n := min(len(p), frameSize-len(w.buf))
		w.buf = append(slices.Grow(w.buf, n+overhead), p[:n]...)
		p = p[n:]
	}
	return written - len(p), w.err
}

func (w *frameWriter) flush(last bool) {
	if w.err == nil && w.frame >= mostFrames {
		w.err = ErrRefused
	}
	if w.err != nil {
		return
	}
	w.buf = w.key.Seal(w.buf[:0], nonce(w.number, w.frame, last), w.buf, w.id[:]) // in place
	_, w.err = w.to.Write(w.buf)
	w.frame++
	w.buf = w.buf[:0]
}

func (w *frameWriter) Close() error {
	w.flush(true)
	return w.err
}

// A frameReader opens frames as they come. It gives a frame's bytes only once
// the frame has opened, and io.EOF only after the last one.
type frameReader struct {
	from   io.Reader
	key    cipher.AEAD
	id     ID
	number uint64
	frame  int
	sealed []byte // two frames, so that the last is known by what follows it
	have   int
	plain  []byte
	ended  bool
	err    error
}

// newFrameReader reads size bytes; -1 if it is not known how many.
func newFrameReader(from io.Reader, size int64, key cipher.AEAD, id ID, number uint64) *frameReader {
	buffer := frameSize + overhead + 1
	if size >= 0 && size < int64(buffer) {
		buffer = int(size) + 1 // most answers are small; whatever is behind it does not open
	}
	return &frameReader{from: from, key: key, id: id, number: number, sealed: make([]byte, buffer)}
}

func (r *frameReader) Read(p []byte) (int, error) {
	for len(r.plain) == 0 {
		if r.err != nil {
			return 0, r.err
		}
		if r.ended {
			return 0, io.EOF
		}
		r.err = r.next()
	}
	n := copy(p, r.plain)
	r.plain = r.plain[n:]
	return n, nil
}

// next opens one frame. It reads a byte more than the frame, to learn whether it
// is the last: its nonce depends on it.
func (r *frameReader) next() error {
	have, err := r.fill()
	if err != nil {
		return err
	}
	size := min(have, frameSize+overhead)
	opened, err := r.key.Open(r.sealed[:0], nonce(r.number, r.frame, r.ended), r.sealed[:size], r.id[:])
	if err != nil || r.frame > 0 && len(opened) == 0 || r.frame >= mostFrames {
		return ErrRefused
	}
	// The byte of the next frame goes behind the opened bytes: both stay.
	next := r.sealed[size:have]
	r.plain = opened
	if len(next) > 0 {
		r.carry(next[0])
	} else {
		r.have = 0
	}
	r.frame++
	return nil
}

// fill is not io.ReadFull, which gives one error for a body that ended and for
// one that was cut off by its connection.
func (r *frameReader) fill() (have int, err error) {
	for have = r.have; have < len(r.sealed); {
		n, err := r.from.Read(r.sealed[have:])
		have += n
		if err == io.EOF {
			r.ended = true
			break
		}
		if err != nil {
			return 0, err
		}
	}
	return have, nil
}

// carry keeps the first byte of the next frame. The opened bytes begin where it
// has to go, so they move to a buffer of their own.
func (r *frameReader) carry(first byte) {
	r.plain = append([]byte(nil), r.plain...)
	r.sealed[0], r.have = first, 1
}
