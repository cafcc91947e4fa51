package webui

import (
	"cmp"
	"errors"

	"ashpost/vault"
	"ashpost/webui/api"
)

// A Policy says what the operator lets visitors do. Zero values let anyone.
type Policy struct {
	Inboxes api.Policy // who may open inboxes and requests
	Links   api.Policy // who may make links
}

func (p Policy) withDefaults() Policy {
	return Policy{Inboxes: cmp.Or(p.Inboxes, api.Anyone), Links: cmp.Or(p.Links, api.Anyone)}
}

// invited holds a policy: nil for whom it lets, and what is to be called when that
// was used. No code, a wrong one and one used up have one answer, and wrong ones
// are counted.
func (s *Server) invited(in *call, p api.Policy, links bool) (used func() error, err error) {
	switch p {
	case api.Anyone:
		return func() error { return nil }, nil
	case api.Nobody:
		return nil, api.Refuse(api.CodeNotAllowed)
	}
	code, err := api.ParseInvite(single(in.head, api.HeaderInvite))
	if err != nil {
		return nil, api.Refuse(api.CodeNotAllowed)
	}
	if err := s.mayProve(in.circuit); err != nil {
		return nil, err
	}
	switch err := s.vault.Invite(code, links); {
	case errors.Is(err, vault.ErrGone):
		s.provedWrong(in.circuit)
		return nil, api.Refuse(api.CodeNotAllowed)
	case err != nil:
		return nil, err
	}
	return func() error { return s.vault.UseInvite(code) }, nil
}

// mayStore holds the policy of links, whose code is not used up, and gives the check
// of the message's header.
func (s *Server) mayStore(in *call, t vault.Terms) (check func(prefix []byte) error, err error) {
	if t.Inbox == nil {
		if _, err := s.invited(in, s.policy.Links, true); err != nil {
			return nil, err
		}
	}
	return s.headerFor(t)
}

// A Contact is whom the operator wants visitors to write to first: an inbox by its
// ID, or by an alias.
type Contact struct {
	Name  string
	Inbox api.InboxID
	Alias string // instead of Inbox
}

// now is nobody while there is no such inbox.
func (c *Contact) now(v *vault.Vault) *api.Contact {
	if c == nil {
		return nil
	}
	id, err := vault.InboxID(c.Inbox), error(nil)
	if c.Alias != "" {
		id, err = v.Alias(c.Alias)
	}
	if err == nil {
		_, err = v.Inbox(id)
	}
	if err != nil {
		return nil
	}
	return &api.Contact{Name: c.Name, Inbox: api.InboxID(id)}
}
