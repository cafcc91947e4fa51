package vault

import (
	"crypto/rand"
	"crypto/sha256"
	"time"
)

// longestInvite bounds an invite.
const longestInvite = 366 * 24 * time.Hour

func inviteTag(code [16]byte) tag {
	h := sha256.New()
	h.Write([]byte("ashpost/v1/vault/invite"))
	h.Write(code[:])
	return tag(h.Sum(nil))
}

// NewInvite makes a code that admits somebody: to making links, or to opening an
// inbox. What that means is its caller's business; the vault keeps a hash of it.
func (v *Vault) NewInvite(links bool, life time.Duration) (code [16]byte, err error) {
	leave, _, err := v.enter()
	if err != nil {
		return code, err
	}
	defer leave()
	if err := checkLife(life, longestInvite); err != nil {
		return code, err
	}
	rand.Read(code[:])
	s := &slot{state: slotLive, kind: inviteKind(links), tag: inviteTag(code)}
	defer v.table.lock(s.tag)()
	now, err := v.open()
	if err != nil {
		return [16]byte{}, err
	}
	s.expiry = now.Add(life).Unix()
	if err := v.table.insert(s, 0); err != nil {
		return [16]byte{}, err
	}
	v.dueAt.note(s.expiry)
	return code, nil
}

func inviteKind(links bool) slotKind {
	if links {
		return kindInviteLinks
	}
	return kindInviteInbox
}

// Invite returns nil for an invite of that sort that is good, [ErrGone]
// otherwise.
func (v *Vault) Invite(code [16]byte, links bool) error {
	leave, now, err := v.enter()
	if err != nil {
		return err
	}
	defer leave()
	_, s, ok := v.table.find(inviteTag(code))
	if !ok || s.kind != inviteKind(links) || s.due(now) {
		return v.gone()
	}
	return nil
}

// UseInvite erases an invite durably. Of any number of calls one returns nil,
// the others [ErrGone].
func (v *Vault) UseInvite(code [16]byte) error {
	leave, _, err := v.enter()
	if err != nil {
		return err
	}
	defer leave()
	tg := inviteTag(code)
	defer v.table.lock(tg)()
	now, err := v.open()
	if err != nil {
		return err
	}
	i, s, ok := v.table.find(tg)
	if !ok || s.kind != kindInviteInbox && s.kind != kindInviteLinks || s.due(now) {
		return v.gone()
	}
	return v.eraseSlots([]uint32{i}, []slot{s})
}
