package webtest

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strconv"
)

// Answers of RFC 1928, section 6.
const (
	socksGranted     = 0
	socksForbidden   = 2 // not allowed by the ruleset
	socksUnreachable = 4
)

var errSocks = errors.New("webtest: not a SOCKS5 CONNECT")

// readConnect does the server's part of RFC 1928 up to the request and gives
// the destination. The caller answers it.
func readConnect(c io.ReadWriter) (string, error) {
	var head [2]byte
	if _, err := io.ReadFull(c, head[:]); err != nil {
		return "", err
	}
	if head[0] != 5 {
		return "", errSocks
	}
	if _, err := io.CopyN(io.Discard, c, int64(head[1])); err != nil {
		return "", err
	}
	if _, err := c.Write([]byte{5, 0}); err != nil { // no authentication
		return "", err
	}
	var request [4]byte
	if _, err := io.ReadFull(c, request[:]); err != nil {
		return "", err
	}
	if request[0] != 5 || request[1] != 1 {
		return "", errSocks
	}
	return readDestination(c, request[3])
}

// readDestination reads an address of a kind, then the port.
func readDestination(c io.Reader, kind byte) (string, error) {
	length := map[byte]int{1: net.IPv4len, 4: net.IPv6len}[kind]
	if kind == 3 {
		var n [1]byte
		if _, err := io.ReadFull(c, n[:]); err != nil {
			return "", err
		}
		length = int(n[0])
	}
	if length == 0 {
		return "", errSocks
	}
	b := make([]byte, length+2)
	if _, err := io.ReadFull(c, b); err != nil {
		return "", err
	}
	host := string(b[:length])
	if kind != 3 {
		host = net.IP(b[:length]).String()
	}
	return net.JoinHostPort(host, strconv.Itoa(int(binary.BigEndian.Uint16(b[length:])))), nil
}

func answerConnect(c io.Writer, code byte) error {
	_, err := c.Write([]byte{5, code, 0, 1, 0, 0, 0, 0, 0, 0})
	return err
}
