package onion

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// leastVersion is the first tor whose proof of work and onion service fixes
// this package relies on. fetch-tor.sh has the same number.
const leastVersion = "0.4.9.11"

const mend = "run onion/fetch-tor.sh build/tor, or install tor " + leastVersion + " or newer and put it on PATH"

// Place is where a tor executable is run from.
type Place string

const (
	InMemory Place = "memory" // the embedded one, from sealed memory
	InFile   Place = "file"   // the embedded one, from a file that only this user can read
	OnDisk   Place = "disk"   // one that is installed or unpacked on this machine
)

// Tor is a tor executable that is new enough.
type Tor struct {
	Path    string
	LibDir  string // folders of its libraries, separated by colons; empty for the system's
	Version string
	Modules string // those it was built with, separated by spaces
	Place   Place
	Why     string // what forbade a better place; empty if nothing did

	memory *os.File // what Path names, if that is memory: see inMemory
}

// FindTor looks for tor in folders that fetch-tor.sh has filled, in the order
// given, then on PATH. Its error is one sentence with the command that mends it.
func FindTor(dirs ...string) (Tor, error) {
	var unfit error
	for _, t := range candidates(dirs) {
		err := t.examine()
		if err == nil {
			return t, nil
		}
		unfit = err
	}
	if unfit != nil {
		return Tor{}, fmt.Errorf("%w: %s", unfit, mend)
	}
	return Tor{}, errors.New("tor is missing: " + mend)
}

func candidates(dirs []string) []Tor {
	var found []Tor
	for _, dir := range dirs {
		path, err := exec.LookPath(filepath.Join(dir, "usr/bin/tor"))
		if err != nil {
			continue
		}
		if path, err = filepath.Abs(path); err != nil {
			continue
		}
		found = append(found, Tor{Path: path, LibDir: libDirs(filepath.Dir(path)), Place: OnDisk})
	}
	if path, err := exec.LookPath("tor"); err == nil {
		found = append(found, Tor{Path: path, Place: OnDisk})
	}
	return found
}

// libDirs names the library folders of the tree that bin, its usr/bin, is in.
func libDirs(bin string) string {
	root := filepath.Join(bin, "../..")
	var dirs []string
	for _, lib := range []string{"usr/lib", "lib"} {
		// The only error is a malformed pattern.
		match, _ := filepath.Glob(filepath.Join(root, lib, "*-linux-*"))
		dirs = append(dirs, match...)
	}
	return strings.Join(dirs, ":")
}

// examine fills in what is not known and says why t will not do. It runs tor at
// least once.
func (t *Tor) examine() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if t.Version == "" {
		version, err := t.ask(ctx, "--version")
		if err != nil {
			return fmt.Errorf("%s does not run: %w", t.Path, bare(err))
		}
		t.Version = parseVersion(version)
	}
	if !newEnough(t.Version) {
		return fmt.Errorf("%s is older than %s", t.Path, leastVersion)
	}
	modules, err := t.ask(ctx, "--list-modules")
	if err != nil {
		return fmt.Errorf("%s does not run: %w", t.Path, bare(err))
	}
	for _, m := range moduleLine.FindAllStringSubmatch(modules, -1) {
		t.Modules = strings.TrimSpace(t.Modules + " " + m[1])
	}
	if !slices.Contains(strings.Fields(t.Modules), "pow") {
		return fmt.Errorf("%s was built without proof of work", t.Path)
	}
	return nil
}

var moduleLine = regexp.MustCompile(`(?m)^(\w+): yes$`)

// bare is what the system said, without the path.
func bare(err error) error {
	if p, ok := errors.AsType[*os.PathError](err); ok {
		return p.Err
	}
	return err
}

// ask runs tor for one answer on its standard output.
func (t *Tor) ask(ctx context.Context, arg string) (string, error) {
	cmd := exec.CommandContext(ctx, t.Path, arg)
	cmd.Env = t.Environ()
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	return string(out), err
}

var versionLine = regexp.MustCompile(`(?m)^Tor version (\d+(?:\.\d+){1,4})`)

func parseVersion(out string) string {
	if m := versionLine.FindStringSubmatch(out); m != nil {
		return m[1]
	}
	return ""
}

// newEnough compares number by number: 0.4.9.9 is older than 0.4.9.11.
func newEnough(version string) bool {
	got := strings.Split(version, ".")
	for i, w := range strings.Split(leastVersion, ".") {
		want, _ := strconv.Atoi(w)
		if i >= len(got) {
			return false
		}
		have, err := strconv.Atoi(got[i])
		if err != nil || have != want {
			return err == nil && have > want
		}
	}
	return true
}
