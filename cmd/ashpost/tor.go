package main

import (
	"fmt"
	"os"
	"path/filepath"

	"ashpost/onion"
)

// openTor prepares an onion service with its state in dir, in front of a socket.
func openTor(dir, target, networkFile string, bridges bridgeFlags) (*onion.Service, error) {
	access, err := bridges.access()
	if err != nil {
		return nil, err
	}
	tor, err := onion.ChooseTor(dir, torFolders()...)
	if err != nil {
		return nil, &failure{exitOther, "no usable Tor: " + err.Error(), "", err}
	}
	conf := onion.Config{Dir: dir, Target: target, Tor: tor, Access: access}
	if networkFile != "" {
		lines, err := os.ReadFile(networkFile)
		if err != nil {
			return nil, fmt.Errorf("--tor-network: %s", cause(err))
		}
		conf.Network = string(lines)
	}
	return onion.New(conf)
}

// torFolders is where `make` unpacks a Tor: beside the binary. Never relative
// to the working folder, which may be anybody's.
func torFolders() []string {
	exe, err := os.Executable()
	if err != nil {
		return nil
	}
	return []string{filepath.Join(filepath.Dir(exe), "build", "tor")}
}
