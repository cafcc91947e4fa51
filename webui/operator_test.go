package webui

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"ashpost/vault"
	"ashpost/webui/api"
)

// TestOperator does what an operator does.
func TestOperator(t *testing.T) {
	r, op := configured(t, setup{}, Policy{Inboxes: api.Invited})
	o := r.by(op.id)
	if a := r.want(200, o.do("GET", api.PathOperatorStatus, nil)); string(a.body) != `{"state":"of the operator"}` {
		t.Errorf("%s", a.body)
	}
	r.want(204, o.json("POST", api.PathOperatorUnlock, api.Unlock{Cause: "clock"}))
	if !slices.Equal(op.unlocks, []string{"clock"}) {
		t.Errorf("%q", op.unlocks)
	}
	var code api.InviteCode
	a := r.want(201, o.json("POST", api.PathOperatorInvites, api.Inviting{For: api.ForInbox}))
	if err := json.Unmarshal(a.body, &code); err != nil || code.Code == (api.Invite{}) {
		t.Fatalf("%s, %v", a.body, err)
	}
	b := r.newBox(2)
	r.want(201, r.by(b.owners[1]).openBox(b, api.KindInbox, api.HeaderInvite, code.Code.Encode()))
	for _, i := range []api.Inviting{{}, {For: "all"}, {For: api.ForLinks, ExpiresIn: -1}, {For: api.ForLinks, ExpiresIn: 1}, {For: api.ForLinks, ExpiresIn: 31 * 86400}} {
		r.want(400, o.json("POST", api.PathOperatorInvites, i))
	}
	r.want(201, o.json("POST", api.PathOperatorInvites, api.Inviting{For: api.ForLinks, ExpiresIn: 3600}))

	alias := api.NamePath(api.PathOperatorAlias, "desk")
	r.refused(api.CodeGone, o.json("PUT", alias, api.Named{Inbox: r.newBox(1).id}))
	r.refused(api.CodeGone, r.do("GET", api.NamePath(api.PathAlias, "desk"), nil))
	r.want(204, o.json("PUT", alias, api.Named{Inbox: b.id}))
	want := `{"inbox":"` + b.id.Encode() + `"}`
	if a := r.want(200, r.do("GET", api.NamePath(api.PathAlias, "desk"), nil)); string(a.body) != want {
		t.Errorf("%s", a.body)
	}
	if a := r.want(200, o.do("GET", api.PathOperatorAliases, nil)); string(a.body) != `{"aliases":{"desk":"`+b.id.Encode()+`"}}` {
		t.Errorf("%s", a.body)
	}
	for _, name := range []string{"x", "Desk", "9desk", b.id.Encode()} {
		r.want(400, o.json("PUT", api.NamePath(api.PathOperatorAlias, name), api.Named{Inbox: b.id}))
	}
	r.want(204, o.do("POST", api.NamePath(api.PathOperatorAliasRemove, "desk"), nil))
	r.refused(api.CodeGone, r.do("GET", api.NamePath(api.PathAlias, "desk"), nil))

	if a := r.want(201, o.json("POST", api.PathOperatorClients, api.NewClientName{Name: "anna"})); string(a.body) != `{"line":"line of anna"}` {
		t.Errorf("%s", a.body)
	}
	if a := r.want(200, o.do("GET", api.PathOperatorClients, nil)); string(a.body) != `{"clients":["anna"]}` {
		t.Errorf("%s", a.body)
	}
	r.want(204, o.do("POST", api.NamePath(api.PathOperatorClientEnd, "anna"), nil))
	if a := r.want(200, o.do("GET", api.PathOperatorClients, nil)); string(a.body) != `{"clients":[]}` {
		t.Errorf("%s", a.body)
	}
	for _, body := range []string{"{", "[]", `{"x":1}`} {
		r.want(400, o.do("POST", api.PathOperatorUnlock, []byte(body), "Content-Type", api.TypeJSON))
	}
}

// TestOperatorsErrors: those of the functions are answers if they are meant to be.
func TestOperatorsErrors(t *testing.T) {
	r, op := configured(t, setup{}, Policy{})
	o := r.by(op.id)
	for _, c := range []struct {
		err  error
		code api.Code
	}{
		{vault.ErrConflict, api.CodeConflict},
		{vault.ErrLocked, api.CodeLocked},
		{&api.Error{Code: api.CodeBadRequest, Message: "no"}, api.CodeBadRequest},
		{errors.New("a secret path"), api.CodeInternal},
	} {
		r.s.operator.Unlock = func(string) error { return c.err }
		r.refused(c.code, o.json("POST", api.PathOperatorUnlock, api.Unlock{Cause: "fsync"}))
	}
	r.s.operator.Clients, r.s.operator.AddClient, r.s.operator.RemoveClient = nil, nil, nil
	r.refused(api.CodeConflict, o.do("GET", api.PathOperatorClients, nil))
	r.refused(api.CodeConflict, o.json("POST", api.PathOperatorClients, api.NewClientName{Name: "anna"}))
	r.refused(api.CodeConflict, o.do("POST", api.NamePath(api.PathOperatorClientEnd, "anna"), nil))
}
