package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// permissions looks at what other users of the machine must not enter or read.
func (p *patient) permissions() finding {
	const name = "permissions"
	if _, err := os.Stat(p.Data); errors.Is(err, fs.ErrNotExist) {
		return well(name, "there is no data folder yet; it is made at the first start")
	}
	places := []string{p.Data}
	for _, below := range []string{"lock", "mark", "slots", "run", "tor", "tor/hs", "tor/hs/hs_ed25519_secret_key", "tor/hs/authorized_clients"} {
		places = append(places, filepath.Join(p.Data, below))
	}
	if p.Bridges != "" {
		places = append(places, p.Bridges)
	}
	for _, place := range places {
		if says, next := openToOthers(place); says != "" {
			return wrong(name, says, next)
		}
	}
	return well(name, "everything is this user's alone")
}

func openToOthers(place string) (says, next string) {
	st, err := os.Stat(place)
	if errors.Is(err, fs.ErrNotExist) {
		return "", ""
	}
	if err != nil {
		return place + " cannot be looked at: " + cause(err), "Run this as the user that runs the service."
	}
	if owner := st.Sys().(*syscall.Stat_t).Uid; owner != uint32(os.Geteuid()) {
		return fmt.Sprintf("%s belongs to the user %d, this is %d", place, owner, os.Geteuid()), "Run this as the user that runs the service, or give the folder to that user: chown -R."
	}
	if mode := st.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Sprintf("others can get at %s (mode %04o)", place, mode), "Close it: chmod go= " + place
	}
	return "", ""
}
