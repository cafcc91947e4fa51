package main

import (
	"errors"
	"strings"
	"testing"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/onion"
	"ashpost/webui"
	"ashpost/webui/api"
)

func TestVisitorFlags(t *testing.T) {
	id := seal.InboxID{1}
	address := seal.InboxAddress{Service: "http://127.0.0.1:1", ID: id}.String()
	public := seal.NewIdentity().Recipient()
	for name, c := range map[string]struct {
		flags visitorFlags
		inbox seal.InboxID
		alias string
		ok    bool
	}{
		"nothing":                {visitorFlags{}, seal.InboxID{}, "", true},
		"an operator":            {visitorFlags{Operator: public}, seal.InboxID{}, "", true},
		"an address":             {visitorFlags{Contact: address, ContactName: "the desk"}, id, "", true},
		"a name":                 {visitorFlags{Contact: "desk", ContactName: "the desk"}, seal.InboxID{}, "desk", true},
		"an address with a name": {visitorFlags{Contact: "http://127.0.0.1:1/to/desk", ContactName: "the desk"}, seal.InboxID{}, "desk", true},
		"a contact alone":        {visitorFlags{Contact: address}, seal.InboxID{}, "", false},
		"its name alone":         {visitorFlags{ContactName: "the desk"}, seal.InboxID{}, "", false},
		"a name to turn":         {visitorFlags{Contact: address, ContactName: "a\u202eb"}, seal.InboxID{}, "", false},
		"a cut address":          {visitorFlags{Contact: address[:len(address)-1], ContactName: "the desk"}, seal.InboxID{}, "", false},
		"another key":            {visitorFlags{Operator: "age1qqqqqqqq"}, seal.InboxID{}, "", false},
		"half a key":             {visitorFlags{Operator: public[:1000]}, seal.InboxID{}, "", false},
		"two keys":               {visitorFlags{Operator: public + "\n" + public}, seal.InboxID{}, "", false},
	} {
		contact, err := c.flags.check()
		switch {
		case (err == nil) != c.ok:
			t.Errorf("%s: %v", name, err)
		case err != nil && strings.Contains(explain(err).what+explain(err).hint, public[10:30]):
			t.Errorf("%s: the error repeats what was given", name)
		case c.flags.Contact == "" || err != nil:
			if contact != nil && err == nil {
				t.Errorf("%s: somebody to write to", name)
			}
		case contact.Inbox != api.InboxID(c.inbox) || contact.Alias != c.alias:
			t.Errorf("%s: another inbox", name)
		}
	}
}

// What goes wrong with a private client is said over the network in fixed words.
func TestClientsOverTheNetwork(t *testing.T) {
	for err, want := range map[error]api.Code{
		onion.ErrClientName: api.CodeBadRequest, onion.ErrClientExists: api.CodeConflict,
		onion.ErrManyClients: api.CodeConflict, onion.ErrNoClient: api.CodeGone,
	} {
		var said *api.Error
		if !errors.As(overNetwork(err), &said) || said.Code != want || said.Message == "" {
			t.Errorf("%v: %v", err, said)
		}
	}
	if other := errors.New("else"); overNetwork(other) != other || overNetwork(nil) != nil {
		t.Error("another error is changed")
	}
}

// The last client is not removed over the network: the service would be public.
func TestLastClientStays(t *testing.T) {
	s := &service{serveCmd: serveCmd{Data: t.TempDir()}, free: func() {}}
	s.Operator = seal.NewIdentity().Recipient()
	var conf webui.Config
	s.admit(&conf)
	for _, name := range []string{"ana", "bo"} {
		if _, err := conf.Operator.AddClient(name); err != nil {
			t.Fatal(err)
		}
	}
	if err := conf.Operator.RemoveClient("bo"); err != nil {
		t.Fatal(err)
	}
	if err := conf.Operator.RemoveClient("ana"); err == nil {
		t.Error("the last one is removed")
	}
	if names, err := conf.Operator.Clients(); err != nil || len(names) != 1 {
		t.Errorf("%q, %v", names, err)
	}
}
