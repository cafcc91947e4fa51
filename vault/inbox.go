package vault

import (
	"crypto/sha256"
	"errors"
	"time"
)

// InboxID names an inbox. It is the hash of the recipients' public keys, and
// public: what is in an inbox is for them alone.
type InboxID [32]byte

func (id InboxID) tag() tag {
	h := sha256.New()
	h.Write([]byte("ashpost/v1/vault/inbox"))
	h.Write(id[:])
	return tag(h.Sum(nil))
}

// InboxKind says what an inbox is for.
type InboxKind uint8

// The kinds of inboxes.
const (
	KindInbox   = InboxKind(kindInbox)   // for anybody's letters, until nobody asks for them for a year
	KindRequest = InboxKind(kindRequest) // for one letter
	KindReply   = InboxKind(kindReply)   // for answers to somebody who wrote; 30 days from the last one
)

const (
	inboxLife  = 366 * 24 * time.Hour
	inboxRenew = 335 * 24 * time.Hour // less than this is left: worth a write
	replyLife  = 30 * 24 * time.Hour
	// maxRecipients is the length of ten recipients, and room to spare.
	maxRecipients = 32 << 10
)

// InboxInfo is what anybody may know of an inbox.
type InboxInfo struct {
	Recipients []byte
	Kind       InboxKind
	Left       time.Duration
	Letters    int
}

// OpenInbox makes an inbox, or renews one of the same kind: when it returns, the
// inbox exists durably for so long. life is that of a [KindRequest] and is not
// renewed; the other kinds have their own. A [KindReply] becomes a [KindInbox] with
// all that is in it: anybody can open the former, and must not keep the owner of its
// key from having an inbox. Else [ErrConflict] means that there is one of another
// kind. A new one is refused with [ErrFull] from [FullAt] percent on,
// or from [ReplyFullAt]; and when inboxes and requests have a quarter of the slots.
func (v *Vault) OpenInbox(id InboxID, kind InboxKind, recipients []byte, life time.Duration) (time.Duration, error) {
	leave, _, err := v.enter()
	if err != nil {
		return 0, err
	}
	defer leave()
	if life, err = kind.life(life); err != nil {
		return 0, err
	}
	if len(recipients) == 0 || len(recipients) > maxRecipients {
		return 0, &InvalidError{"the recipients of an inbox are missing or too long"}
	}
	left, err := v.renew(id, kind, recipients)
	if !errors.Is(err, ErrGone) {
		return left, err
	}
	if v.crowded(kind) {
		return 0, ErrFull
	}
	err = v.keepContent(id[:], recipients, slotKind(kind) == kindReply, func(_ Reference, s *slot) (err error) {
		s.kind, s.tag, s.serial = slotKind(kind), id.tag(), 1
		left, err = v.found(s, life)
		return err
	})
	if errors.Is(err, ErrConflict) { // somebody was faster
		return v.renew(id, kind, recipients)
	}
	return left, err
}

// crowded says that there is no room for one more. An inbox costs whoever opens it
// little and lasts for a year: a flood of them must leave room for all else.
func (v *Vault) crowded(k InboxKind) bool {
	return v.filled() >= slotKind(k).fullAt() ||
		k != KindReply && v.table.lasting() >= max(32, v.table.n/4)
}

func (k InboxKind) life(asked time.Duration) (time.Duration, error) {
	switch k {
	case KindInbox:
		return inboxLife, nil
	case KindReply:
		return replyLife, nil
	case KindRequest:
		return asked, checkLife(asked, longestLetter)
	}
	return 0, &InvalidError{"unknown kind of inbox"}
}

// found makes an inbox exist.
func (v *Vault) found(s *slot, life time.Duration) (time.Duration, error) {
	defer v.table.lock(s.tag)()
	now, err := v.open()
	if err != nil {
		return 0, err
	}
	if i, old, ok := v.table.find(s.tag); ok && old.due(now) {
		if err := v.eraseSlots([]uint32{i}, []slot{old}); err != nil {
			return 0, err
		}
	}
	s.expiry = now.Add(life).Unix()
	if err := v.table.insert(s, 0); err != nil {
		return 0, err
	}
	v.dueAt.note(s.expiry)
	return s.left(now), nil
}

// renew prolongs an inbox that is there.
func (v *Vault) renew(id InboxID, kind InboxKind, recipients []byte) (time.Duration, error) {
	defer v.table.lock(id.tag())()
	now, err := v.open()
	if err != nil {
		return 0, err
	}
	i, s, ok := v.table.inbox(id, now)
	if !ok {
		return 0, v.gone()
	}
	defer clear(s.key[:])
	if s.kind == kindReply && kind == KindInbox {
		if v.crowded(kind) {
			return 0, ErrFull
		}
		s.kind = kindInbox // and prolonged below, which makes it durable
	}
	if s.kind != slotKind(kind) {
		return 0, ErrConflict
	}
	if err := v.mend(&s, id, recipients); err != nil {
		return 0, err
	}
	if s.kind == kindInbox && s.left(now) < inboxRenew {
		err = v.prolong(i, &s, now.Add(inboxLife))
	} else if s.kind == kindReply {
		err = v.prolong(i, &s, now.Add(replyLife))
	}
	return s.left(now), err
}

// mend stores the recipients again where Badger lost them: without them the inbox is
// there for nobody. The ID is a hash of them, so they are the same.
func (v *Vault) mend(s *slot, id InboxID, recipients []byte) error {
	chunks := newSealer(&s.key, id[:])
	if _, err := v.chunk(chunks, 0, nil); !errors.Is(err, ErrGone) {
		return err
	}
	if err := v.readable(); err != nil || int64(len(recipients)) != s.size {
		return err
	}
	if err := v.room(s.size); err != nil {
		return err
	}
	return v.heap.put(chunks.seal(0, recipients), time.Time{})
}

// prolong makes an inbox last until then, unless it lasts longer. The caller
// holds its stripe.
func (v *Vault) prolong(i uint32, s *slot, until time.Time) error {
	if until.Unix() <= s.expiry {
		return nil
	}
	s.expiry = until.Unix()
	return v.table.update(i, s)
}

// inbox reads the slot of an inbox that is not due.
func (t *table) inbox(id InboxID, now time.Time) (uint32, slot, bool) {
	i, s, ok := t.find(id.tag())
	return i, s, ok && s.kind.inbox() && !s.due(now)
}

// keepContent stores content under a new slot key and has it put into a slot,
// whose size and key are set. Until that is durable the chunks count as those of
// an upload. It is for what is small and kept by the vault's own hand.
func (v *Vault) keepContent(salt, content []byte, reply bool, insert func(Reference, *slot) error) error {
	ref, upload, err := v.uploads.add(reply)
	if err != nil {
		return err
	}
	r, err := v.uploads.take(ref, upload)
	if err != nil {
		return ErrBusy // pushed out by others at once
	}
	defer r.mu.Unlock()
	defer v.uploads.drop(r)
	if salt == nil {
		salt = ref[:]
	}
	if err := v.storePart(r, salt, 0, content, renewed); err != nil {
		return err
	}
	if _, err := v.uploads.hold(r); err != nil {
		return ErrBusy
	}
	s := &slot{state: slotLive, size: int64(len(content)), key: r.key}
	defer clear(s.key[:])
	err = insert(ref, s)
	v.uploads.release(r, err)
	clear(r.key[:])
	return err
}

// Inbox tells of an inbox. It answers while locked too, where it still can: who
// may destroy depends on the recipients, and nothing here is secret.
func (v *Vault) Inbox(id InboxID) (InboxInfo, error) {
	v.life.RLock()
	defer v.life.RUnlock()
	if v.closed || v.table == nil {
		return InboxInfo{}, ErrLocked
	}
	now := v.now()
	i, s, ok := v.table.inbox(id, now)
	if !ok {
		return InboxInfo{}, v.gone()
	}
	defer clear(s.key[:])
	recipients, err := v.chunk(newSealer(&s.key, id[:]), 0, nil)
	if err != nil {
		return InboxInfo{}, err
	}
	letters, _ := v.table.held(i)
	return InboxInfo{Recipients: recipients, Kind: InboxKind(s.kind), Left: s.left(now), Letters: letters}, nil
}

// DestroyInbox erases an inbox and everything under it, and returns nil only
// when all of that was overwritten, synced and read back. From the first of
// these writes on nothing under it can be opened, whatever happens then. A
// repeated call returns nil too; errors are as those of [Vault.Acknowledge].
func (v *Vault) DestroyInbox(id InboxID) error {
	return v.erasing(func(now time.Time) error {
		defer v.table.lock(id.tag())()
		who := eraser("inbox", Reference{}, Key(id))
		i, s, ok := v.table.find(id.tag())
		if !ok || !s.kind.inbox() {
			if _, before := v.erased.lookup(who); before {
				return v.readable()
			}
			return ErrGone
		}
		defer clear(s.key[:])
		if err := v.eraseSlots([]uint32{i}, []slot{s}); err != nil {
			return err
		}
		v.erased.add(who, false)
		return nil
	})
}
