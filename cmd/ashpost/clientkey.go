package main

import (
	"strings"

	"ashpost/onion"
)

const clientKeyShape = "It is one line, ADDRESS:descriptor:x25519:KEY, the address without .onion: as Tor keeps it, and as ashpost onion client add --json prints it."

// clientKey reads the key to the private service that is to be reached. No error
// shows anything of it.
func (n network) clientKey(service string) (key onion.ClientKey, err error) {
	if n.ClientKey == "" {
		return key, nil
	}
	if n.Socks != "" {
		return key, &failure{code: exitUsage, what: "either --socks or --client-key", hint: "The key is for a Tor that is started here; one that runs has its own, in its ClientOnionAuthDir."}
	}
	if says, next := openToOthers(n.ClientKey); says != "" {
		return key, refused(says, next)
	}
	text, err := readSmall(n.ClientKey)
	if err != nil {
		return key, fileFailure("the client key cannot be read", err)
	}
	if key, err = onion.ParseClientKey(string(text)); err != nil {
		return key, &failure{exitUsage, "the file of --client-key is not a client's key", clientKeyShape, err}
	}
	if !strings.EqualFold(service, "http://"+key.Address()) {
		return key, &failure{code: exitUsage, what: "the client key is for another service", hint: "Nothing was connected to. Look at the address in front of the key."}
	}
	return key, nil
}
