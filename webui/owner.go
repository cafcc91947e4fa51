package webui

import (
	"bytes"
	"errors"

	"ashpost/vault"
	"ashpost/webui/api"
)

// owned is the one rule of access to an inbox: the session proved one of its keys.
// Whoever did not learns what somebody learns of an inbox that is not there.
func (s *Server) owned(in *call) (vault.InboxInfo, error) {
	info, err := s.vault.Inbox(in.inbox)
	if err == nil && !member(info.Recipients, in.owner) {
		err = vault.ErrGone
	}
	if err != nil {
		return vault.InboxInfo{}, err
	}
	return info, nil
}

// member says whether a recipient is a line of a recipients file. Both are public.
func member(file []byte, recipient string) bool {
	if recipient == "" { // nobody proved anything
		return false
	}
	for line := range bytes.Lines(file) {
		if string(line) == recipient+"\n" {
			return true
		}
	}
	return false
}

// admit lets owners pass. The recipient of whose file alone the inbox is the hash is
// an owner wherever the vault cannot say: the inbox is not there, or the vault is
// locked and its chunks out of reach.
func (s *Server) admit(rt route, in *call) (err error) {
	in.info, err = s.owned(in)
	gone := errors.Is(err, vault.ErrGone)
	if sole(in) && (gone && rt.alone || rt.locked && errors.Is(err, vault.ErrLocked)) {
		return nil
	}
	if gone {
		s.provedWrong(in.circuit)
	}
	return err
}

// sole says whether the inbox is that of the session's recipient and nobody else.
func sole(in *call) bool {
	return in.owner != "" && api.InboxOf(alone(in.owner)) == api.InboxID(in.inbox)
}

// alone is the recipients file of one.
func alone(recipient string) []byte { return []byte(recipient + "\n") }
