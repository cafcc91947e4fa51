package onion

import (
	"runtime"
	"strings"
)

// A Component is something that the embedded Tor is made of: itself or one of
// the libraries linked into it, by its source package.
type Component struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Components lists what the embedded Tor is made of, Tor first. There is none in
// a build without.
func Components() []Component { return Locked(embeddedLock, runtime.GOARCH) }

// Locked reads the same from the text of a lock file, for an architecture.
func Locked(lock, arch string) (all []Component) {
	for line := range strings.Lines(lock) {
		f := strings.Fields(line)
		switch {
		case len(f) == 3 && f[0] == "source":
			all = append(all, Component{f[1], f[2]})
		case len(f) == 6 && f[0] == "library" && f[1] == arch:
			all = append(all, Component{f[4], f[5]})
		}
	}
	return all
}

// Licenses is the texts under which the components are licensed.
func Licenses() (string, error) {
	if len(embeddedLicenses) == 0 {
		return "", nil
	}
	texts, err := decompress(embeddedLicenses, nil)
	return string(texts), err
}
