package webui

import (
	"net/http"
	"time"

	"ashpost/vault"
	"ashpost/webui/api"
)

// termsOf reads the terms of a whole file.
func termsOf(h http.Header) (vault.Terms, error) {
	expires, err := expiresIn(h)
	if err != nil {
		return vault.Terms{}, err
	}
	t := api.Terms{ExpiresIn: expires, Reading: api.Reading(single(h, api.HeaderReading))}
	if t.Inbox, err = optional(h, api.HeaderInbox, api.ParseInboxID); err != nil {
		return vault.Terms{}, err
	}
	if t.Claim, err = optional(h, api.HeaderClaim, api.ParseVerifier); err != nil {
		return vault.Terms{}, err
	}
	if t.Manage, err = optional(h, api.HeaderManage, api.ParseVerifier); err != nil {
		return vault.Terms{}, err
	}
	return checked(t)
}

// optional reads a header that may be left out.
func optional[T any](h http.Header, name string, parse func(string) (T, error)) (v T, err error) {
	if len(h[name]) == 0 {
		return v, nil
	}
	if v, err = parse(single(h, name)); err != nil {
		return v, bad(name + " is malformed")
	}
	return v, nil
}

func expiresIn(h http.Header) (int64, error) {
	n, err := api.ParseNumber(single(h, api.HeaderExpiresIn))
	if err != nil {
		return 0, bad(api.HeaderExpiresIn + " is missing or malformed")
	}
	return n, nil
}

// lifetime refuses what would overflow; whether it is within the limits is the
// vault's to say.
func lifetime(expires int64) (time.Duration, error) {
	if expires < 1 || expires > 1e9 {
		return 0, bad("the lifetime is out of bounds")
	}
	return time.Duration(expires) * time.Second, nil
}

// checked refuses what JSON, or a header, lets be left out or be too much.
func checked(t api.Terms) (vault.Terms, error) {
	life, err := lifetime(t.ExpiresIn)
	switch none := (api.Verifier{}); {
	case err != nil:
		return vault.Terms{}, err
	case t.Inbox != api.InboxID{} && (t.Reading != "" || t.Claim != none || t.Manage != none):
		return vault.Terms{}, bad("a message for an inbox has no reading, claim or manage verifier")
	case t.Inbox != api.InboxID{}:
		id := vault.InboxID(t.Inbox)
		return vault.Terms{Lifetime: life, Inbox: &id}, nil
	case !t.Reading.Valid():
		return vault.Terms{}, bad("reading is neither once nor until-expiry")
	case t.Claim == none, t.Manage == none:
		return vault.Terms{}, bad("the claim or manage verifier is missing")
	}
	return vault.Terms{
		Lifetime: life,
		Keep:     t.Reading == api.UntilExpiry,
		Claim:    vault.Verifier(t.Claim),
		Manage:   vault.Verifier(t.Manage),
	}, nil
}
