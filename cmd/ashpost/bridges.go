package main

import (
	"errors"
	"fmt"
	"strings"

	"ashpost/onion"
)

// bridgeFlags are embedded by the commands that start a Tor.
type bridgeFlags struct {
	Bridges         string   `placeholder:"FILE" help:"Reach the Tor network through the bridges of FILE alone, a line each. Transports: obfs4 and snowflake, or those named with --transport."`
	Bridge          []string `sep:"none" placeholder:"LINE" help:"A bridge line; can be repeated. Everybody on this machine can see the arguments of a program: prefer --bridges."`
	BridgesRequired bool     `help:"Connect to nothing until there is a bridge line; the file is looked at every second."`
	Transport       []string `sep:"none" placeholder:"NAME=PATH" help:"The program of a pluggable transport, where it is not found on PATH. Can be repeated."`
}

// access checks the flags, the file and the programs, before anything starts.
func (f bridgeFlags) access() (a onion.Access, err error) {
	a = onion.Access{File: f.Bridges, Required: f.BridgesRequired, Transports: map[string]string{}}
	if a.Bridges, err = onion.ParseBridges(strings.Join(f.Bridge, "\n")); err != nil {
		return a, &failure{exitUsage, "--bridge is not a bridge line", bridgeShape, err}
	}
	for _, named := range f.Transport {
		name, path, ok := strings.Cut(named, "=")
		if !ok || name == "" || path == "" {
			return a, &failure{code: exitUsage, what: "--transport is not NAME=PATH", hint: "As in --transport obfs4=/usr/bin/obfs4proxy."}
		}
		a.Transports[name] = path
	}
	return a, accessFailure(a.Check())
}

// bridged says whether any of the flags asks for bridges.
func (f bridgeFlags) bridged() bool {
	return f.Bridges != "" || len(f.Bridge) > 0 || f.BridgesRequired
}

const bridgeShape = "It is as bridges.torproject.org gives it: TRANSPORT ADDRESS:PORT FINGERPRINT KEY=VALUE…, on one line."

// accessFailure puts what is wrong with bridges into words, without any line.
func accessFailure(err error) error {
	var line *onion.BridgeError
	var transport *onion.TransportError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &line):
		return &failure{exitUsage, fmt.Sprintf("line %d of the bridges file is not a bridge line", line.Line), bridgeShape, err}
	case errors.As(err, &transport):
		return &failure{exitOther, "the program for the bridge's transport is missing", transport.Advice(), err}
	case errors.Is(err, onion.ErrNoBridges):
		return &failure{exitUsage, "the bridges file has no bridge line", "Write one into it, or give --bridges-required to wait until there is one.", err}
	case errors.Is(err, onion.ErrBridgeFile):
		return &failure{exitUsage, "the bridges file is not an ordinary file", "It is read again while Tor runs: write the lines into a file.", err}
	case errors.Is(err, onion.ErrTransportPath):
		return &failure{exitUsage, "the path of a transport's program has spaces or other special characters", "Tor cannot be given such a path: make a link to it elsewhere.", err}
	}
	return fileFailure("the bridges file cannot be read", err)
}
