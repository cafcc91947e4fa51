// Command sbom prints what a built ashpost is made of, as a CycloneDX bill of
// materials: the Go modules by what the linker wrote into the binary, and the
// embedded Tor with its libraries by the lock it was built from.
//
// It does not look into either: a lock that is not the binary's gives a bill
// that is wrong. `make binary` checks that the two belong together.
package main

import (
	"debug/buildinfo"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	cdx "github.com/CycloneDX/cyclonedx-go"

	"ashpost/onion"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: sbom BINARY LOCK")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "sbom: error:", err)
		os.Exit(1)
	}
}

func run(binary, lockFile string) error {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return err
	}
	lock, err := os.ReadFile(lockFile)
	if err != nil {
		return err
	}
	e := cdx.NewBOMEncoder(os.Stdout, cdx.BOMFileFormatJSON)
	return e.SetPretty(true).Encode(bill(filepath.Base(binary), info, string(lock)))
}

// bill has no serial number and no date, so that it is as reproducible as the
// binary.
func bill(name string, info *buildinfo.BuildInfo, lock string) *cdx.BOM {
	main := cdx.Component{
		BOMRef: name, Type: cdx.ComponentTypeApplication, Name: name, Version: info.Main.Version,
		Licenses: &cdx.Licenses{{License: &cdx.License{ID: "GPL-3.0-or-later"}}},
	}
	parts := []cdx.Component{golang("std", info.GoVersion)}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		parts = append(parts, golang(m.Path, m.Version))
	}
	for _, c := range onion.Locked(lock, setting(info, "GOARCH")) {
		parts = append(parts, debian(c))
	}
	b := cdx.NewBOM()
	b.Metadata = &cdx.Metadata{Component: &main}
	b.Components = &parts
	return b
}

func golang(path, version string) cdx.Component {
	purl := "pkg:golang/" + path + "@" + url.PathEscape(version)
	return cdx.Component{BOMRef: purl, Type: cdx.ComponentTypeLibrary, Name: path, Version: version, PackageURL: purl}
}

// debian names a source package: what is linked was built from it.
func debian(c onion.Component) cdx.Component {
	purl := "pkg:deb/debian/" + c.Name + "@" + url.QueryEscape(c.Version) + "?arch=source"
	kind := cdx.ComponentTypeLibrary
	if c.Name == "tor" {
		kind = cdx.ComponentTypeApplication
	}
	return cdx.Component{BOMRef: purl, Type: kind, Name: c.Name, Version: c.Version, PackageURL: purl}
}

func setting(info *buildinfo.BuildInfo, key string) string {
	for _, s := range info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}
