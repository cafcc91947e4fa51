package main

import (
	"strings"
	"time"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/webui/api"
)

// notes is the notebook of an inbox while a command runs.
type notes struct {
	seal.Notebook
	changes []change    // that the service does not have yet
	edition api.Edition // that they were made in
	damaged bool        // the one at the service is, and is not in here
}

// change is one change, made in whatever notebook is there; false says that there
// was nothing to do. Another program may write between reading and writing: then it
// is made again, in what that one wrote.
type change func(*seal.Notebook) bool

func (n *notes) change(c change) {
	if c(&n.Notebook) {
		n.changes = append(n.changes, c)
	}
}

// take goes on with another edition of the notebook.
func (n *notes) take(b seal.Notebook, e api.Edition, damaged bool) {
	made := n.changes
	*n = notes{Notebook: b, edition: e, damaged: damaged}
	for _, c := range made {
		n.change(c)
	}
}

// kept notes that the service has everything.
func (n *notes) kept(e api.Edition) { n.changes, n.edition, n.damaged = nil, e, false }

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// visit notes that the inbox is used today.
func (n *notes) visit(now time.Time) {
	n.change(func(b *seal.Notebook) bool {
		seen := b.Seen
		b.Visit(now)
		return b.Seen != seen
	})
}

// lastUse is the last day of use before today; "" for none.
func (n *notes) lastUse(now time.Time) string {
	if n.Seen != day(now) {
		return n.Seen
	}
	return n.Before
}

// with finds the conversation with an inbox; nil if there is none.
func (n *notes) with(inbox seal.InboxID) *seal.Conversation { return with(&n.Notebook, inbox) }

func with(b *seal.Notebook, inbox seal.InboxID) *seal.Conversation {
	for i := range b.Conversations {
		if b.Conversations[i].Inbox == inbox {
			return &b.Conversations[i]
		}
	}
	return nil
}

// meet makes the conversation with an inbox, unless there is one.
func (n *notes) meet(to seal.Recipients, now time.Time) {
	n.begin(seal.Conversation{Inbox: to.ID(), Recipients: to, Since: day(now)})
}

// learn notes who wants answers where, at first contact. Another key for the same
// inbox is somebody else's.
func (n *notes) learn(r *seal.Reply, now time.Time) {
	key := r.Key
	n.begin(seal.Conversation{Inbox: r.Recipients.ID(), Recipients: r.Recipients, Key: &key, Since: day(now)})
}

func (n *notes) begin(c seal.Conversation) {
	n.change(func(b *seal.Notebook) bool {
		if with(b, c.Inbox) != nil {
			return false
		}
		b.Conversations = append(b.Conversations, c)
		return true
	})
}

// call gives the conversation c, which is known, a name.
func (n *notes) call(c seal.Conversation, name string) {
	n.change(func(b *seal.Notebook) bool {
		if with(b, c.Inbox) == nil { // another program began a new notebook
			b.Conversations = append(b.Conversations, c)
		}
		known := with(b, c.Inbox)
		before := known.Name
		known.Name = name
		return before != name
	})
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
