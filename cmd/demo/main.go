// Command demo shows Ashpost at work without the internet: it starts a private
// Tor network on loopback, runs "ashpost serve" on it and prints how to open
// the service in a browser and from the command line. Ctrl-C ends everything
// and leaves nothing behind.
//
// It says nothing about anonymity or speed: the network is this machine.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"ashpost/onion"
	"ashpost/onion/tortest"
)

func main() {
	ashpost := flag.String("ashpost", "./ashpost", "the ashpost `executable` to run")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := demo(ctx, *ashpost, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo: error:", err)
		os.Exit(1)
	}
}

// patience is for the slowest machines; coming up takes half a minute.
const patience = 5 * time.Minute

// demo runs until ctx ends, which is no error, or ashpost does.
func demo(ctx context.Context, ashpost string, out io.Writer) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	tor, err := onion.FindTor("build/tor", filepath.Join(filepath.Dir(exe), "tor"))
	if err != nil {
		return err
	}
	// In the system's folder: a socket's path must be short.
	dir, err := os.MkdirTemp("", "ashpost-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)

	err = run(ctx, ashpost, tor, dir, out)
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func run(ctx context.Context, ashpost string, tor onion.Tor, dir string, out io.Writer) error {
	soon, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	fmt.Fprintln(out, "Starting a private Tor network on this machine. This takes about 15 seconds.")
	log := func(format string, args ...any) { fmt.Fprintf(out, "  "+format+"\n", args...) }
	network, err := tortest.Start(soon, tortest.Options{Tor: tor, Dir: dir, Log: log})
	if err != nil {
		return err
	}
	defer network.Close()

	data := filepath.Join(dir, "data")
	server, err := serve(ctx, ashpost, data, network.Torrc(), dir)
	if err != nil {
		return err
	}
	defer server.stop()
	client, err := network.Client(soon)
	if err != nil {
		return err
	}
	address, err := server.address(soon, data)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "Waiting until the service can be reached through Tor.")
	if err := server.reachable(soon, client.SOCKS, address); err != nil {
		return err
	}
	profile := filepath.Join(dir, "firefox")
	if err := writeProfile(profile, client.SOCKS); err != nil {
		return err
	}
	fmt.Fprint(out, instructions(ashpost, address, client.SOCKS, profile))
	return server.wait(ctx)
}
