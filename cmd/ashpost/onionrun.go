package main

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"

	"ashpost/onion"
)

// onionRunCmd is the part with Tor: the only one that has a network. It holds
// the address's key and no message.
type onionRunCmd struct {
	dataFlag
	bridgeFlags
	Target     string `required:"" placeholder:"PATH" help:"Unix socket of \"ashpost serve --socket PATH\"; its control socket is PATH.control."`
	TorNetwork string `hidden:"" env:"-" type:"existingfile" placeholder:"FILE" help:"Lines of torrc that join a private Tor network: for tests and the demo."`
}

// Help is shown by --help.
func (onionRunCmd) Help() string {
	return "This is the part with a network. It keeps Tor's state and the address's key in its data folder, and no message: " +
		"the commands onion address, export, import, page and client are for that folder, status, doctor, unlock and destroy for that of serve. " +
		"They may be the same. Either part may be started first, and stopped."
}

func (c *onionRunCmd) Run(ctx context.Context, t *tui) error {
	if err := harden(t); err != nil {
		return err
	}
	if err := c.own(); err != nil {
		return err
	}
	onion.Unpack()
	target, err := filepath.Abs(c.Target)
	if err != nil {
		return err
	}
	if len(target+controlSuffix) > longestSocketPath {
		return &failure{code: exitUsage, what: fmt.Sprintf("the path of --target is longer than %d bytes", longestSocketPath-len(controlSuffix)), hint: "A socket cannot be reached by it: choose a shorter one for both parts."}
	}
	o, err := openTor(c.torFolder(), target, c.TorNetwork, c.bridgeFlags)
	if err != nil {
		return err
	}
	release, err := holdTor(c.torFolder())
	if err != nil {
		return err
	}
	defer release()
	var parts sync.WaitGroup
	defer parts.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	parts.Go(func() { _ = o.Run(ctx) }) // it ends with ctx alone
	parts.Go(func() { o.Report(ctx, target+controlSuffix) })
	shown := torScreen{tui: t}
	for {
		changed := o.Changes()
		shown.show(o.State())
		select {
		case <-changed:
		case <-ctx.Done():
			t.remark("stopping")
			return nil
		}
	}
}
