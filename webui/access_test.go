package webui

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ashpost/webui/api"
)

// TestAccess tries every route of inboxes and of the operator as everybody who is
// neither, with requests that are right in everything else. All are refused with
// one answer, the one for what is not there, and nothing changes.
func TestAccess(t *testing.T) {
	r, op := configured(t, setup{}, Policy{})
	b, other := r.opened(2), r.opened(1)
	l := r.written(b, 1000)
	owner := r.by(b.owners[0])
	r.want(204, owner.note(b, hybridFile(1, 9000)))
	r.want(204, r.by(op.id).json("PUT", api.NamePath(api.PathOperatorAlias, "somebody"), api.Named{Inbox: b.id}))
	pending := r.letter(1000)

	for role, as := range map[string]struct {
		*rig
		head []string
	}{
		"nobody":                  {r, nil},
		"an uploader":             {r, []string{"Authorization", api.Bearer(l.upload)}},
		"an uploader of another":  {r, []string{"Authorization", api.Bearer(pending.upload)}},
		"somebody in a channel":   {r.anonymous(), nil},
		"a stranger":              {r.by(newIdentity(t)), nil},
		"an owner of another":     {r.by(other.owners[0]), nil},
		"an owner without saying": {r.anonymous(), []string{api.HeaderInbox, b.id.Encode()}},
		"the operator":            {r.by(op.id), nil},
		"an owner":                {owner, nil},
	} {
		for _, rt := range slices.Concat(inboxCalls, operatorCalls) {
			if rt.guess && rt.method == "GET" || rt.owner && role == "an owner" || rt.operator && role == "the operator" {
				continue
			}
			if rt.method == "PUT" && rt.path == api.PathInbox && role == "an owner" {
				continue
			}
			r.same(fmt.Sprintf("%s %s as %s", rt.method, rt.path, role), func() {
				got := as.ask(rt, b, l, as.head...)
				want := as.ask(rt, r.newBox(2), l, as.head...)
				if rt.operator && rt.body == noBody {
					want = as.do(rt.method, api.Base+"/nothing", nil)
				} else if rt.operator {
					want = as.json(rt.method, api.Base+"/nothing", api.Unlock{})
				}
				if !equalAnswers(got, want) {
					t.Errorf("%s %s as %s: %d %s instead of %d %s", rt.method, rt.path, role, got.status, got.body, want.status, want.body)
				}
				if code := got.code(t); rt.operator && code != api.CodeNotFound || !rt.operator && code != api.CodeGone {
					t.Errorf("%s %s as %s: %s", rt.method, rt.path, role, code)
				}
			}, b, other)
		}
	}
	if len(op.unlocks)+len(op.clients) > 0 {
		t.Error("an operator's function was called")
	}
}

// ask sends a request that is right in everything but, perhaps, who sends it.
func (r *rig) ask(rt route, b *box, l *letter, head ...string) reply {
	r.Helper()
	path := strings.NewReplacer(":before", "0", ":name", "somebody").Replace(api.LetterPath(rt.path, b.id, l.ref))
	body := map[string]string{
		api.PathInbox: string(b.file), api.PathNotebook: string(hybridFile(1, 9000)),
		api.PathDestroyLetters: `{"messages":["` + l.ref.Encode() + `"]}`,
		api.PathOperatorUnlock: `{"cause":"clock"}`, api.PathOperatorAlias: `{"inbox":"` + b.id.Encode() + `"}`,
		api.PathOperatorInvites: `{"for":"inbox"}`, api.PathOperatorClients: `{"name":"somebody"}`,
	}[rt.path]
	if rt.body == noBody {
		body = ""
	} else {
		head = append(head, "Content-Type", rt.body.kind)
	}
	return r.do(rt.method, path, []byte(body), append(head, api.HeaderKind, string(api.KindInbox), api.HeaderReplaces, "none")...)
}

// TestOwnersMay: the same requests from an owner are granted.
func TestOwnersMay(t *testing.T) {
	r := start(t, setup{})
	for _, rt := range inboxCalls {
		if !rt.owner {
			continue
		}
		b := r.opened(3)
		l := r.written(b, 1000)
		for _, i := range b.owners {
			owner := r.by(i)
			if rt.path == api.PathNotebook && rt.method == "GET" {
				r.want(204, owner.note(b, hybridFile(1, 9000)))
			}
			if got := owner.ask(rt, b, l); got.status/100 != 2 {
				t.Errorf("%s %s: %d %s", rt.method, rt.path, got.status, got.body)
			}
			if rt.path == api.PathDestroyInbox {
				break
			}
		}
	}
}

// TestOperatorsRoutesAreNotThere: without one configured, and by any method.
func TestOperatorsRoutesAreNotThere(t *testing.T) {
	with, _ := configured(t, setup{}, Policy{})
	for _, r := range []*rig{start(t, setup{}), with} {
		for _, rt := range operatorCalls {
			path := api.NamePath(rt.path, "somebody")
			for _, m := range methods {
				want := r.do(m, api.Base+"/nothing", nil)
				if got := r.do(m, path, nil); !equalAnswers(got, want) {
					t.Errorf("%s %s: %d %s, Allow %q", m, path, got.status, got.body, got.header["Allow"])
				}
			}
		}
	}
}

// TestMethodsOfInboxes: what is not in the table is refused, and changes nothing.
func TestMethodsOfInboxes(t *testing.T) {
	r := start(t, setup{})
	b := r.opened(1)
	l := r.written(b, 1000)
	owner := r.by(b.owners[0])
	r.want(204, owner.note(b, hybridFile(1, 9000)))
	takes := map[string][]string{}
	for _, rt := range inboxCalls {
		takes[rt.path] = append(takes[rt.path], rt.method)
	}
	r.same("another method", func() {
		for path, taken := range takes {
			path = strings.NewReplacer(":before", "0", ":name", "somebody").Replace(api.LetterPath(path, b.id, l.ref))
			for _, m := range methods {
				if slices.Contains(taken, m) {
					continue
				}
				if a := owner.do(m, path, nil); a.status != http.StatusMethodNotAllowed || a.header.Get("Allow") == "" {
					t.Errorf("%s %s: %d", m, path, a.status)
				}
			}
			if a := r.do("GET", path+"?x=1", nil); a.status != 400 {
				t.Errorf("%s with a query: %d", path, a.status)
			}
		}
	}, b)
}

// TestLooksChangeNothing: every GET, by whoever may.
func TestLooksChangeNothing(t *testing.T) {
	r, op := configured(t, setup{}, Policy{})
	b := r.opened(2)
	l := r.written(b, 1000)
	owner, operator := r.by(b.owners[1]), r.by(op.id)
	r.want(204, owner.note(b, hybridFile(1, 9000)))
	r.want(204, operator.ask(route{method: "PUT", path: api.PathOperatorAlias, body: someJSON}, b, l))
	r.same("a look", func() {
		for _, rt := range slices.Concat(inboxCalls, operatorCalls) {
			if rt.method != "GET" {
				continue
			}
			as := owner
			if rt.operator {
				as = operator
			}
			for range 3 {
				r.want(200, as.ask(rt, b, l))
			}
		}
	}, b)
}

// TestMalformed: what no inbox, message, number or name is spelled like.
func TestMalformed(t *testing.T) {
	r := start(t, setup{})
	b := r.opened(1)
	owner := r.by(b.owners[0])
	id := b.id.Encode()
	for _, path := range []string{
		"/inboxes/x", "/inboxes/" + strings.ToUpper(id), "/inboxes/" + id[:51], "/inboxes/" + id + "a", "/inboxes/" + id[:51] + "1",
		"/inboxes/" + id + "/list/x", "/inboxes/" + id + "/list/-1", "/inboxes/" + id + "/list/01", "/inboxes/" + id + "/list/18446744073709551615",
		"/inboxes/" + id + "/letters/x", "/inboxes/" + id + "/letters/-1", "/inboxes/" + id + "/letters/",
		"/inboxes/" + id + "/messages/x", "/aliases/x", "/aliases/Somebody", "/aliases/" + id,
	} {
		if a := owner.do("GET", api.Base+path, nil); a.status != 400 || a.code(t) != api.CodeBadRequest {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}
