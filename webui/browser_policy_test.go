package webui

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"ashpost/vault"
	"ashpost/webui/api"
)

// TestInvitedPages: the operator makes a code, with which somebody makes the inbox of a
// team; it gets a name, which ends; the inbox ends, and is made again.
func TestInvitedPages(t *testing.T) {
	id := newIdentity(t)
	r := start(t, setup{policy: Policy{Inboxes: api.Invited, Links: api.Invited}, operator: &Operator{
		Recipient: id.Recipient().String(), Status: func() any { return map[string]any{"state": api.Open} },
	}})
	v := r.visited()
	operator := v.key(id, "")
	code := func(links bool) string {
		v.unlocks("/operator", operator)
		v.waits("#panel")
		if links {
			v.clicks("#for-links")
		}
		v.clicks("#invite-make")
		v.waits("#invite-made")
		return v.reads("document.querySelector('#invite-code').value")
	}
	inbox, links := code(false), code(true)
	v.goes("/")
	v.waits("#invite-field") // the policy has come
	v.fills("#text", "swordfish")
	v.clicks("#protect")
	v.sees("Type the invite code that the operator gave you.")
	v.fills("#invite", links)
	v.clicks("#protect")
	v.waits("#ready")

	v.goes("/ask")
	v.waits("#make:enabled")
	v.clicks("#make")
	v.sees("Type the invite code that the operator gave you.")
	v.fills("#invite", strings.Repeat("A", 22))
	v.clicks("#make")
	v.sees("This invite code is used up, too old or mistyped.")

	v.goes("/inbox")
	v.waits("#new:enabled")
	v.clicks("#new")
	v.sees("Type the invite code that the operator gave you.")
	v.fills("#invite", inbox)
	v.clicks("#new-form details summary")
	v.fills("#members", "age1pq1nonsense")
	v.clicks("#new")
	v.sees("A public key of the others is damaged")
	member := newIdentity(t)
	v.fills("#members", "\n"+member.Recipient().String()+"\n")
	v.clicks("#new")
	v.waits("#made")
	v.clicks("#save-key")
	v.clicks("#saved")
	v.waits("#list")
	v.waits("#your-words:not(:empty)")
	address := v.reads("document.querySelector('#your-address').value")

	v.unlocks("/operator", operator)
	v.waits("#panel")
	v.fills("#alias-name", "desk")
	v.fills("#alias-inbox", "http://"+r.host+"/to/"+strings.Repeat("a", 52))
	v.clicks("#alias-set")
	v.sees("The service refused that.")
	v.fills("#alias-inbox", address)
	v.clicks("#alias-set")
	v.waits("#aliases li")
	v.goes("/to/desk")
	v.waits("#write")
	v.sees("that this service calls")
	v.sees("The keys of 2 people can read it.")
	v.unlocks("/operator", operator)
	v.waits("#panel")
	v.clicks("#aliases .remove")
	v.sees("Remove the name desk?")
	v.clicks("#aliases .no")
	v.misses("#aliases .sure")
	v.clicks("#aliases .remove")
	v.clicks("#aliases .yes")
	v.misses("#aliases li")
	v.sees("Removed.")
	v.goes("/to/desk")
	v.sees("There is no such inbox")

	// The other member's key file does not name the inbox.
	v.goes("/inbox")
	v.waits("#open:enabled")
	v.must(v.SetFiles(t.Context(), "#keyfile", v.key(member, "")))
	v.clicks("#team summary")
	v.fills("#address", address)
	v.clicks("#open")
	v.waits("#list")
	v.clicks("#end-details summary")
	v.fills("#end-word", "destroy")
	v.clicks("#end")
	v.sees("The inbox has ended")
	v.unlocks("/inbox", v.key(member, address))
	v.sees("This key opens no inbox at that address")

	alone := v.key(member, "")
	v.unlocks("/inbox", alone)
	v.sees("There is no inbox for this key")
	v.waits("#again-invite-field")
	v.clicks("#make-again")
	v.sees("The operator does not allow it")
	again := code(false)
	v.unlocks("/inbox", alone)
	v.waits("#make-again")
	v.fills("#again-invite", again)
	v.clicks("#make-again")
	v.waits("#list")
}

// TestClientsPage: a private client's key is shown once, whatever becomes of the list
// behind it; the last client stays.
func TestClientsPage(t *testing.T) {
	id, names, broken := newIdentity(t), []string{"ana"}, false
	var mu sync.Mutex
	r := start(t, setup{operator: &Operator{
		Recipient: id.Recipient().String(), Status: func() any { return map[string]any{"state": api.Open} },
		Clients: func() ([]string, error) {
			mu.Lock()
			defer mu.Unlock()
			if broken {
				broken = false
				return nil, errors.New("broken")
			}
			return slices.Clone(names), nil
		},
		AddClient: func(name string) (string, error) {
			mu.Lock()
			defer mu.Unlock()
			if slices.Contains(names, name) {
				return "", &api.Error{Code: api.CodeConflict}
			}
			names, broken = append(names, name), true
			return "the line of " + name, nil
		},
		RemoveClient: func(name string) error {
			mu.Lock()
			defer mu.Unlock()
			if len(names) == 1 {
				return &api.Error{Code: api.CodeConflict}
			}
			names = slices.DeleteFunc(names, func(n string) bool { return n == name })
			return nil
		},
	}})
	v := r.visited()
	v.unlocks("/operator", v.key(id, ""))
	v.waits("#panel")
	mu.Lock()
	names = append(names, "al") // added by a request whose answer was lost
	mu.Unlock()
	v.fills("#client-name", "al")
	v.clicks("#client-add")
	v.sees("There is a client of this name already")
	v.clicks("#clients li:nth-child(2) .remove")
	v.clicks("#clients li:nth-child(2) .yes")
	v.misses("#clients li:nth-child(2)")
	v.fills("#client-name", "bo")
	v.clicks("#client-add")
	v.waits("#clients li:nth-child(2)")
	if line := v.reads("document.querySelector('#client-line').value"); line != "the line of bo" {
		t.Errorf("shown: %q", line)
	}
	if trouble := v.reads("document.querySelector('#trouble').textContent"); trouble != "" {
		t.Errorf("trouble: %q", trouble)
	}
	v.clicks("#clients li:first-child .remove")
	v.clicks("#clients li:first-child .yes")
	v.misses("#clients li:nth-child(2)")
	v.clicks("#clients .remove")
	v.clicks("#clients .yes")
	v.sees("This is the last private client")
}

// TestPagesForNobody: where visitors may make neither links nor inboxes, the pages say
// so, and people can still write.
func TestPagesForNobody(t *testing.T) {
	r := start(t, setup{policy: Policy{Inboxes: api.Nobody, Links: api.Nobody}})
	v := r.visited()
	for page, say := range map[string]string{"/": "#nobody", "/ask": "#nobody", "/inbox": "#new-nobody"} {
		v.goes(page)
		v.waits(say)
		if shown := v.reads("String([...document.querySelectorAll('#form, #new-form')].some(f => f.checkVisibility()))"); shown != "false" {
			t.Errorf("%s shows a form", page)
		}
	}
	v.unlocks("/inbox", v.key(newIdentity(t), ""))
	v.sees("There is no inbox for this key")
	v.sees("does not let visitors make inboxes: ask the operator")
	v.misses("#make-again")
}

// TestMailboxBecomesInbox: whose key has a mailbox for answers alone is told so, and
// makes an inbox of it.
func TestMailboxBecomesInbox(t *testing.T) {
	r := start(t, setup{})
	b := r.newBox(1)
	r.want(201, r.openBox(b, api.KindReply))
	v := r.visited()
	key := v.key(b.owners[0], "")
	v.unlocks("/inbox", key)
	v.waits("#mailbox")
	v.clicks("#make-inbox")
	v.waits("#list") // whoever leaves before may have made none
	v.misses("#mailbox")
	v.unlocks("/inbox", key)
	v.waits("#list")
	v.misses("#mailbox")
	if info, err := r.v.Inbox(vault.InboxID(b.id)); err != nil || info.Kind != vault.KindInbox {
		t.Errorf("%+v %v", info, err)
	}
	r.want(204, r.by(b.owners[0]).do("POST", api.InboxPath(api.PathDestroyInbox, b.id), nil))
	v.clicks("#refresh")
	v.sees("It is no longer there.")
}
