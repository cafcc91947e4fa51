package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"ashpost/onion"
)

// clientCmd is who may reach a private service.
type clientCmd struct {
	Add    clientAddCmd    `cmd:"" help:"Let one more in, and print their key once."`
	List   clientListCmd   `cmd:"" help:"List who may reach the service."`
	Remove clientRemoveCmd `cmd:"" help:"Shut somebody out again."`
}

// Help is shown by --help.
func (clientCmd) Help() string {
	return "From the first client on nobody else reaches the service: without a key not even its pages are found. " +
		"They come with Tor Browser on a computer, which asks for the key. " +
		"Phones cannot: Tor Browser for Android has no way to enter one. " +
		"ashpost send and open take it with --client-key FILE: a file with the line that add --json prints.\n\n" +
		"A running service takes every change over within seconds. Removing somebody ends their connections at once, and everybody's for some seconds. " +
		"Removing the last one makes the service public again."
}

type clientAddCmd struct {
	Name string `arg:"" help:"A name for you to know them by, on this machine only: a-z, 0-9, - and _."`
	JSON bool   `name:"json" help:"Print the result as JSON."`
	dataFlag
}

// newClient is the result of add in JSON.
type newClient struct {
	Name    string `json:"name"`
	Key     string `json:"key"`               // what Tor Browser asks for
	Line    string `json:"line,omitempty"`    // of a file NAME.auth_private; only once the address is known
	Only    bool   `json:"only"`              // the first: everybody else is shut out now
	Address string `json:"address,omitempty"` // of the service
}

func (c *clientAddCmd) Run(t *tui) error {
	if err := c.own(); err != nil {
		return err
	}
	r, err := c.addClient(c.Name)
	if err != nil {
		return clientFailure(err)
	}
	if c.JSON {
		return t.json(r)
	}
	return r.print(t)
}

// addClient lets one more in.
func (d dataFlag) addClient(name string) (r newClient, err error) {
	before, err := onion.Clients(d.torFolder())
	if err != nil {
		return r, err
	}
	key, err := onion.AddClient(d.torFolder(), name)
	if err != nil {
		return r, err
	}
	r = newClient{Name: name, Key: key, Only: len(before) == 0}
	if r.Address, err = onion.Address(d.torFolder()); err == nil {
		r.Line = strings.TrimSuffix(r.Address, ".onion") + ":descriptor:x25519:" + key
	}
	return r, nil
}

func (r newClient) print(t *tui) error {
	t.say("the key of %s, for Tor Browser on a computer to be pasted when it asks; it is not kept here and not shown again:", r.Name)
	if err := t.result(r.Key); err != nil {
		return err
	}
	if r.Only {
		t.warn("from now on only clients with a key reach this service; phones cannot")
	}
	return nil
}

type clientListCmd struct {
	JSON bool `name:"json" help:"Print the result as JSON."`
	dataFlag
}

func (c *clientListCmd) Run(t *tui) error {
	names, err := onion.Clients(c.torFolder())
	if err != nil {
		return onionFailure("the clients cannot be listed", err)
	}
	if c.JSON {
		return t.json(append([]string{}, names...))
	}
	if len(names) == 0 {
		t.say("no clients: the service is public, everybody who has the address reaches it")
	}
	for _, name := range names {
		if err := t.result(strings.Map(visible, name)); err != nil {
			return err
		}
	}
	return nil
}

type clientRemoveCmd struct {
	Name string `arg:"" help:"The name given to add."`
	dataFlag
}

func (c *clientRemoveCmd) Run(ctx context.Context, t *tui) error {
	names, err := onion.Clients(c.torFolder())
	if err != nil {
		return onionFailure("the clients cannot be listed", err)
	}
	if !slices.Contains(names, c.Name) {
		return clientFailure(onion.ErrNoClient)
	}
	if len(names) == 1 {
		t.say("this is the last client: without it the service is public, and everybody who has the address reaches it")
		if err := t.confirm(ctx, "public"); err != nil {
			return err
		}
	}
	if err := onion.RemoveClient(c.torFolder(), c.Name); err != nil {
		return clientFailure(err)
	}
	if len(names) == 1 {
		return t.result("Removed. The service is public again.")
	}
	return t.result("Removed. " + count(int64(len(names)-1), "client") + " left.")
}

func clientFailure(err error) error {
	switch {
	case errors.Is(err, onion.ErrClientName):
		return &failure{exitUsage, "this cannot be a client's name", "1 to 32 of a-z, 0-9, - and _; the first one a letter or digit.", err}
	case errors.Is(err, onion.ErrClientExists):
		return &failure{exitRefused, "there is a client of this name", "Choose another name, or remove that one first.", err}
	case errors.Is(err, onion.ErrNoClient):
		return &failure{exitRefused, "there is no client of this name", "ashpost onion client list shows them.", err}
	case errors.Is(err, onion.ErrManyClients):
		return refused("there are 300 clients, and more do not fit", "Remove one first.")
	}
	return onionFailure("the clients cannot be changed", err)
}
