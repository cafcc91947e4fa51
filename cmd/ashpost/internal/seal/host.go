package seal

import (
	"bytes"
	"crypto/sha3"
	"encoding/base32"
	"strconv"
	"strings"
)

var base32Lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// parseHost accepts a v3 onion address without a port, or a loopback host with
// or without one (a service in preview). It returns the one spelling of it.
func parseHost(host string) (string, error) {
	host = strings.ToLower(host)
	if label, ok := strings.CutSuffix(host, ".onion"); ok {
		return host, checkOnion(label)
	}
	name, port := host, ""
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		name, port = host[:i], host[i+1:]
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || port != strconv.FormatUint(n, 10) {
			return "", linkError("host")
		}
	}
	if name != "127.0.0.1" && name != "localhost" && name != "[::1]" {
		return "", linkError("host")
	}
	if port == "" || port == "80" { // as browsers spell it
		return name, nil
	}
	return name + ":" + port, nil
}

// checkOnion verifies the checksum of a v3 address (rend-spec-v3, "Encoding
// onion addresses"), so that a mistyped address is found before any connection.
func checkOnion(label string) error {
	raw, err := base32Lower.DecodeString(label)
	if err != nil || len(label) != 56 || raw[34] != 3 {
		return linkError("host")
	}
	sum := sha3.Sum256(append(append([]byte(".onion checksum"), raw[:32]...), 3))
	if !bytes.Equal(sum[:2], raw[32:34]) {
		return linkError("onion-checksum")
	}
	return nil
}
