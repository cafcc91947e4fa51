package onion

import (
	"errors"

	"github.com/klauspost/compress/zstd"
)

var errDamaged = errors.New("the embedded Tor is damaged")

// A frame of zstd depends on no other. The executable is packed in several, so
// that all cores unpack it.
type frame struct {
	packed []byte
	size   int // unpacked
}

// A frame ends after the block that says that it is the last, and a checksum
// (RFC 8878, section 3.1.1).
const (
	blockHead = 3
	checksum  = 4
	runLength = 1 // the type of block that is one byte, repeated
)

// cut takes packed apart into its frames and says how much they make together.
func cut(packed []byte) (all []frame, size int, err error) {
	for len(packed) > 0 || all == nil {
		var head zstd.Header
		if err := head.Decode(packed); err != nil {
			return nil, 0, err
		}
		end := frameEnd(packed, head)
		if end > len(packed) || !head.HasFCS || head.FrameContentSize == 0 || head.FrameContentSize > largestTor {
			return nil, 0, errDamaged
		}
		all = append(all, frame{packed[:end], int(head.FrameContentSize)})
		size += int(head.FrameContentSize)
		packed = packed[end:]
	}
	return all, size, nil
}

// largestTor is far above any: no damage may ask for all the memory.
const largestTor = 1 << 28

// frameEnd is beyond packed if the frame is cut off.
func frameEnd(packed []byte, head zstd.Header) int {
	at := head.HeaderSize
	for last := false; !last; {
		if at+blockHead > len(packed) {
			return len(packed) + 1
		}
		block := int(packed[at]) | int(packed[at+1])<<8 | int(packed[at+2])<<16
		size := block >> 3
		if block>>1&3 == runLength {
			size = 1
		}
		last = block&1 == 1
		at += blockHead + size
	}
	if head.HasCheckSum {
		at += checksum
	}
	return at
}
