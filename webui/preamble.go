package webui

import (
	"bytes"
	"errors"
	"fmt"
)

// longestPreamble is what the PROXY protocol, version 1, allows a line.
const longestPreamble = 107

// errPreamble ends a stream that does not begin as Tor's streams do. It is not
// answered: whoever connects past Tor has no business here.
var errPreamble = errors.New("a stream without its circuit")

// Of the PROXY protocol Tor writes one form (HiddenServiceExportCircuitID
// haproxy): the circuit's id is the low half of the source address, its low 16
// bits are the source port again, and 80 is the onion service's only port.
const (
	preambleStart = "PROXY TCP6 fc00:dead:beef:4dad::"
	preambleForm  = preambleStart + "%x:%x ::1 %d 80\r\n"
)

// cutPreamble takes the line off the front of a stream. The id is 0, which no
// circuit has, while more of the line has to come.
func cutPreamble(b []byte) (id uint32, rest []byte, err error) {
	line, _, whole := bytes.Cut(b[:min(len(b), longestPreamble)], []byte("\n"))
	if whole {
		id, err = parsePreamble(string(line) + "\n")
		return id, b[len(line)+1:], err
	}
	n := min(len(b), len(preambleStart))
	if len(b) >= longestPreamble || string(b[:n]) != preambleStart[:n] { // not waited for
		return 0, nil, errPreamble
	}
	return 0, nil, nil
}

// parsePreamble accepts exactly what Tor writes: what was read must give the
// same line again.
func parsePreamble(line string) (uint32, error) {
	var high, low uint16
	var port int
	fmt.Sscanf(line, preambleForm, &high, &low, &port) // what it leaves out, the comparison finds
	id := uint32(high)<<16 | uint32(low)
	if id == 0 || fmt.Sprintf(preambleForm, high, low, low) != line {
		return 0, errPreamble
	}
	return id, nil
}
