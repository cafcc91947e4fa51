package vault

// slotKind says what a slot holds. A slot without one is a message behind a
// link: the byte was zero before there was anything else.
type slotKind byte

const (
	kindMessage slotKind = iota
	kindInbox            // as [KindInbox], and so on
	kindRequest
	kindReply
	kindLetter
	kindNotebook
	kindAlias
	kindInviteInbox
	kindInviteLinks
	kinds // how many there are
)

// inbox reports whether others may hang on a slot of this kind.
func (k slotKind) inbox() bool { return k >= kindInbox && k <= kindReply }

// child reports whether a slot of this kind hangs on that of an inbox.
func (k slotKind) child() bool { return k >= kindLetter && k <= kindAlias }

// content reports whether there are chunks.
func (k slotKind) content() bool { return k <= kindNotebook }

// expires reports whether the slot has a time of its own. Notebooks and aliases
// go when their inbox goes.
func (k slotKind) expires() bool { return k != kindNotebook && k != kindAlias }

// valid reports whether the fields are such as the vault writes for the kind.
func (s *slot) valid() bool {
	if s.kind == kindMessage {
		return (s.state == slotLive || s.state == slotClaimed) && s.size > 0
	}
	none := [32]byte{}
	return s.kind < kinds && s.state == slotLive && !s.keep && s.lease == 0 &&
		(!s.wasClaimed || s.kind == kindRequest) &&
		s.size >= 0 && (s.size > 0) == s.kind.content() &&
		(s.key != none) == s.kind.content() &&
		s.expiry >= 0 && (s.expiry > 0) == s.kind.expires() &&
		(s.serial > 0) == (s.kind.child() || s.kind.inbox()) &&
		(s.owner == mark{} || s.kind == kindNotebook)
}
