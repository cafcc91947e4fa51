package main

import (
	"bytes"
	"debug/buildinfo"
	"os"
	"slices"
	"strings"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

const lock = `# a comment
suite bookworm
source tor 0.4.9.11-0+deb12u1
library amd64 libcap-dev 1:2.66-4+b1 libcap2 1:2.66-4
library arm64 libcap-dev 1:2.66-4+b1 libcap2 1:2.66-4
tool amd64 gcc-12 12.2.0-14
`

// The bill of this test's own binary names every module linked into it, and
// what the lock has for its architecture, each once.
func TestBill(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	info, err := buildinfo.ReadFile(exe)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for i := range info.Settings { // as an amd64 machine builds it
		if info.Settings[i].Key == "GOARCH" {
			info.Settings[i].Value = "amd64"
		}
	}
	if err := cdx.NewBOMEncoder(&b, cdx.BOMFileFormatJSON).Encode(bill("x", info, lock)); err != nil {
		t.Fatal(err)
	}
	var got cdx.BOM
	if err := cdx.NewBOMDecoder(&b, cdx.BOMFileFormatJSON).Decode(&got); err != nil {
		t.Fatal(err)
	}
	var refs []string
	for _, c := range *got.Components {
		refs = append(refs, c.PackageURL)
	}
	for _, m := range info.Deps {
		if !slices.ContainsFunc(refs, func(r string) bool { return strings.HasPrefix(r, "pkg:golang/"+m.Path+"@") }) {
			t.Errorf("%s is missing", m.Path)
		}
	}
	for _, want := range []string{"pkg:deb/debian/tor@0.4.9.11-0%2Bdeb12u1?arch=source", "pkg:deb/debian/libcap2@1%3A2.66-4?arch=source"} {
		if !slices.Contains(refs, want) {
			t.Errorf("%s is missing from %q", want, refs)
		}
	}
	slices.Sort(refs)
	if len(slices.Compact(refs)) != len(*got.Components) {
		t.Error("something is in it twice")
	}
}
