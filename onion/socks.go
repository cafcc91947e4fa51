package onion

import (
	"context"
	"io"
	"net"
	"time"
)

// usual are the SOCKS ports of a system tor (Tails has one) and of Tor Browser.
var usual = []string{"127.0.0.1:9050", "127.0.0.1:9150"}

// probeTime is waited out only where something listens and says nothing.
const probeTime = 2 * time.Second

// FindSOCKS returns the first of the usual loopback ports on which something
// speaks SOCKS5. That it is Tor shows only when an onion is dialled.
func FindSOCKS(ctx context.Context) (string, error) {
	return findSOCKS(ctx, usual)
}

func findSOCKS(ctx context.Context, addresses []string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	answers := make([]chan bool, len(addresses))
	for i, address := range addresses {
		answers[i] = make(chan bool, 1)
		go func() { answers[i] <- speaksSOCKS(ctx, address) }()
	}
	for i, address := range addresses {
		if <-answers[i] {
			return address, nil
		}
	}
	return "", ErrNoTor
}

// speaksSOCKS greets as RFC 1928 section 3 has it, offering no authentication.
func speaksSOCKS(ctx context.Context, address string) bool {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return false
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if _, err := conn.Write([]byte{5, 1, 0}); err != nil {
		return false
	}
	var answer [2]byte
	_, err = io.ReadFull(conn, answer[:])
	return err == nil && answer == [2]byte{5, 0}
}
