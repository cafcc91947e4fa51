package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/onion"
	"ashpost/webui/api"
)

// The exit codes. They are part of the command line's contract.
const (
	exitOther       = 1
	exitUsage       = 2
	exitSecret      = 3
	exitGone        = 4
	exitLocked      = 5
	exitUnreachable = 6
	exitRefused     = 7
	exitInterrupted = 130
)

var exitCodes = []struct {
	code    int
	meaning string
}{
	{0, "done"},
	{exitOther, "another failure"},
	{exitUsage, "the command line is wrong"},
	{exitSecret, "the link, the address, the key file or the passphrase is wrong"},
	{exitGone, "the message is gone, or the inbox"},
	{exitLocked, "the service has stopped itself"},
	{exitUnreachable, "the service cannot be reached"},
	{exitRefused, "refused on this machine"},
	{exitInterrupted, "interrupted"},
}

func exitCodesHelp() string {
	var b strings.Builder
	b.WriteString("Exit codes:")
	for _, e := range exitCodes {
		fmt.Fprintf(&b, "\n  %3d  %s", e.code, e.meaning)
	}
	return b.String()
}

// failure is an error with its exit code and, where a next step is known, a hint.
type failure struct {
	code  int
	what  string
	hint  string
	cause error // for errors.Is; never printed
}

func (f *failure) Error() string { return f.what }
func (f *failure) Unwrap() error { return f.cause }

// secretive matches whatever could be a link or a part of one: an address, a
// fragment, or a run longer than any word or flag of the command line.
var secretive = regexp.MustCompile(`\S*(?:://|#)\S*|[A-Za-z0-9_-]{20,}\S*`)

// usage makes an error of the command line. A link or a part of one given in a
// wrong place is not repeated, however the parser quotes it.
func usage(err error) error {
	what := secretive.ReplaceAllString(err.Error(), "(not shown)")
	if flag, _, found := strings.Cut(what, ": expected "); found && strings.HasSuffix(what, "<EOL>)") {
		what = flag + " needs a value"
	}
	return &failure{code: exitUsage, what: what, hint: "ashpost --help lists the commands, ashpost COMMAND --help its flags."}
}

// refused is what this machine refuses to do.
func refused(what, hint string) error { return &failure{code: exitRefused, what: what, hint: hint} }

// explain finds code, words and hint for an error of any part.
func explain(err error) *failure {
	var f *failure
	var link *seal.LinkError
	var refusal *api.Error
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &link):
		return &failure{exitSecret, link.Problem, link.Hint, err}
	case errors.Is(err, context.Canceled):
		return &failure{code: exitInterrupted, what: "interrupted", cause: err}
	case errors.Is(err, api.ErrGone):
		return &failure{exitGone, "the message is gone",
			"It was read, destroyed or its time is up. If you did not open it, someone else may have. Tell the sender by another channel.", err}
	case errors.Is(err, api.ErrLocked):
		return &failure{exitLocked, "the service is locked: it has stopped itself because it cannot prove that old messages were destroyed", "Nothing was lost by trying. Try again in an hour, or tell who runs it.", err}
	case errors.Is(err, onion.ErrStranger):
		return &failure{exitUnreachable, "what listens on this machine where Tor usually does, port 9050 or 9150, is not Tor; it was told nothing",
			"Start Tor or Tor Browser and leave it open, or name its SOCKS port with --socks HOST:PORT.", err}
	case errors.Is(err, onion.ErrNoTor):
		return &failure{exitUnreachable, "no Tor is running on this machine",
			"Start Tor or Tor Browser and leave it open, or name its SOCKS port with --socks HOST:PORT.", err}
	case errors.Is(err, onion.ErrPrivate):
		return &failure{exitUnreachable, "the service is private: who has no key to it does not reach it",
			"Ask who runs it for a key, and name its file with --client-key FILE.", err}
	case errors.Is(err, onion.ErrShutOut):
		return &failure{exitUnreachable, "the service is private, and does not let this client key in",
			"It may have been taken away. Ask who runs the service for another one.", err}
	case errors.Is(err, api.ErrUnreachable):
		return &failure{exitUnreachable, "the service cannot be reached: " + err.Error(), "Is the address right, and is the service running? An onion service can take a minute to be found: try again.", err}
	case errors.Is(err, api.ErrNotAllowed):
		return &failure{exitOther, "the operator of the service does not let everybody do this", "Ask them for an invite code and give it with --invite-file FILE.", err}
	case errors.Is(err, api.ErrFull):
		return &failure{exitOther, "the service is full", "Try again later, or send less.", err}
	case errors.Is(err, api.ErrTooLarge):
		return &failure{exitOther, "the message is larger than the service takes", "Send it in several messages.", err}
	case errors.Is(err, api.ErrAnswer):
		return &failure{exitOther, err.Error(), "This is not an Ashpost service, or not an honest one. Nothing was shown or saved.", err}
	case errors.As(err, &refusal):
		return &failure{exitOther, "the service refuses; it says " + strconv.Quote(refusal.Message), "", err}
	case passphraseForm(err):
		return &failure{exitSecret, err.Error(), "", err}
	}
	return &failure{code: exitOther, what: err.Error(), cause: err}
}

// passphraseForm says whether err is about how an extra passphrase is written.
func passphraseForm(err error) bool {
	return errors.Is(err, seal.ErrPassphraseEmpty) || errors.Is(err, seal.ErrPassphraseInvalid) ||
		errors.Is(err, seal.ErrPassphraseTooLong)
}
