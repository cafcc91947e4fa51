package onion

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Errors of changing who may reach a private service.
var (
	ErrClientName   = errors.New("onion: a client's name is 1 to 32 of a-z, 0-9, - and _, and begins with a letter or digit")
	ErrClientExists = errors.New("onion: there is a client of this name")
	ErrNoClient     = errors.New("onion: there is no client of this name")
	ErrManyClients  = errors.New("onion: there are 300 clients: more do not fit into the service's descriptor")
)

const mostClients = 300

var clientName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)

var base32Upper = base32.StdEncoding.WithPadding(base32.NoPadding)

// AddClient lets one more client in, and from the first on nobody else
// (rend-spec-v3, "Client behavior in the presence of descriptor-based
// authentication"). It returns the client's private key, as Tor Browser asks
// for it; only the public half is kept here.
func AddClient(dir, name string) (key string, err error) {
	if !clientName.MatchString(name) {
		return "", ErrClientName
	}
	folder, err := openKeyFolder(dir, "hs", "authorized_clients")
	if err != nil {
		return "", err
	}
	names, err := Clients(dir)
	if err != nil {
		return "", err
	}
	if len(names) >= mostClients {
		return "", ErrManyClients
	}
	pair, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return "", err
	}
	line := "descriptor:x25519:" + base32Upper.EncodeToString(pair.PublicKey().Bytes()) + "\n"
	err = create(folder, name+".auth", []byte(line))
	if errors.Is(err, fs.ErrExist) {
		return "", ErrClientExists
	}
	return base32Upper.EncodeToString(pair.Bytes()), err
}

// Clients lists who may reach the service, sorted. An empty list is everybody.
func Clients(dir string) (names []string, err error) {
	entries, err := os.ReadDir(filepath.Join(keyFolder(dir), "authorized_clients"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".auth"); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, err
}

// RemoveClient takes a client's key away. Without any client the service is
// everybody's.
func RemoveClient(dir, name string) error {
	if !clientName.MatchString(name) {
		return ErrNoClient
	}
	folder := filepath.Join(keyFolder(dir), "authorized_clients")
	err := os.Remove(filepath.Join(folder, name+".auth"))
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNoClient
	}
	if err != nil {
		return err
	}
	return syncFolder(folder)
}
