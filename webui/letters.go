package webui

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"net/http"

	"ashpost/vault"
	"ashpost/webui/api"
)

// keeper tells one owner's notebook from another's.
func keeper(in *call) [32]byte { return sha256.Sum256([]byte(in.owner)) }

var kindWords = map[vault.InboxKind]api.Kind{
	vault.KindInbox: api.KindInbox, vault.KindRequest: api.KindRequest, vault.KindReply: api.KindReply,
}

func (s *Server) list(in *call) (answer, error) {
	l, err := s.listed(in)
	return answer{status: http.StatusOK, json: l}, err
}

func (s *Server) listed(in *call) (api.List, error) {
	l, err := s.vault.Letters(in.inbox, in.before, api.MaxListed)
	if err != nil {
		return api.List{}, err
	}
	out := api.List{Messages: []api.Listed{}, More: l.More, Count: l.Count, Kind: kindWords[in.info.Kind]}
	for _, m := range l.Letters {
		out.Messages = append(out.Messages, api.Listed{
			Message: api.Reference(m.Reference), Serial: m.Serial, Size: m.Size, ExpiresIn: seconds(m.Left),
		})
	}
	return out, nil
}

// letter gives a message of an inbox. Reading takes no lease and destroys nothing.
func (s *Server) letter(in *call) (answer, error) {
	c, err := s.vault.Letter(in.inbox, in.ref)
	if err != nil {
		return answer{}, err
	}
	return piece(in, c)
}

func (s *Server) destroyLetter(in *call) (answer, error) {
	return answer{status: http.StatusNoContent}, s.vault.DestroyLetter(in.inbox, in.ref)
}

func (s *Server) destroyLetters(in *call) (answer, error) {
	var chosen api.Selection
	if err := decode(bytes.NewReader(in.body), &chosen); err != nil {
		return answer{}, err
	}
	if n := len(chosen.Messages); n < 1 || n > api.MaxListed {
		return answer{}, bad("one request destroys 1 to 100 messages")
	}
	refs := make([]vault.Reference, len(chosen.Messages))
	for i, m := range chosen.Messages {
		refs[i] = vault.Reference(m)
	}
	n, err := s.vault.DestroyLetters(in.inbox, refs)
	return answer{status: http.StatusOK, json: api.Destroyed{Destroyed: n}}, err
}

// headerFor gives the check of a message's age header: a client's word that
// something is encrypted is worth nothing. One for an inbox has a stanza for each of
// its keys.
func (s *Server) headerFor(t vault.Terms) (check func(prefix []byte) error, err error) {
	if t.Inbox == nil {
		return func(prefix []byte) error { return notAge(api.CheckLink(prefix)) }, nil
	}
	info, err := s.vault.Inbox(*t.Inbox)
	if err != nil {
		return nil, err
	}
	keys := bytes.Count(info.Recipients, []byte{'\n'})
	return func(prefix []byte) error { return notAge(api.CheckInbox(prefix, keys)) }, nil
}

// begins looks at the header of a message in parts, of which only the commit says
// whom it is for.
func begins(prefix []byte) error {
	h, err := api.ParseHeader(prefix)
	if err == nil && h.Stanzas[0].Type != "scrypt" {
		return notAge(api.CheckInbox(prefix, min(len(h.Stanzas), api.MaxRecipients)))
	}
	return notAge(api.CheckLink(prefix))
}

func notAge(err error) error {
	if err == nil {
		return nil
	}
	return &api.Error{Code: api.CodeNotAge, Message: err.Error()}
}

// inside says in its own words what an inbox's conflict is.
func inside(t vault.Terms, err error) error {
	if t.Inbox != nil && errors.Is(err, vault.ErrConflict) {
		return &api.Error{Code: api.CodeConflict, Message: "This inbox takes no further message, or another one was sent under this reference."}
	}
	return err
}
