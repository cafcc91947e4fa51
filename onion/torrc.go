package onion

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// longestSocket is the longest path sockaddr_un holds.
const longestSocket = 107

// torrc is tor's whole configuration: the distribution's defaults are not read.
//
//   - SocksPort 0, ClientOnly: tor offers nothing to this machine and relays for
//     nobody.
//   - Proof of work and the stream limit are against floods; a circuit that
//     opens more streams than any browser is closed.
//   - GeoIPFile: an empty file saves parsing the country database, which only
//     relays' statistics need.
//   - DisableNetwork is lifted over the control socket, once events are heard.
//   - Log to standard output alone, addresses scrubbed, nothing on the disk.
func torrc(c Config, control string, owner int) string {
	empty := quote(filepath.Join(c.Dir, "empty"))
	lines := []string{
		"DataDirectory " + quote(c.Dir),
		"HiddenServiceDir " + quote(filepath.Join(c.Dir, "hs")),
		"HiddenServicePort " + quote("80 unix:"+quote(c.Target)),
		"HiddenServicePoWDefensesEnabled 1",
		"HiddenServiceMaxStreams 32",
		"HiddenServiceMaxStreamsCloseCircuit 1",
		"SocksPort 0",
		"ClientOnly 1",
		"SafeLogging 1",
		"Log warn stdout",
		"AvoidDiskWrites 1",
		"GeoIPFile " + empty,
		"GeoIPv6File " + empty,
		"ControlPort " + quote("unix:"+quote(control)), // ControlSocket takes no spaces
		fmt.Sprintf("__OwningControllerProcess %d", owner),
		"DisableNetwork 1",
	}
	if c.client {
		lines = asClient(lines, c.Target)
	}
	lines = append(lines, c.route.lines()...)
	if c.Network != "" {
		lines = append(lines, strings.TrimRight(c.Network, "\n"))
	}
	return strings.Join(lines, "\n") + "\n"
}

var quoter = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// quote makes one torrc value of a path with spaces, '#' or quotes in it. New
// has refused control characters, which could start a line of their own.
func quote(s string) string { return `"` + quoter.Replace(s) + `"` }

// plainPath says whether a path can be written into a line of torrc.
func plainPath(path string) bool {
	return !strings.ContainsFunc(path, func(r rune) bool { return r < 0x20 || r == 0x7f })
}

func (s *Service) arguments() []string {
	empty := filepath.Join(s.conf.Dir, "empty")
	return []string{"-f", filepath.Join(s.conf.Dir, "torrc"), "--defaults-torrc", empty}
}

// prepare writes tor's configuration and chooses the control socket: in the
// state folder, or in a folder of its own where that path is too long.
func (s *Service) prepare() (socket string, remove func(), err error) {
	s.conf.route, s.barred = s.conf.Access.route()
	dir, remove := s.conf.Dir, func() {}
	if len(filepath.Join(dir, "control.sock")) > longestSocket {
		if dir, err = os.MkdirTemp("", "ashpost-"); err != nil {
			return "", nil, err
		}
		remove = func() { os.RemoveAll(dir) }
	}
	socket = filepath.Join(dir, "control.sock")
	files := map[string]string{"empty": "", "torrc": torrc(s.conf, socket, os.Getpid())}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(s.conf.Dir, name), []byte(text), 0o600); err != nil {
			remove()
			return "", nil, err
		}
	}
	s.clients = readRoster(s.conf.Dir) // before tor does: a later change is not missed
	os.Remove(socket)                  // of a tor that was killed
	return socket, remove, nil
}
