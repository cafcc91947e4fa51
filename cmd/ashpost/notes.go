package main

import (
	"strings"
	"time"

	"ashpost/cmd/ashpost/internal/seal"
)

// notes is the notebook of an inbox while a command runs.
type notes struct {
	seal.Notebook
	changed bool
	damaged bool // the one at the service is, and is not in here
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// visit notes that the inbox is used today.
func (n *notes) visit(now time.Time) {
	seen := n.Seen
	n.Visit(now)
	n.changed = n.changed || n.Seen != seen
}

// lastUse is the last day of use before today; "" for none.
func (n *notes) lastUse(now time.Time) string {
	if n.Seen != day(now) {
		return n.Seen
	}
	return n.Before
}

// with finds the conversation with an inbox; nil if there is none.
func (n *notes) with(inbox seal.InboxID) *seal.Conversation {
	for i := range n.Conversations {
		if n.Conversations[i].Inbox == inbox {
			return &n.Conversations[i]
		}
	}
	return nil
}

// meet makes the conversation with an inbox, unless there is one.
func (n *notes) meet(to seal.Recipients, now time.Time) *seal.Conversation {
	if known := n.with(to.ID()); known != nil {
		return known
	}
	n.Conversations = append(n.Conversations, seal.Conversation{Inbox: to.ID(), Recipients: to, Since: day(now)})
	n.changed = true
	return &n.Conversations[len(n.Conversations)-1]
}

// learn notes who wants answers where, at first contact. Another key for the same
// inbox is somebody else's.
func (n *notes) learn(r *seal.Reply, now time.Time) {
	if n.with(r.Recipients.ID()) == nil {
		key := r.Key
		n.meet(r.Recipients, now).Key = &key
	}
}

// who says whose inbox this is: a name of one's own, or the beginning of its
// fingerprint.
func (n *notes) who(inbox seal.InboxID) string {
	if c := n.with(inbox); c != nil && c.Name != "" {
		return strings.Map(visible, c.Name)
	}
	return short(inbox)
}

// short is enough of a fingerprint to tell some conversations apart, and not
// enough to prove anything.
func short(inbox seal.InboxID) string {
	return strings.Join(strings.Fields(inbox.Words())[:3], " ") + " …"
}

// standing is what can be said about who wrote a message.
type standing string

const (
	firstContact standing = "first-contact"
	conversing   standing = "conversation"
	foreign      standing = "not-from-conversation"
	anonymous    standing = "anonymous"
	broken       standing = "damaged"
	notOpened    standing = "not-opened"
)

// words are for the list.
func (s standing) words() string {
	switch s {
	case firstContact:
		return "first contact"
	case conversing:
		return "from this conversation"
	case foreign:
		return "NOT from this conversation"
	case anonymous:
		return "anonymous"
	case broken:
		return "damaged"
	}
	return "large: not opened yet"
}

// proof is what a letter, read to its end, says about a key.
type proof func(key [32]byte) bool

// judge finds out whether a letter belongs to a conversation, and with which
// inbox; nil where nobody can be answered. That a letter was written with the key
// it gives itself, seal has seen to.
func (n *notes) judge(id seal.Identity, h seal.Head, proves proof) (standing, *seal.InboxID) {
	switch {
	case h.Reply != nil:
		from := h.Reply.Recipients.ID()
		known := n.with(from)
		switch {
		case known == nil:
			return firstContact, &from
		case known.Key != nil && *known.Key == h.Reply.Key:
			return conversing, &from
		}
		// Anybody can name that inbox, also one that was written to first.
		return foreign, &from
	case h.From != nil:
		if proves(seal.ReplyKey(id, *h.From)) {
			return conversing, h.From
		}
		return foreign, h.From
	}
	return anonymous, nil
}
