package onion

import (
	"errors"
	"maps"
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// transports are the programs that are looked for on PATH, and the package of
// the distribution that has the first of them.
var transports = map[string]struct {
	programs []string
	pack     string
}{
	"obfs4":     {[]string{"obfs4proxy", "lyrebird"}, "obfs4proxy"},
	"snowflake": {[]string{"snowflake-client"}, "snowflake-client"},
}

// A TransportError says that a bridge's transport has no program.
type TransportError struct {
	Transport string
	Package   string // of the distribution; empty if it is not known
}

func (e *TransportError) Error() string {
	return "onion: the program for the transport " + e.Transport + " is missing"
}

// Advice is what to do about it.
func (e *TransportError) Advice() string {
	if e.Package == "" {
		return "Name its program: --transport " + e.Transport + "=/path/to/program."
	}
	return "Install the package " + e.Package + ", or name the program: --transport " + e.Transport + "=/path/to/" + e.Package + "."
}

// ErrTransportPath says that a program's path cannot be put into torrc, which
// knows no quotes there.
var ErrTransportPath = errors.New("onion: the path of a transport's program has spaces or other special characters")

// findTransports finds the program of every transport the bridges need: where
// it was named, else on PATH.
func findTransports(bridges []Bridge, named map[string]string) (map[string]string, error) {
	found := map[string]string{}
	for _, b := range bridges {
		if b.transport == "" || found[b.transport] != "" {
			continue
		}
		path, err := findTransport(b.transport, named[b.transport])
		if err != nil {
			return nil, err
		}
		found[b.transport] = path
	}
	return found, nil
}

func findTransport(transport, named string) (string, error) {
	known := transports[transport]
	candidates := known.programs
	if named != "" {
		candidates = []string{named}
	}
	for _, program := range candidates {
		path, err := exec.LookPath(program)
		if err != nil {
			continue
		}
		if path, err = filepath.Abs(path); err != nil {
			continue
		}
		if strings.ContainsAny(path, " \t\"'#\\") || !plainASCII(path) {
			return "", ErrTransportPath
		}
		return path, nil
	}
	return "", &TransportError{transport, known.pack}
}

// lines is what torrc needs to know of bridges.
func (r route) lines() (lines []string) {
	if len(r.bridges) == 0 {
		return nil
	}
	lines = append(lines, "UseBridges 1")
	for _, name := range slices.Sorted(maps.Keys(r.programs)) {
		lines = append(lines, "ClientTransportPlugin "+name+" exec "+r.programs[name])
	}
	for _, b := range r.bridges {
		lines = append(lines, "Bridge "+b.line)
	}
	return lines
}

// scrub takes everything that is in a bridge line out of tor's own words.
func (r route) scrub(text string) string {
	for _, b := range r.bridges {
		for _, word := range strings.Fields(b.line) {
			if word == b.transport {
				continue
			}
			text = strings.ReplaceAll(text, word, b.String())
			if host, _, err := net.SplitHostPort(word); err == nil {
				text = strings.ReplaceAll(text, host, b.String())
			}
		}
	}
	return text
}
