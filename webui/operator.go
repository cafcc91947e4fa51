package webui

import (
	"bytes"
	"errors"
	"net/http"
	"time"

	"ashpost/vault"
	"ashpost/webui/api"
)

// An Operator is whoever proves to have the key of Recipient. The functions reach
// what lies beside the vault; their errors are answers if they are *[api.Error].
type Operator struct {
	Recipient string
	// Status gives what marshals to the operator's view of the service.
	Status func() any
	// Unlock tries to end a lock of this cause.
	Unlock func(cause string) error

	// Private clients of the onion service. Without a Tor in reach they are nil.
	Clients      func() ([]string, error)
	AddClient    func(name string) (line string, err error)
	RemoveClient func(name string) error
}

// isOperator is the one rule of access to the operator's routes. Without a session
// nobody is.
func (s *Server) isOperator(in *call) bool {
	return s.operator != nil && in.owner != "" && in.owner == s.operator.Recipient
}

func (s *Server) status(*call) (answer, error) {
	return answer{status: http.StatusOK, json: s.operator.Status()}, nil
}

func (s *Server) unlock(in *call) (answer, error) {
	var u api.Unlock
	if err := decode(bytes.NewReader(in.body), &u); err != nil {
		return answer{}, err
	}
	err := s.operator.Unlock(u.Cause)
	if errors.Is(err, vault.ErrConflict) {
		err = &api.Error{Code: api.CodeConflict, Message: "The service is not locked for this cause."}
	}
	return answer{status: http.StatusNoContent}, err
}

func (s *Server) aliases(*call) (answer, error) {
	out := api.Aliases{Aliases: map[string]api.InboxID{}}
	for name, id := range s.vault.Aliases() {
		out.Aliases[name] = api.InboxID(id)
	}
	return answer{status: http.StatusOK, json: out}, nil
}

func (s *Server) setAlias(in *call) (answer, error) {
	var n api.Named
	if err := decode(bytes.NewReader(in.body), &n); err != nil {
		return answer{}, err
	}
	if err := api.CheckAlias(in.name); err != nil {
		return answer{}, bad(err.Error())
	}
	return answer{status: http.StatusNoContent}, s.vault.SetAlias(in.name, vault.InboxID(n.Inbox))
}

func (s *Server) removeAlias(in *call) (answer, error) {
	return answer{status: http.StatusNoContent}, s.vault.RemoveAlias(in.name)
}

// longestInvite is how long a code lasts unless less is said.
const longestInvite = 30 * 24 * time.Hour

func (s *Server) invite(in *call) (answer, error) {
	var i api.Inviting
	if err := decode(bytes.NewReader(in.body), &i); err != nil {
		return answer{}, err
	}
	life := time.Duration(i.ExpiresIn) * time.Second
	switch {
	case i.For != api.ForInbox && i.For != api.ForLinks:
		return answer{}, bad("an invite is for inbox or for links")
	case i.ExpiresIn < 0 || i.ExpiresIn > seconds(longestInvite):
		return answer{}, bad("an invite lasts 30 days at most")
	case i.ExpiresIn == 0:
		life = longestInvite
	}
	code, err := s.vault.NewInvite(i.For == api.ForLinks, life)
	return answer{status: http.StatusCreated, json: api.InviteCode{Code: api.Invite(code)}}, err
}

// errNoTor says that this process has no Tor whose clients it could change.
var errNoTor = &api.Error{Code: api.CodeConflict, Message: "Tor runs apart from this service: its clients are kept there."}

func (s *Server) clients(*call) (answer, error) {
	if s.operator.Clients == nil {
		return answer{}, errNoTor
	}
	names, err := s.operator.Clients()
	return answer{status: http.StatusOK, json: api.Clients{Clients: append([]string{}, names...)}}, err
}

func (s *Server) addClient(in *call) (answer, error) {
	if s.operator.AddClient == nil {
		return answer{}, errNoTor
	}
	var c api.NewClientName
	if err := decode(bytes.NewReader(in.body), &c); err != nil {
		return answer{}, err
	}
	line, err := s.operator.AddClient(c.Name)
	return answer{status: http.StatusCreated, json: api.ClientLine{Line: line}}, err
}

func (s *Server) removeClient(in *call) (answer, error) {
	if s.operator.RemoveClient == nil {
		return answer{}, errNoTor
	}
	return answer{status: http.StatusNoContent}, s.operator.RemoveClient(in.name)
}
