package onion

import (
	"context"
	"fmt"
	"io"
	"net"
	"time"
)

// usual are the SOCKS ports of a system tor (Tails has one) and of Tor Browser.
var usual = []string{"127.0.0.1:9050", "127.0.0.1:9150"}

// probeTime is spent only where something listens and says nothing.
const probeTime = 3 * time.Second

// ErrStranger is an ErrNoTor: something listens where Tor usually does, and is
// not Tor.
var ErrStranger = fmt.Errorf("%w: what listens there is not Tor", ErrNoTor)

// FindSOCKS returns the first of the usual loopback ports on which Tor answers.
// Any program can listen there, an SSH tunnel for one, and would learn which
// onion is dialled; so it is asked what only Tor knows. That is no proof against
// a program that was written to pass for Tor.
func FindSOCKS(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	return findSOCKS(ctx, usual)
}

func findSOCKS(ctx context.Context, addresses []string) (string, error) {
	answers := make([]chan error, len(addresses))
	for i, address := range addresses {
		answers[i] = make(chan error, 1)
		go func() { answers[i] <- probe(ctx, address) }()
	}
	none := ErrNoTor
	for i, address := range addresses {
		switch <-answers[i] {
		case nil:
			return address, nil
		case ErrStranger:
			none = ErrStranger
		}
	}
	return "", none
}

// Tor's own SOCKS5 command RESOLVE (socks-extensions.txt, section 2), for a name
// that is an address already, of those for documentation (RFC 5737). Tor gives it
// back at once, asks nobody and logs nothing. Other proxies do not know the command.
var (
	greeting   = []byte{5, 1, 0}
	welcome    = string([]byte{5, 0})
	resolve    = append([]byte{5, 0xf0, 0, 3, 9}, "192.0.2.1\x00\x00"...)
	resolved   = string([]byte{5, 0, 0, 1, 192, 0, 2, 1})
	portLength = 2
)

// probe says whether Tor listens: nil, ErrStranger or, for nobody, ErrNoTor.
func probe(ctx context.Context, address string) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return ErrNoTor
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if !answers(conn, greeting, welcome, 0) || !answers(conn, resolve, resolved, portLength) {
		return ErrStranger
	}
	return nil
}

// answers says whether a question is answered with want and some bytes more.
func answers(conn net.Conn, question []byte, want string, more int) bool {
	if _, err := conn.Write(question); err != nil {
		return false
	}
	got := make([]byte, len(want)+more)
	_, err := io.ReadFull(conn, got)
	return err == nil && string(got[:len(want)]) == want
}
