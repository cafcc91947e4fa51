package main

import (
	"context"
	"errors"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/webui/api"
)

// inboxCmd is mail to a public key.
type inboxCmd struct {
	Create  inboxCreateCmd  `cmd:"" help:"Make an inbox and its key file, or make one again from its key file."`
	List    inboxListCmd    `cmd:"" help:"List what an inbox holds."`
	Read    inboxReadCmd    `cmd:"" help:"Read a message, or write it to a folder as it is, for a machine without a network."`
	Reply   inboxReplyCmd   `cmd:"" help:"Answer a message."`
	Write   inboxWriteCmd   `cmd:"" help:"Write to one or several inboxes."`
	Request inboxRequestCmd `cmd:"" help:"Ask somebody for one message: an address to give away, and a private link that opens the answer."`
	Name    inboxNameCmd    `cmd:"" help:"Give whoever wrote a message a name of your own."`
	Destroy inboxDestroyCmd `cmd:"" help:"Destroy messages in an inbox."`
	End     inboxEndCmd     `cmd:"" help:"Destroy an inbox and everything in it."`
	Alias   inboxAliasCmd   `cmd:"" help:"As the operator: let a name stand for an inbox."`
	Invite  inboxInviteCmd  `cmd:"" help:"As the operator: make an invite code."`
}

// Help is shown by --help.
func (inboxCmd) Help() string {
	return "An inbox is a public key with a mailbox. Its address, http://….onion/to/…, proves the key: nobody can put another in its place. " +
		"Whoever has the address can write to it; the key file reads. " +
		"Messages stay until they are destroyed or their time is up, 30 days at most. " +
		"The key file is an age file: with it, age 1.3 or newer opens every message without Ashpost.\n\n" +
		"Messages are named by their numbers in the list."
}

// inboxArg is embedded by the commands of an inbox's owner.
type inboxArg struct {
	Address string `arg:"" help:"The inbox's address, http://….onion/to/…"`
	keyFlags
	network
}

// parseInbox parses the address of an inbox.
func parseInbox(text string) (seal.InboxAddress, error) {
	if err := clearnet(text); err != nil {
		return seal.InboxAddress{}, err
	}
	return seal.ParseInboxAddress(text)
}

// keys fetches the public keys of an inbox and proves them by its address. With an
// alias there is nothing to prove them by. The kind is the service's word.
func keys(ctx context.Context, client *api.Client, at *seal.InboxAddress) (seal.Recipients, api.Kind, error) {
	if at.Alias != "" {
		id, err := client.Alias(ctx, at.Alias)
		if errors.Is(err, api.ErrGone) {
			return nil, "", &failure{exitGone, "there is no inbox of this name at the service", "Ask for its address once more.", err}
		}
		if err != nil {
			return nil, "", err
		}
		at.ID = seal.InboxID(id)
	}
	file, kind, err := client.Inbox(ctx, api.InboxID(at.ID))
	if err != nil {
		return nil, "", inboxFailure(err)
	}
	to, err := seal.ParseRecipients(file)
	if err != nil || to.ID() != at.ID {
		return nil, "", swapped(err)
	}
	return to, kind, nil
}

// swapped is for a service that hands out other keys than the address stands for.
func swapped(err error) error {
	return &failure{exitRefused, "the service gives public keys that are not those of this address",
		"Somebody may want to read what is meant for another. Nothing was encrypted or sent. Tell whoever gave you the address, by another channel.", err}
}

// inboxFailure finds the words for what can go wrong with an inbox.
func inboxFailure(err error) error {
	switch {
	case errors.Is(err, api.ErrSwapped):
		return swapped(err)
	case errors.Is(err, api.ErrGone):
		return &failure{exitGone, "there is no such inbox at the service, or it is not yours",
			"It was ended, or nobody looked into it for a year, or the machine was replaced. Its owner can make it again, with the same address: ashpost inbox create SERVICE --key FILE.", err}
	case errors.Is(err, api.ErrNotProven):
		return notProven(err)
	case errors.Is(err, api.ErrReplaced):
		return &failure{exitOther, "the notebook changes all the time: somebody else has this key and uses it, or the service lies", "Run the command again.", err}
	}
	return err
}

func notProven(err error) error {
	return &failure{exitLocked, "erased, but the service is locked and does not prove it yet", "It proves it when it opens again.", err}
}

// inviteFile reads an invite code: the first line of the file. No file, no code.
func inviteFile(name string) (code api.Invite, err error) {
	if name == "" {
		return code, nil
	}
	line, err := fileLine(name)
	if err != nil {
		return code, &failure{exitRefused, "the file of the invite code cannot be read: " + cause(err), "Nothing was sent.", err}
	}
	if code, err = api.ParseInvite(line); err != nil {
		return code, &failure{exitSecret, "this is no invite code", "It has 22 characters; the operator makes one with ashpost inbox invite.", err}
	}
	return code, nil
}
