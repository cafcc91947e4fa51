package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"ashpost/vault"
	"ashpost/webui/api"
)

// order is what an operator tells the running service to do, one field set.
type order struct {
	Unlock     vault.Cause    `json:"unlock,omitempty"`  // the cause the operator was shown
	Destroy    *api.Reference `json:"destroy,omitempty"` // one message
	DestroyAll bool           `json:"destroy_all,omitempty"`

	Alias       string      `json:"alias,omitempty"` // lets this name stand for
	Inbox       api.InboxID `json:"inbox,omitzero"`  // this inbox
	RemoveAlias string      `json:"remove_alias,omitempty"`
	ListAliases bool        `json:"list_aliases,omitempty"`
	Invite      api.For     `json:"invite,omitempty"` // a code for this, good for
	Life        int64       `json:"life,omitempty"`   // so many seconds
}

// outcome is what became of an order.
type outcome struct {
	Result    string `json:"result"` // one of the results below
	Destroyed int    `json:"destroyed,omitempty"`
	Problem   string `json:"problem,omitempty"`

	Aliases map[string]api.InboxID `json:"aliases,omitempty"`
	Code    *api.Invite            `json:"code,omitempty"`
}

const (
	resultDone      = "done"
	resultGone      = "gone"
	resultNotProven = "not_proven"
	resultChanged   = "changed" // locked for another cause by now
	resultFull      = "full"
	resultFailed    = "failed"
)

func (o order) carryOut(v *vault.Vault) (r outcome) {
	var err error
	switch {
	case o.Unlock != "":
		err = v.Unlock(o.Unlock)
	case o.Destroy != nil:
		err = v.Destroy(vault.Reference(*o.Destroy))
	case o.DestroyAll:
		r.Destroyed, err = v.DestroyAll()
	case o.Alias != "":
		err = v.SetAlias(o.Alias, vault.InboxID(o.Inbox))
	case o.RemoveAlias != "":
		err = v.RemoveAlias(o.RemoveAlias)
	case o.ListAliases && !v.Status().Open:
		err = vault.ErrLocked // which is not to say that there are none
	case o.ListAliases:
		r.Aliases = make(map[string]api.InboxID)
		for name, id := range v.Aliases() {
			r.Aliases[name] = api.InboxID(id)
		}
	case o.Invite != "":
		var code [16]byte
		code, err = v.NewInvite(o.Invite == api.ForLinks, time.Duration(o.Life)*time.Second)
		r.Code = (*api.Invite)(&code)
	}
	switch {
	case err == nil:
		r.Result = resultDone
	case errors.Is(err, vault.ErrGone):
		r.Result = resultGone
	case errors.Is(err, vault.ErrConflict):
		r.Result = resultChanged
	case errors.Is(err, vault.ErrNotProven):
		r.Result = resultNotProven
	case errors.Is(err, vault.ErrFull):
		r.Result = resultFull
	default:
		r.Result, r.Problem = resultFailed, causeWords(v.Status().Cause)
	}
	return r
}

// give hands an order to the service on a data folder. Destroying everything
// can take a while.
func (o order) give(ctx context.Context, data string) (r outcome, err error) {
	err = askAdmin(ctx, data, http.MethodPost, "/order", o, &r, 2*time.Minute)
	return r, err
}
