package onion

import (
	"path/filepath"
	"testing"
)

// nobody is a network whose only member is a port on which nobody listens.
const nobody = "TestingTorNetwork 1\nDirAuthority nobody orport=1 no-v2 " +
	"v3ident=0000000000000000000000000000000000000001 127.0.0.1:1 0000000000000000000000000000000000000001\n"

// A hang-up, as scripts send to every tor of a machine, does not take the
// service off the network.
func TestHangUpChangesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := New(Config{Dir: dir, Target: filepath.Join(dir, "web.sock"), Tor: installed(t), Network: nobody})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.prepare(); err != nil {
		t.Fatal(err)
	}
	l, err := s.conf.Tor.launch(t.Context(), dir, new(lastWords))
	defer l.close()
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- l.listen(func(event) {}) }()
	defer func() { l.hangUp(); <-ended }()
	// The command does what the signal does, and in order.
	for _, order := range []string{"SETCONF DisableNetwork=0", "SIGNAL RELOAD"} {
		if _, err := l.command("%s", order); err != nil {
			t.Fatal(order, err)
		}
	}
	r, err := l.command("GETCONF DisableNetwork")
	if err != nil || r.Reply != "DisableNetwork=0" {
		t.Errorf("%+v, %v", r, err)
	}
}
