package e2e

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// trapped is set in the copy of this test binary that runs in the trap.
const trapped = "ASHPOST_E2E_TRAPPED"

// A trap is the only way out of a network namespace: a device whose packets go
// nowhere but here, with the default routes through it. The name servers that a
// machine may have on loopback are here too.
type trap struct {
	mu     sync.Mutex
	caught []string
	first  chan struct{} // something was caught
	marked chan struct{} // the test's own packet has come: every earlier one has
}

// noTrap is the exit code of a machine or container on which none can be made.
const noTrap = 77

// marker is where the test itself sends a packet at the end, and nobody else.
const marker = "198.51.100.254"

// newTrap closes the namespace this process is in.
func newTrap() (*trap, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("/dev/net/tun: %w", err)
	}
	device, err := unix.NewIfreq("trap0")
	if err != nil {
		return nil, err
	}
	device.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, device); err != nil {
		return nil, fmt.Errorf("TUNSETIFF: %w", err)
	}
	lines := []string{"link set lo up", "link set trap0 up", "addr add 192.0.2.2/24 dev trap0", "route add default dev trap0"}
	if off, err := os.ReadFile("/proc/sys/net/ipv6/conf/trap0/disable_ipv6"); err == nil && off[0] == '0' {
		lines = append(lines, "-6 addr add 2001:db8::2/64 dev trap0 nodad", "-6 route add default dev trap0")
	}
	for _, line := range lines {
		if out, err := exec.Command("ip", strings.Fields(line)...).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("ip %s: %w: %s", line, err, out)
		}
	}
	tr := &trap{first: make(chan struct{}), marked: make(chan struct{})}
	for _, server := range []string{"127.0.0.1:53", "127.0.0.53:53"} {
		l, err := net.ListenPacket("udp", server)
		if err != nil {
			return nil, err
		}
		go tr.nameServer(l)
	}
	go tr.read(os.NewFile(uintptr(fd), "trap"))
	return tr, nil
}

func (tr *trap) nameServer(l net.PacketConn) {
	for b := make([]byte, 1500); ; {
		if _, _, err := l.ReadFrom(b); err != nil {
			return
		}
		tr.note("a question to a name server on loopback")
	}
}

func (tr *trap) read(device *os.File) {
	for b := make([]byte, 1<<16); ; {
		n, err := device.Read(b)
		if err != nil {
			return
		}
		switch to, own := destination(b[:n]); {
		case own:
		case strings.HasPrefix(to, marker+" "):
			close(tr.marked)
			return
		default:
			tr.note("a packet to " + to)
		}
	}
}

// destination says where an IP packet goes. Own are those that the kernel sends
// by itself when a device comes up: neighbour and multicast discovery.
func destination(p []byte) (to string, own bool) {
	switch {
	case len(p) >= 20 && p[0]>>4 == 4:
		address, _ := netip.AddrFromSlice(p[16:20])
		to = fmt.Sprintf("%s protocol %d", address, p[9])
		if head := int(p[0]&15) * 4; len(p) >= head+4 && p[9] != unix.IPPROTO_ICMP {
			to += fmt.Sprintf(" port %d", binary.BigEndian.Uint16(p[head+2:]))
		}
		return to, p[9] == unix.IPPROTO_IGMP
	case len(p) >= 40 && p[0]>>4 == 6:
		address, _ := netip.AddrFromSlice(p[24:40])
		return fmt.Sprintf("%s protocol %d", address, p[6]), p[6] == unix.IPPROTO_ICMPV6 || p[6] == unix.IPPROTO_HOPOPTS
	}
	return "nowhere known", false
}

func (tr *trap) note(what string) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if tr.caught = append(tr.caught, what); len(tr.caught) == 1 {
		close(tr.first)
	}
}

// soFar gives what was caught.
func (tr *trap) soFar() []string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return append([]string{}, tr.caught...)
}

// TestNothingLeaves runs every command where the only way out is a trap, and the
// Tor network is on loopback: nothing may be caught.
func TestNothingLeaves(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can make a network namespace")
	}
	for _, needed := range []string{"/dev/net/tun", "/proc/self/ns/net"} {
		if _, err := os.Stat(needed); err != nil {
			t.Skip("this kernel or container has no " + needed)
		}
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("ip is missing: apt-get install iproute2")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestInTheTrap$", "-test.v")
	cmd.Env = append(os.Environ(), trapped+"=1", "GOPROXY=off", "GOFLAGS=-mod=readonly")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET, Pdeathsig: unix.SIGKILL}
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if errors.Is(err, unix.EPERM) || cmd.ProcessState != nil && cmd.ProcessState.ExitCode() == noTrap {
		t.Skip("no trap can be made here")
	}
	if err != nil || !strings.Contains(string(out), "--- PASS: TestInTheTrap") {
		t.Errorf("in the trap: %v", err)
	}
}

func TestInTheTrap(t *testing.T) {
	if world.trap == nil {
		t.Skip("TestNothingLeaves runs this")
	}
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"} {
		t.Setenv(name, "socks5://198.51.100.1:1080")
	}
	dir := t.TempDir()
	t.Setenv("XDG_STATE_HOME", dir)
	socks := []string{"--socks", world.socks}
	own := []string{"--tor-network", world.torrc}
	for _, way := range [][]string{socks, own} {
		sent := world.trap.runs(t, 0, secret, append([]string{"send", "--control", "--service", world.service.address()}, way...)...)
		world.trap.runs(t, 0, sent, "link")
		world.trap.runs(t, 0, sent, append([]string{"open", "--out", filepath.Join(dir, "out")}, way...)...)
		world.trap.runs(t, 4, sent, append([]string{"open", "--out", filepath.Join(dir, "out")}, way...)...)
	}
	// What is refused is not looked up first.
	world.trap.runs(t, 7, secret, "send", "--service", "http://example.com")
	world.trap.runs(t, 7, "http://example.com/m/AAAAAAAAAAAAAAAAAAAAAA#1AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "open")
	world.trap.runs(t, 2, secret, "send", "--service", world.service.address(), "--socks", "proxy.example.com:9050")
	world.trap.runs(t, 2, secret, "send", "--service", world.service.address(), "--bridges-required")

	data, key := []string{"--data", world.service.data}, filepath.Join(dir, "key.age")
	passphrase := filepath.Join(dir, "passphrase")
	if err := os.WriteFile(passphrase, []byte("correct horse\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"status"}, {"unlock"}, {"onion", "address"}, {"onion", "page", filepath.Join(dir, "page.html")},
		{"onion", "export", key, "--passphrase-file", passphrase},
		{"onion", "client", "list"},
	} {
		world.trap.runs(t, 0, "", append(args, data...)...)
	}
	world.trap.runs(t, -1, "", append([]string{"doctor"}, data...)...)
	world.trap.runs(t, 0, "destroy\n", append([]string{"destroy", "--all"}, data...)...)
	other := []string{"--data", filepath.Join(dir, "other")}
	world.trap.runs(t, 0, "", append([]string{"onion", "import", key, "--passphrase-file", passphrase}, other...)...)
	world.trap.runs(t, 0, "", append([]string{"onion", "client", "add", "alice"}, other...)...)
	world.trap.runs(t, 0, "public\n", append([]string{"onion", "client", "remove", "alice"}, other...)...)
	world.trap.runs(t, -1, "", append([]string{"doctor"}, other...)...)
	world.trap.runs(t, 0, "", "version")
	world.trap.runs(t, 0, "", "licenses")
	apartInTheTrap(t, dir)
	waits := serve(t, filepath.Join(dir, "waits"), "--bridges-required", "--tor-network", world.torrc)
	waits.says(t, "ashpost: warning: Nothing is connected to")
	if _, err := world.service.stop(); err != nil {
		t.Error(err)
	}
	world.trap.shut(t)
}

// apartInTheTrap runs the two parts: the one with Tor publishes on loopback, the
// other one has no more than its sockets.
func apartInTheTrap(t *testing.T, dir string) {
	t.Helper()
	meeting := filepath.Join(dir, "meet")
	check(t, os.Mkdir(meeting, 0o700))
	socket := filepath.Join(meeting, "web")
	vault := process(t, exec.Command(world.binary, "serve", "--data", filepath.Join(dir, "vault"), "--volatile-if-needed", "--socket", socket), filepath.Join(dir, "vault"))
	tor := runTor(t, filepath.Join(dir, "tor"), socket)
	vault.says(t, "ashpost: published: ")
	for _, part := range []*service{tor, vault} {
		if _, err := part.stop(); err != nil {
			t.Error(err)
		}
	}
	if caught := world.trap.soFar(); len(caught) > 0 {
		t.Fatalf("of the two parts: %q", caught)
	}
}

// runs runs a command that must end with a code, any if it is negative.
func (tr *trap) runs(t *testing.T, code int, stdin string, args ...string) (out string) {
	t.Helper()
	r := ashpost(t, stdin, args...)
	if code >= 0 && r.code != code {
		t.Errorf("%s: %+v", args[0], r)
	}
	if caught := tr.soFar(); len(caught) > 0 {
		t.Fatalf("after %q: %q", args, caught)
	}
	return r.out
}

// shut sees that nothing was caught by the end, and that something would be.
func (tr *trap) shut(t *testing.T) {
	t.Helper()
	conn, err := net.Dial("udp", marker+":9")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("here")); err != nil {
		t.Fatal(err)
	}
	select {
	case <-tr.marked:
	case <-time.After(time.Minute):
		t.Error("the trap does not catch the test's own packet")
	}
	if caught := tr.soFar(); len(caught) > 0 {
		t.Errorf("caught: %q", caught)
	}
	ask, err := net.Dial("udp", "127.0.0.53:53")
	if err != nil {
		t.Fatal(err)
	}
	defer ask.Close()
	ask.Write([]byte("here"))
	select {
	case <-tr.first:
	case <-time.After(time.Minute):
		t.Error("the name server hears nothing")
	}
}
