package webui

import (
	"net/http"
	"time"

	"ashpost/vault"
	"ashpost/webui/api"
)

// inbox gives the keys of an inbox, and of what kind it is, to whoever has its
// address: nobody asks a request's owner for an answer.
func (s *Server) inbox(in *call) (answer, error) {
	info, err := s.vault.Inbox(in.inbox)
	return answer{status: http.StatusOK, text: info.Recipients, facts: map[string]string{api.HeaderKind: string(kindWords[info.Kind])}}, err
}

func (s *Server) alias(in *call) (answer, error) {
	if err := api.CheckAlias(in.name); err != nil {
		return answer{}, bad(err.Error())
	}
	id, err := s.vault.Alias(in.name)
	return answer{status: http.StatusOK, json: api.Named{Inbox: api.InboxID(id)}}, err
}

// An opening is what a request to open an inbox asks for.
type opening struct {
	kind vault.InboxKind
	life time.Duration // of a request
}

var inboxKinds = map[api.Kind]vault.InboxKind{
	api.KindInbox: vault.KindInbox, api.KindRequest: vault.KindRequest, api.KindReply: vault.KindReply,
}

// openInbox opens an inbox or renews it. Which keys it has its ID says, so nobody
// can put others in their place.
func (s *Server) openInbox(in *call) (answer, error) {
	o, err := openingOf(in)
	if err != nil {
		return answer{}, err
	}
	open := s.openOwn
	if o.kind == vault.KindReply {
		open = s.openMailbox
	}
	left, err := open(in, o)
	return answer{status: http.StatusCreated, json: api.Receipt{ExpiresIn: seconds(left)}}, err
}

func openingOf(in *call) (o opening, err error) {
	lines, err := api.ParseRecipients(in.body)
	if err != nil {
		return o, bad(err.Error())
	}
	if api.InboxOf(in.body) != api.InboxID(in.inbox) {
		return o, bad("this is not the address of an inbox with these keys")
	}
	kind, known := inboxKinds[api.Kind(single(in.head, api.HeaderKind))]
	switch o.kind = kind; {
	case !known:
		return o, bad(api.HeaderKind + " is missing or malformed")
	case kind == vault.KindReply && len(lines) != 1:
		return o, bad("a mailbox for replies has one key")
	case kind != vault.KindRequest:
		return o, nil
	}
	expires, err := expiresIn(in.head)
	if err == nil {
		o.life, err = lifetime(expires)
	}
	return o, err
}

// openOwn opens an inbox or a request, for one of its owners. One that is there
// already is renewed, whatever the policy has become.
func (s *Server) openOwn(in *call, o opening) (left time.Duration, err error) {
	if !member(in.body, in.owner) {
		return 0, vault.ErrGone
	}
	if s.policy.Inboxes == api.Invited { // what one code opens, it opens once
		s.inviting.Lock()
		defer s.inviting.Unlock()
	}
	pay := func() error { return nil }
	if info, err := s.vault.Inbox(in.inbox); err != nil || info.Kind != o.kind {
		if pay, err = s.invited(in, s.policy.Inboxes, false); err != nil {
			return 0, err
		}
	}
	if err := s.mayCreate(in.circuit); err != nil {
		return 0, err
	}
	if left, err = s.vault.OpenInbox(in.inbox, o.kind, in.body, o.life); err != nil {
		return 0, err
	}
	return left, pay()
}

// openMailbox opens a mailbox for replies. Anybody may, at a modest rate: whoever
// writes to somebody does not say who they are.
func (s *Server) openMailbox(in *call, _ opening) (time.Duration, error) {
	if err := s.mayAwait(in.circuit); err != nil {
		return 0, err
	}
	return s.vault.OpenInbox(in.inbox, vault.KindReply, in.body, 0)
}

func (s *Server) destroyInbox(in *call) (answer, error) {
	return answer{status: http.StatusNoContent}, s.vault.DestroyInbox(in.inbox)
}

func (s *Server) notebook(in *call) (answer, error) {
	c, err := s.vault.Notebook(in.inbox, keeper(in))
	if err != nil {
		return answer{}, err
	}
	out, err := piece(in, c)
	if err == nil {
		out.down.replaced = true // "gone" would have its owner begin a new one
	}
	return out, err
}

// putNotebook replaces the edition of an owner's notebook that they have seen. With
// it a mailbox for replies begins, and any inbox is renewed: its owner is here.
func (s *Server) putNotebook(in *call) (answer, error) {
	old, err := api.ParseEdition(single(in.head, api.HeaderReplaces))
	if err != nil {
		return answer{}, bad(api.HeaderReplaces + " is missing or malformed")
	}
	if err := api.CheckInbox(in.body, 1); err != nil {
		return answer{}, notAge(err)
	}
	if in.info.Recipients == nil && old != (api.Edition{}) {
		return answer{}, vault.ErrReplaced // a refusal opens no mailbox
	}
	if err := s.mayCreate(in.circuit); err != nil {
		return answer{}, err
	}
	if err := s.stay(in); err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusNoContent}, s.vault.PutNotebook(in.inbox, keeper(in), vault.Edition(old), in.body)
}

// stay opens the mailbox that a notebook is put into, or renews the inbox.
func (s *Server) stay(in *call) (err error) {
	switch {
	case in.info.Recipients == nil:
		if err = s.mayAwait(in.circuit); err == nil {
			_, err = s.vault.OpenInbox(in.inbox, vault.KindReply, alone(in.owner), 0)
		}
	case in.info.Kind == vault.KindInbox:
		_, err = s.vault.OpenInbox(in.inbox, vault.KindInbox, in.info.Recipients, 0)
	}
	return err
}
