package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write licenses.txt.gz")

// linked is a package of the program.
type linked struct {
	ImportPath, Dir string
	Standard        bool
	Module          *struct {
		Path, Version, Dir string
		Main               bool
	}
}

// listLinked lists what is linked into any build of the program.
func listLinked(t *testing.T) (all []linked) {
	t.Helper()
	for _, arch := range []string{"amd64", "arm64"} {
		cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Dir,Standard,Module", "ashpost/cmd/ashpost")
		cmd.Env = append(os.Environ(), "GOOS=linux", "CGO_ENABLED=0", "GOARCH="+arch)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		for d := json.NewDecoder(strings.NewReader(string(out))); ; {
			var p linked
			if err := d.Decode(&p); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			all = append(all, p)
		}
	}
	return all
}

var licenseFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)([-_.][a-z0-9]+)?$`)

// textsOf reads the licences in a folder and those above it, up to the root.
func textsOf(t *testing.T, dir, root string) (texts []string) {
	t.Helper()
	for {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if !e.Type().IsRegular() || !licenseFile.MatchString(e.Name()) || strings.HasSuffix(e.Name(), ".go") {
				continue
			}
			b, err := os.ReadFile(filepath.Join(dir, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, strings.TrimSpace(strings.ReplaceAll(string(b), "\r", ""))+"\n")
		}
		if dir == root || len(dir) <= len(root) {
			return texts
		}
		dir = filepath.Dir(dir)
	}
}

// collect maps each text to those it is the licence of.
func collect(t *testing.T) map[string][]string {
	t.Helper()
	of := map[string][]string{}
	note := func(name, dir, root string) int {
		texts := textsOf(t, dir, root)
		for _, text := range texts {
			if !slices.Contains(of[text], name) {
				of[text] = append(of[text], name)
			}
		}
		return len(texts)
	}
	out, err := exec.Command("go", "env", "GOROOT", "GOMOD").Output()
	if err != nil {
		t.Fatal(err)
	}
	goroot, gomod, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if note("Go", goroot, goroot) == 0 {
		t.Fatal("the Go that runs this test has no LICENSE in its GOROOT")
	}
	note("Ashpost", filepath.Dir(gomod), filepath.Dir(gomod))
	for _, p := range listLinked(t) {
		if p.Standard || p.Module.Main {
			continue
		}
		if note(p.Module.Path+" "+p.Module.Version, p.Dir, p.Module.Dir) == 0 {
			t.Errorf("%s has no licence", p.ImportPath)
		}
	}
	return of
}

// Every module that is linked has its text in the program.
func TestLicenses(t *testing.T) {
	of := collect(t)
	sections := map[string]string{}
	for _, text := range slices.Sorted(maps.Keys(of)) {
		names := of[text]
		slices.Sort(names)
		sections[strings.Join(names, "\n==== ")] += text + "\n"
	}
	var b strings.Builder
	for _, names := range slices.Sorted(maps.Keys(sections)) {
		fmt.Fprintf(&b, "==== %s\n\n%s", names, sections[names])
	}
	if *update {
		var packed bytes.Buffer
		w, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression) // the level is a good one
		io.WriteString(w, b.String())
		w.Close()
		if err := os.WriteFile("licenses.txt.gz", packed.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if have, err := moduleLicenses(); err != nil || have != b.String() {
		t.Errorf("licenses.txt.gz is not what is linked: go test ./cmd/ashpost -run Licenses -update (%v)", err)
	}
}
