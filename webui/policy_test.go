package webui

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"ashpost/webui/api"
)

// TestPolicies: who may open an inbox or a request, and who may make a link.
// Writing to inboxes, and mailboxes for replies, are everybody's.
func TestPolicies(t *testing.T) {
	policies := []api.Policy{"", api.Anyone, api.Invited, api.Nobody}
	for i, inboxes := range policies {
		links := policies[(i+1)%len(policies)]
		t.Run(fmt.Sprintf("%s-%s", inboxes, links), func(t *testing.T) {
			r := start(t, setup{policy: Policy{Inboxes: inboxes, Links: links}})
			codes := map[string]string{
				"no": "", "malformed": "x", "unknown": api.Invite{1}.Encode(), "inbox's": r.invite(false), "links'": r.invite(true),
			}
			for name, code := range codes {
				var head []string
				if code != "" {
					head = []string{api.HeaderInvite, code}
				}
				want := allowed(inboxes, name == "inbox's")
				kinds := []api.Kind{api.KindInbox, api.KindRequest}
				b := r.newBox(1)
				if got := r.by(b.owners[0]).openBox(b, kinds[len(name)%2], head...); got.status != want {
					t.Errorf("an inbox with %s code: %d %s, want %d", name, got.status, got.body, want)
				}
				want = allowed(links, name == "links'")
				for range 2 {
					l := r.letter(1000)
					if got := r.do("PUT", l.path(api.PathMessage), l.ciphertext, append(l.terms(), head...)...); got.status != want {
						t.Errorf("a link with %s code: %d %s, want %d", name, got.status, got.body, want)
					}
					l = r.letter(1000)
					r.want(204, r.do("PUT", api.PartPath(l.ref, 0), l.ciphertext, "Authorization", api.Bearer(l.upload), "Content-Type", api.TypeBinary))
					got := r.do("POST", l.path(api.PathCommit), []byte(l.commit(1, 1000)),
						append([]string{"Authorization", api.Bearer(l.upload), "Content-Type", api.TypeJSON}, head...)...)
					if got.status != want {
						t.Errorf("a link in parts with %s code: %d %s, want %d", name, got.status, got.body, want)
					}
				}
			}
			b := r.newBox(1)
			r.want(201, r.openBox(b, api.KindReply))
			r.written(b, 1000)
			var s api.Service
			if err := json.Unmarshal(r.do("GET", api.PathService, nil).body, &s); err != nil ||
				s.Inboxes != (Policy{Inboxes: inboxes}).withDefaults().Inboxes || s.Links != (Policy{Links: links}).withDefaults().Links || s.Contact != nil {
				t.Errorf("%+v, %v", s, err)
			}
		})
	}
}

func allowed(p api.Policy, invited bool) int {
	if p == api.Nobody || p == api.Invited && !invited {
		return 403
	}
	return 201
}

// TestInvitesOnce: a code opens one inbox, however many ask at once, and its owner
// may renew it without.
func TestInvitesOnce(t *testing.T) {
	r := start(t, setup{policy: Policy{Inboxes: api.Invited}})
	code := r.invite(false)
	var boxes []*box
	var owners []*rig
	for range 8 {
		b := r.newBox(1)
		boxes, owners = append(boxes, b), append(owners, r.by(b.owners[0]))
	}
	var all sync.WaitGroup
	statuses := make([]int, len(boxes))
	for i := range boxes {
		all.Go(func() {
			a, err := owners[i].try("PUT", api.InboxPath(api.PathInbox, boxes[i].id), boxes[i].file,
				"Content-Type", api.TypeText, api.HeaderKind, "inbox", api.HeaderInvite, code)
			if err != nil {
				t.Error(err)
			}
			statuses[i] = a.status
		})
	}
	all.Wait()
	won := slices.Index(statuses, 201)
	slices.Sort(statuses)
	if won < 0 || statuses[0] != 201 || statuses[1] != 403 {
		t.Fatalf("%v", statuses)
	}
	r.want(201, owners[won].openBox(boxes[won], api.KindInbox))
	r.want(204, owners[won].note(boxes[won], hybridFile(1, 9000)))
	if r.s.Counters().Wrong < 7 {
		t.Errorf("%d wrong codes counted", r.s.Counters().Wrong)
	}
}

// TestFailedOpeningKeepsTheCode: it is used up by what it opened.
func TestFailedOpeningKeepsTheCode(t *testing.T) {
	r := start(t, setup{policy: Policy{Inboxes: api.Invited}})
	code := r.invite(false)
	b := r.newBox(1)
	owner := r.by(b.owners[0])
	r.want(201, owner.openBox(b, api.KindRequest, api.HeaderInvite, r.invite(false)))
	r.refused(api.CodeConflict, owner.openBox(b, api.KindInbox, api.HeaderInvite, code))
	b = r.newBox(1)
	r.refused(api.CodeGone, owner.openBox(b, api.KindInbox, api.HeaderInvite, code))
	r.want(201, r.by(b.owners[0]).openBox(b, api.KindInbox, api.HeaderInvite, code))
	expired := r.invite(false)
	r.turn(2 * time.Hour)
	if err := r.v.Maintain(); err != nil {
		t.Fatal(err)
	}
	b = r.newBox(1)
	r.refused(api.CodeNotAllowed, r.by(b.owners[0]).openBox(b, api.KindInbox, api.HeaderInvite, expired))
}

// TestContact: whom to write to is told while there is such an inbox.
func TestContact(t *testing.T) {
	b := (&rig{TB: t}).newBox(1)
	for name, c := range map[string]*Contact{"by its ID": {Name: "The desk", Inbox: b.id}, "by an alias": {Name: "The desk", Alias: "desk"}} {
		r := start(t, setup{contact: c})
		told := func() *api.Contact {
			var s api.Service
			if err := json.Unmarshal(r.want(200, r.do("GET", api.PathService, nil)).body, &s); err != nil {
				t.Fatal(err)
			}
			return s.Contact
		}
		if told() != nil {
			t.Errorf("%s: told before it is there", name)
		}
		r.want(201, r.by(b.owners[0]).openBox(b, api.KindInbox))
		if c.Alias != "" {
			if err := r.v.SetAlias(c.Alias, [32]byte(b.id)); err != nil {
				t.Fatal(err)
			}
		}
		if got := told(); got == nil || *got != (api.Contact{Name: "The desk", Inbox: b.id}) {
			t.Errorf("%s: %+v", name, got)
		}
		r.want(204, r.by(b.owners[0]).do("POST", api.InboxPath(api.PathDestroyInbox, b.id), nil))
		if told() != nil {
			t.Errorf("%s: told after it ended", name)
		}
	}
}
