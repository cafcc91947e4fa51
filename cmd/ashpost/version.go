package main

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"

	"ashpost/onion"
)

type versionCmd struct {
	JSON bool `name:"json" help:"Print the result as JSON."`
}

// build is what the program knows of its making.
type build struct {
	Version  string  `json:"version"`
	Revision string  `json:"revision,omitempty"`
	Go       string  `json:"go"`
	System   string  `json:"system"`
	Tor      *inside `json:"tor,omitempty"` // nil in a build without
}

// inside is the embedded Tor.
type inside struct {
	torReport
	Modules    string            `json:"modules,omitempty"` // empty if it does not run here
	Components []onion.Component `json:"components"`
}

// lookInside runs the embedded Tor for its own account of itself.
func lookInside() *inside {
	tor, err := onion.Embedded("")
	switch {
	case errors.Is(err, onion.ErrNotEmbedded):
		return nil
	case err != nil:
		return &inside{torReport{Why: err.Error()}, "", onion.Components()}
	}
	return &inside{newTorReport(tor), tor.Modules, onion.Components()}
}

func (c *versionCmd) Run(t *tui) error {
	b := build{Version: "devel", Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		if v := info.Main.Version; v != "" && v != "(devel)" {
			b.Version = v
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				b.Revision = s.Value
			}
		}
	}
	b.Tor = lookInside()
	if c.JSON {
		return t.json(b)
	}
	lines := []string{"ashpost " + b.Version}
	if b.Tor != nil {
		lines = append(lines, b.Tor.lines()...)
	}
	for _, line := range lines {
		if err := t.result(line); err != nil {
			return err
		}
	}
	return nil
}

func (i *inside) lines() []string {
	first := fmt.Sprintf("Tor inside: %s, modules: %s", i.Version, i.Modules)
	if i.Version == "" {
		first = "Tor inside: does not run from memory here: " + i.Why
	}
	lines := []string{first, "made of:"}
	for _, c := range i.Components {
		lines = append(lines, "  "+c.Name+" "+c.Version)
	}
	return lines
}
