package main

import (
	"context"
	"path/filepath"
	"sync"
)

// onionCmd groups what is about the onion service alone.
type onionCmd struct {
	Run onionRunCmd `cmd:"" help:"Run Tor and the onion service alone, in front of \"ashpost serve --socket\"."`
}

// onionRunCmd is the part with Tor: the only one that has a network. It holds
// the address's key and no message.
type onionRunCmd struct {
	dataFlag
	Target     string `required:"" placeholder:"PATH" help:"Unix socket of \"ashpost serve --socket PATH\"; its control socket is PATH.control."`
	TorNetwork string `hidden:"" type:"existingfile" placeholder:"FILE" help:"Lines of torrc that join a private Tor network: for tests and the demo."`
}

func (c *onionRunCmd) Run(ctx context.Context, t *tui) error {
	if err := harden(); err != nil {
		return err
	}
	target, err := filepath.Abs(c.Target)
	if err != nil {
		return err
	}
	o, err := openTor(filepath.Join(c.Data, "tor"), target, c.TorNetwork)
	if err != nil {
		return err
	}
	var parts sync.WaitGroup
	defer parts.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	parts.Go(func() { _ = o.Run(ctx) }) // it ends with ctx alone
	parts.Go(func() { o.Report(ctx, target+controlSuffix, func(uint32) {}) })
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
