package main

import (
	"errors"
	"slices"
	"sync"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/onion"
	"ashpost/vault"
	"ashpost/webui"
	"ashpost/webui/api"
)

// visitorFlags say what a service lets others do over the network.
type visitorFlags struct {
	Inboxes     api.Policy `enum:"anyone,invite,nobody" default:"anyone" help:"Who may open inboxes and requests: anyone, nobody, or invite: whoever has a code of ashpost inbox invite. [anyone]"`
	Links       api.Policy `enum:"anyone,invite,nobody" default:"anyone" help:"Who may make secret links, likewise. [anyone]"`
	Contact     string     `placeholder:"ADDRESS" help:"The inbox that visitors are asked to write to first: its address, or its name (ashpost inbox alias)."`
	ContactName string     `placeholder:"NAME" help:"Whose inbox that is, as the front page says it."`
	Operator    string     `placeholder:"AGE1PQ1…" help:"The operator's public key, as ashpost inbox create prints it: whoever has its key file can look, unlock, and manage names, invite codes and private clients over the network. Left out: nobody."`
}

// check finds out what it can before anything is opened.
func (f visitorFlags) check() (contact *webui.Contact, err error) {
	if f.Operator != "" {
		if _, err := seal.NewRecipients(f.Operator); err != nil {
			return nil, &failure{exitUsage, "--operator is not a public key of the kind age1pq1…", "ashpost inbox create without SERVICE makes a key file and prints its public key.", err}
		}
	}
	if (f.Contact == "") != (f.ContactName == "") {
		return nil, &failure{code: exitUsage, what: "--contact and --contact-name go together"}
	}
	if f.Contact == "" {
		return nil, nil
	}
	contact = &webui.Contact{}
	if contact.Name, err = localName(f.ContactName); err != nil {
		return nil, err
	}
	if seal.ValidAlias(f.Contact) {
		contact.Alias = f.Contact
		return contact, nil
	}
	at, err := parseInbox(f.Contact)
	contact.Inbox, contact.Alias = api.InboxID(at.ID), at.Alias
	return contact, err
}

// admit configures the pages and the API with them.
func (s *service) admit(conf *webui.Config) {
	conf.Policy = webui.Policy{Inboxes: s.Inboxes, Links: s.Links}
	conf.Contact = s.contact
	if s.Operator == "" {
		return
	}
	conf.Operator = &webui.Operator{
		Recipient: s.Operator,
		Status:    func() any { return s.report() },
		Unlock:    func(cause string) error { return s.vault.Unlock(vault.Cause(cause)) },
	}
	if s.free == nil { // Tor is another process, or there is none
		return
	}
	at := dataFlag{s.Data}
	conf.Operator.Clients = func() ([]string, error) { return onion.Clients(at.torFolder()) }
	conf.Operator.AddClient = func(name string) (string, error) {
		c, err := at.addClient(name)
		return c.Line, overNetwork(err)
	}
	var removing sync.Mutex // two at once could each leave the other as the last
	conf.Operator.RemoveClient = func(name string) error {
		removing.Lock()
		defer removing.Unlock()
		names, err := onion.Clients(at.torFolder())
		if err != nil {
			return err // it may be the last
		}
		if len(names) == 1 && slices.Contains(names, name) {
			return &api.Error{Code: api.CodeConflict, Message: "This is the last private client: without it the service is public. Remove it on the machine itself."}
		}
		return overNetwork(onion.RemoveClient(at.torFolder(), name))
	}
}

// overNetwork says what went wrong with a private client as an answer.
func overNetwork(err error) error {
	switch {
	case errors.Is(err, onion.ErrClientName):
		return &api.Error{Code: api.CodeBadRequest, Message: "A client's name has 1 to 32 of a-z, 0-9, - and _; the first one a letter or digit."}
	case errors.Is(err, onion.ErrClientExists):
		return &api.Error{Code: api.CodeConflict, Message: "There is a client of this name."}
	case errors.Is(err, onion.ErrManyClients):
		return &api.Error{Code: api.CodeConflict, Message: "There are 300 clients, and more do not fit."}
	case errors.Is(err, onion.ErrNoClient):
		return api.ErrGone
	}
	return err
}
