package tortest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// authority is the directory authority's ports and names of its keys.
type authority struct {
	or, dir     int
	identity    string // of its directory key
	fingerprint string // of its relay key
}

// line tells a tor whom to believe about the network.
func (a *authority) line() string {
	return fmt.Sprintf("DirAuthority authority orport=%d no-v2 v3ident=%s 127.0.0.1:%d %s",
		a.or, a.identity, a.dir, a.fingerprint)
}

// makeKeys makes every key of the network ahead of the start, at once: relays
// that start with theirs are ready for the first vote.
func (n *Network) makeKeys(ctx context.Context, a *authority) error {
	if err := os.MkdirAll(n.path("authority", "keys"), 0o700); err != nil {
		return err
	}
	made := make(chan error, 2+relays)
	go func() { made <- n.makeDirectoryKey(ctx, a) }()
	go func() {
		var err error
		a.fingerprint, err = n.makeRelayKey(ctx, "authority")
		made <- err
	}()
	for i := range relays {
		go func() {
			_, err := n.makeRelayKey(ctx, relayName(i))
			made <- err
		}()
	}
	var err error
	for range cap(made) {
		err = errors.Join(err, <-made)
	}
	return err
}

var identityLine = regexp.MustCompile(`(?m)^fingerprint ([0-9A-F]{40})$`)

func (n *Network) makeDirectoryKey(ctx context.Context, a *authority) error {
	keys := n.path("authority", "keys")
	certificate := filepath.Join(keys, "authority_certificate")
	cmd := exec.CommandContext(ctx, filepath.Join(filepath.Dir(n.tor.Path), "tor-gencert"),
		"--create-identity-key", "--passphrase-fd", "0", "-m", "12",
		"-i", filepath.Join(keys, "authority_identity_key"),
		"-s", filepath.Join(keys, "authority_signing_key"),
		"-c", certificate, "-a", fmt.Sprintf("127.0.0.1:%d", a.dir))
	cmd.Env = n.tor.Environ()
	cmd.Stdin = strings.NewReader("of no importance\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("tor-gencert: %w: %s", err, bytes.TrimSpace(out))
	}
	b, err := os.ReadFile(certificate)
	if err != nil {
		return err
	}
	m := identityLine.FindSubmatch(b)
	if m == nil {
		return errors.New("tor-gencert wrote no fingerprint")
	}
	a.identity = string(m[1])
	return nil
}

var relayLine = regexp.MustCompile(`(?m)^\w+ ((?:[0-9A-F]{4} ?){10})$`)

// makeRelayKey has tor make a relay's keys and returns their fingerprint.
func (n *Network) makeRelayKey(ctx context.Context, name string) (string, error) {
	if err := os.MkdirAll(n.path(name), 0o700); err != nil {
		return "", err
	}
	// tor wants a port and a directory; it uses neither here.
	text := n.nodeLines(name) + fmt.Sprintf("ORPort 1\nDirAuthority none 127.0.0.1:1 %040d\n", 1)
	file := n.path(name, "torrc")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return "", err
	}
	var out bytes.Buffer
	err := n.tor.Run(ctx, &out, "-f", file, "--defaults-torrc", n.path("empty"), "--list-fingerprint", "--quiet")
	if err != nil {
		return "", fmt.Errorf("tor --list-fingerprint: %w: %s", err, bytes.TrimSpace(out.Bytes()))
	}
	m := relayLine.FindSubmatch(out.Bytes())
	if m == nil {
		return "", errors.New("tor --list-fingerprint printed none")
	}
	return strings.ReplaceAll(string(m[1]), " ", ""), nil
}
