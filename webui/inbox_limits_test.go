package webui

import (
	"encoding/json"
	"testing"
	"time"

	"ashpost/vault"
	"ashpost/webui/api"
)

// TestOwnersOfACircuit: what an owner makes counts as what others make, and each
// circuit has its own.
func TestOwnersOfACircuit(t *testing.T) {
	r := start(t, setup{onion: true, limits: func(l *limits) { l.pace.creates = allowance{3, 1. / 3600, time.Minute} }})
	b := r.newBox(1)
	one := r.through(1).by(b.owners[0])
	r.want(201, one.openBox(b, api.KindInbox))
	r.want(204, one.note(b, hybridFile(1, 9000)))
	r.want(204, one.note(b, hybridFile(1, 9000)))
	r.refused(api.CodeBusy, one.note(b, hybridFile(1, 9000)))
	r.refused(api.CodeBusy, one.openBox(b, api.KindInbox))
	if n := one.list(b, 0).Count; n != 0 { // looking costs none
		t.Errorf("%d messages", n)
	}
	r.want(204, r.through(2).by(b.owners[0]).note(b, hybridFile(1, 9000)))
}

// TestMailboxFlood: mailboxes for replies have a total of their own. With it used
// up, whoever has an inbox, writes, or makes a link goes on.
func TestMailboxFlood(t *testing.T) {
	r := start(t, setup{onion: true, limits: func(l *limits) { l.budget.replies = allowance{5, 1. / 3600, time.Minute} }})
	b := r.newBox(1)
	owner := r.through(1).by(b.owners[0])
	r.want(201, owner.openBox(b, api.KindInbox))
	opened := 0
	for id := range uint32(10) {
		a := r.through(100+id).openBox(r.newBox(1), api.KindReply)
		if a.status == 201 {
			opened++
		} else {
			r.refused(api.CodeBusy, a)
		}
	}
	source := r.newBox(1)
	r.refused(api.CodeBusy, r.through(200).by(source.owners[0]).note(source, hybridFile(1, 9000)))
	if opened != 5 || r.v.Status().Inboxes != 6 {
		t.Errorf("%d opened, %d there", opened, r.v.Status().Inboxes)
	}
	other := r.through(201)
	other.written(b, 1000)
	other.sent(1000)
	r.want(204, owner.note(b, hybridFile(1, 9000)))
	if n := r.s.Counters(); n.Crowded != 6 || n.Limited != 0 {
		t.Errorf("%+v", n)
	}
}

// TestRepliesWhenFull: where nothing else fits any more, answers to sources do, and
// their notebooks.
func TestRepliesWhenFull(t *testing.T) {
	r := start(t, setup{vault: vault.Options{Slots: 128}})
	b, source := r.opened(1), r.newBox(1)
	back := r.by(source.owners[0])
	r.want(204, back.note(source, hybridFile(1, 9000)))
	for r.do("POST", api.PathReservations, nil).status == 201 {
		r.want(201, r.put(r.letter(1000)))
	}
	r.refused(api.CodeFull, r.do("POST", api.PathReservations, nil))
	r.refused(api.CodeFull, r.do("POST", api.PathReservations, nil, api.HeaderInbox, b.id.Encode()))
	var l api.Reservation
	a := r.want(201, r.do("POST", api.PathReservations, nil, api.HeaderInbox, source.id.Encode()))
	if err := json.Unmarshal(a.body, &l); err != nil {
		t.Fatal(err)
	}
	r.want(201, r.do("PUT", api.MessagePath(api.PathMessage, l.Reference), hybridFile(1, 1000), "Authorization", api.Bearer(l.UploadKey), "Content-Type", api.TypeBinary,
		api.HeaderInbox, source.id.Encode(), api.HeaderExpiresIn, "86400"))
	r.want(204, back.note(source, hybridFile(1, 9000)))
	if n := back.list(source, 0).Count; n != 1 {
		t.Errorf("%d answers", n)
	}
}

// TestTotalsWhenFull: what is left for replies is taken as carefully as anything.
func TestTotalsWhenFull(t *testing.T) {
	for used, some := range map[int]bool{0: true, 80_000: true, 85_000: true, 95_000: false, 100_000: false} {
		all := everybody.full()
		all.adjust(vault.Status{Slots: 100_000, Used: used, Quota: 1 << 30})
		if n := all.creates.Burst(); (n > 0) != some || n > 1000 {
			t.Errorf("%d used: %d at once", used, n)
		}
	}
}
