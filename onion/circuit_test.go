package onion_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"testing"
	"time"

	"ashpost/onion"
)

// visitor has a circuit of its own and keeps one stream on it open.
type visitor struct {
	net.Conn
	in      *bufio.Reader
	address string
}

func (v *visitor) ask(within time.Duration) (circuit uint32, err error) {
	v.SetDeadline(time.Now().Add(within))
	fmt.Fprintf(v, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", v.address)
	answer, err := http.ReadResponse(v.in, nil)
	if err != nil {
		return 0, err
	}
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return 0, err
	}
	id, err := strconv.ParseUint(answer.Header.Get("Circuit"), 10, 32)
	return uint32(id), err
}

// visit opens a circuit, and as often as it takes.
func visit(t *testing.T, address string) (v *visitor, circuit uint32) {
	t.Helper()
	for late := time.Now().Add(patience); ; {
		conn, err := onion.Dialer(needNetwork(t).client.SOCKS)(t.Context(), "tcp", address+":80")
		if err == nil {
			v = &visitor{conn, bufio.NewReader(conn), address}
			if circuit, err = v.ask(10 * time.Second); err == nil {
				t.Cleanup(func() { conn.Close() })
				return v, circuit
			}
			conn.Close()
		}
		if time.Now().After(late) {
			t.Fatal(err)
		}
	}
}

// Closing one circuit ends its streams and leaves the others alone; the id in
// front of its streams is the one by which tor knows it.
func TestCloseCircuit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, end := start(t, onion.Config{Dir: dir, Target: target(t, dir), Tor: needTor(t), Network: needNetwork(t).network.Torrc()})
	if err := s.CloseCircuit(1); !errors.Is(err, onion.ErrNoCircuit) {
		t.Errorf("before tor runs: %v", err)
	}
	address := await(t, s, "publication", published).Address
	bad, one := visit(t, address)
	good, two := visit(t, address)
	if one == 0 || two == 0 || one == two {
		t.Fatalf("two visitors are on the circuits %d and %d", one, two)
	}
	if err := s.CloseCircuit(one); err != nil {
		t.Fatal(err)
	}
	if _, err := bad.ask(patience); err == nil {
		t.Error("the circuit that was closed goes on")
	}
	if again, err := good.ask(patience); err != nil || again != two {
		t.Errorf("the other circuit: %d then %d, %v", two, again, err)
	}
	if err := s.CloseCircuit(1 << 31); !errors.Is(err, onion.ErrNoCircuit) {
		t.Errorf("a circuit that never was: %v", err)
	}
	if state := s.State(); !state.Published {
		t.Errorf("afterwards: %+v", state)
	}
	_, three := visit(t, address)
	t.Logf("circuits %d, %d, then %d", one, two, three)
	end()
	if err := s.CloseCircuit(two); !errors.Is(err, onion.ErrNoCircuit) {
		t.Errorf("after the end: %v", err)
	}
}
