package onion

import (
	"os"
	"path/filepath"
	"strings"
)

// torrc is tor's whole configuration: the distribution's defaults are not read.
//
//   - SocksPort 0, ClientOnly: tor offers nothing to this machine and relays for
//     nobody.
//   - Proof of work and the stream limit are against floods; a circuit that
//     opens more streams than any browser is closed. The circuit's id goes in
//     front of every stream: there are no addresses that could be limited.
//   - GeoIPFile: an empty one saves parsing the country database, which only
//     relays' statistics need.
//   - The control connection is inherited; tor exits when it is closed.
//   - DisableNetwork is lifted over the control socket, once events are heard. A
//     hang-up, which scripts send to every tor of a machine, must not have this
//     file read again: the network would be off for good.
//   - Log to standard output alone, addresses scrubbed, nothing on the disk.
func torrc(c Config) string {
	lines := []string{
		"DataDirectory " + quote(c.Dir),
		"HiddenServiceDir " + quote(filepath.Join(c.Dir, "hs")),
		"HiddenServicePort " + quote("80 unix:"+quote(c.Target)),
		"HiddenServicePoWDefensesEnabled 1",
		"HiddenServiceMaxStreams 32",
		"HiddenServiceMaxStreamsCloseCircuit 1",
		"HiddenServiceExportCircuitID haproxy",
		"SocksPort 0",
		"ClientOnly 1",
		"SafeLogging 1",
		"Log warn stdout",
		"AvoidDiskWrites 1",
		"GeoIPFile /dev/null",
		"GeoIPv6File /dev/null",
		"__OwningControllerFD 3",
		"DisableNetwork 1",
		"__ReloadTorrcOnSIGHUP 0",
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

// prepare writes tor's configuration. The empty file stands in for the
// distribution's defaults.
func (s *Service) prepare() error {
	s.conf.route, s.barred = s.conf.Access.route()
	if err := makeFolder(s.conf.Dir); err != nil {
		return err
	}
	for name, text := range map[string]string{"empty": "", "torrc": torrc(s.conf)} {
		if err := os.WriteFile(filepath.Join(s.conf.Dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	var err error
	s.clients, err = readRoster(s.conf.Dir) // before tor does: a later change is not missed
	return err
}
