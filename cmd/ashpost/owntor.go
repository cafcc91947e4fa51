package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"ashpost/onion"
)

// ownTor is a Tor that this command runs for itself.
type ownTor struct {
	client  *onion.Client
	stop    context.CancelFunc
	done    sync.WaitGroup
	release func() // of its state folder
}

// patienceOwnTor is how long a bootstrap may stand still. Slow bridges take
// their time, but move.
const patienceOwnTor = 2 * time.Minute

// startTor starts one and waits until it can build circuits, with the progress
// on the terminal.
func (n network) startTor(ctx context.Context, t *tui, key onion.ClientKey) (*ownTor, error) {
	access, err := n.access()
	if err != nil {
		return nil, err
	}
	if access.Bridged() && !access.Ready() {
		return nil, &failure{code: exitUsage, what: "bridges are required, and there is no bridge line", hint: "Give lines with --bridges FILE. Nothing was connected to."}
	}
	conf := onion.ClientConfig{Access: access, Key: key}
	if n.TorNetwork != "" {
		lines, err := os.ReadFile(n.TorNetwork)
		if err != nil {
			return nil, fmt.Errorf("--tor-network: %s", cause(err))
		}
		conf.Network = string(lines)
	}
	o := new(ownTor)
	if conf.Dir, o.release, err = claimTorFolder(n.TorNetwork != ""); err != nil {
		return nil, err
	}
	if conf.Tor, err = onion.ChooseTor(conf.Dir, torFolders()...); err != nil {
		o.release()
		return nil, &failure{exitUnreachable, "no Tor is running on this machine, and there is none to start",
			"Start Tor or Tor Browser and leave it open, or install one: " + err.Error() + ".", err}
	}
	if o.client, err = onion.NewClient(conf); err != nil {
		o.release()
		return nil, fileFailure("Tor's state folder cannot be made", err)
	}
	running, stop := context.WithCancel(context.Background()) // its end is close, whatever interrupts
	o.stop = stop
	o.done.Go(func() { _ = o.client.Run(running) }) // it ends with its context alone
	if err := o.await(ctx, t); err != nil {
		o.close()
		return nil, err
	}
	return o, nil
}

// await follows the bootstrap to its end.
func (o *ownTor) await(ctx context.Context, t *tui) error {
	t.remark("starting a Tor for this command")
	var shown onion.State
	stuck := time.NewTimer(patienceOwnTor)
	defer stuck.Stop()
	for {
		changed := o.client.Changes()
		s := o.client.State()
		switch {
		case s.Progress == 100:
			t.clear()
			return nil
		case s.Kind == onion.KeepsDying || s.Kind == onion.NeedsBridge:
			return torFailure(s)
		case s.Trouble != "" && s.Trouble != shown.Trouble:
			t.warn(strings.TrimSuffix(s.Trouble, "."))
			t.hint(s.Advice)
		}
		if s.Progress > shown.Progress {
			stuck.Reset(patienceOwnTor)
		}
		shown = s
		t.progress("%s", bar(s))
		select {
		case <-changed:
		case <-stuck.C:
			return torFailure(s)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func torFailure(s onion.State) error {
	what := strings.TrimSuffix(s.Trouble, ".")
	if what == "" {
		what = "it makes no progress"
	}
	hint := s.Advice
	switch s.Kind {
	case "", onion.Blocked, onion.Stalled:
		hint = "Where Tor is blocked, bridges may help: --bridges FILE, with lines from https://bridges.torproject.org."
	case onion.KeepsDying: // it is started again, but not after this command
		hint = "Look for a full disk or too little memory, or name a running Tor with --socks HOST:PORT."
	}
	return &failure{code: exitUnreachable, what: "the Tor network cannot be reached: " + what, hint: hint}
}

func (o *ownTor) close() {
	o.stop()
	o.done.Wait()
	o.release()
}

// mostTors is how many commands may each run a Tor at the same time.
const mostTors = 8

// claimTorFolder finds a state folder that no other command uses now. They are
// kept: with what Tor knows of the network it is ready in seconds, and it keeps
// its guards, which is safer than to choose new ones each time. What belongs to a
// private network is kept apart: its relays are no guards of the public one's.
func claimTorFolder(private bool) (dir string, release func(), err error) {
	base := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(base) {
		home := os.Getenv("HOME")
		if !filepath.IsAbs(home) {
			return "", nil, refused("there is no folder for Tor's state: neither XDG_STATE_HOME nor HOME is set", "Set one of them, or name a running Tor with --socks HOST:PORT.")
		}
		base = filepath.Join(home, ".local", "state")
	}
	base = filepath.Join(base, "ashpost")
	if err := os.MkdirAll(base, 0o700); err != nil {
		return "", nil, fileFailure("Tor's state folder cannot be made", err)
	}
	if says, next := openToOthers(base); says != "" {
		return "", nil, refused(says, next)
	}
	kind := "tor"
	if private {
		kind = "private"
	}
	for i := 1; i <= mostTors; i++ {
		dir = filepath.Join(base, fmt.Sprintf("%s-%d", kind, i))
		release, err := lockFile(dir + ".lock")
		if errors.Is(err, unix.EWOULDBLOCK) {
			continue
		}
		if err != nil {
			return "", nil, fileFailure("Tor's state folder cannot be locked", err)
		}
		return dir, release, nil
	}
	return "", nil, refused("eight other commands run a Tor of their own", "Wait for one of them to end, or start one Tor for all and name it with --socks HOST:PORT.")
}
