package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/alecthomas/kong"
)

// commands is the table of commands and flags. Each flag can be set by the
// variable ASHPOST_NAME too; the command line wins.
type commands struct {
	Serve    serveCmd    `cmd:"" help:"Run the service."`
	Send     sendCmd     `cmd:"" help:"Encrypt a message, put it into a service and print its secret link."`
	Open     openCmd     `cmd:"" help:"Open a secret link: fetch, verify, have it destroyed, show."`
	Link     linkCmd     `cmd:"" help:"Print what a secret link opens a message with. Contacts nobody."`
	Inbox    inboxCmd    `cmd:"" help:"Write to people by their public keys, and be written to."`
	Status   statusCmd   `cmd:"" help:"Say how the service on this machine is."`
	Doctor   doctorCmd   `cmd:"" help:"Look for what is wrong on this machine, and say the next step."`
	Unlock   unlockCmd   `cmd:"" help:"End a lock that needs a person's word."`
	Destroy  destroyCmd  `cmd:"" help:"Destroy one message, or all, as the operator."`
	Onion    onionCmd    `cmd:"" help:"The onion address, and who may reach it."`
	Version  versionCmd  `cmd:"" help:"Print the version."`
	Licenses licensesCmd `cmd:"" help:"Print the licences of everything inside."`
}

// network is embedded by the commands that reach a service.
type network struct {
	Socks string `placeholder:"HOST:PORT" help:"SOCKS port of a running Tor. Left out: 127.0.0.1:9050 or 9150, else a Tor of its own is started."`
	bridgeFlags
	ClientKey string `placeholder:"FILE" help:"The key to a private service, a line as in Tor's ClientOnionAuthDir. A Tor of its own is started then."`

	TorNetwork string `hidden:"" env:"-" type:"existingfile" placeholder:"FILE" help:"Lines of torrc that join a private Tor network: for tests and the demo."`
}

// dataFlag is embedded by the commands that are about the service on this
// machine.
type dataFlag struct {
	Data string `placeholder:"DIR" default:"${data}" help:"Folder of the service. [${data}]"`
}

func main() {
	bequeathNothing()
	os.Exit(run(os.Args[1:]))
}

// run is the program; it returns the exit code.
func run(args []string) int {
	t := newTUI()
	ctx, stop := interruptible()
	defer stop()
	k, err := parser(t)
	if err != nil {
		return t.fail(err)
	}
	command, err := k.Parse(slashed(args))
	if err != nil {
		return t.fail(usage(err))
	}
	command.BindTo(ctx, (*context.Context)(nil))
	command.Bind(t)
	err = command.Run()
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		t.clear()
		return exitInterrupted
	}
	return t.fail(err)
}

// interruptible gives a context that the first signal ends. A second one ends
// the program at once: not a hang-up, which a shell passes on after the kernel,
// while a message is being kept. Nothing is left to Go's own handlers, as SIGQUIT
// would print stacks with what is in memory. What whoever started the program had it
// ignore, as nohup does, it goes on ignoring.
func interruptible() (context.Context, context.CancelFunc) {
	ctx, stop := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 8)
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
	go func() {
		<-signals
		stop()
		for s := range signals {
			if s != syscall.SIGHUP {
				os.Exit(exitInterrupted)
			}
		}
	}()
	return ctx, stop
}

// dataFolder is where a service keeps itself unless told otherwise: the
// user's data folder of the XDG base directory specification.
func dataFolder() string {
	base := os.Getenv("XDG_DATA_HOME")
	if base == "" {
		base = filepath.Join(os.Getenv("HOME"), ".local", "share")
	}
	return filepath.Join(base, "ashpost")
}

func parser(t *tui) (*kong.Kong, error) {
	return kong.New(new(commands),
		kong.Name("ashpost"),
		kong.Description("Pass a secret that is destroyed when read or when its time is up.\n\n"+exitCodesHelp()),
		kong.DefaultEnvars("ASHPOST"),
		kong.Vars{"data": dataFolder()},
		kong.Writers(t.out, t.err),
	)
}
