package webui

import (
	"net/http"
	"time"

	"ashpost/vault"
	"ashpost/webui/api"
)

func termsOf(h http.Header) (vault.Terms, error) {
	expires, err := api.ParseNumber(single(h, api.HeaderExpiresIn))
	if err != nil {
		return vault.Terms{}, bad(api.HeaderExpiresIn + " is missing or malformed")
	}
	claim, err := api.ParseVerifier(single(h, api.HeaderClaim))
	if err != nil {
		return vault.Terms{}, bad(api.HeaderClaim + " is missing or malformed")
	}
	manage, err := api.ParseVerifier(single(h, api.HeaderManage))
	if err != nil {
		return vault.Terms{}, bad(api.HeaderManage + " is missing or malformed")
	}
	reading := api.Reading(single(h, api.HeaderReading))
	return checked(api.Terms{ExpiresIn: expires, Reading: reading, Claim: claim, Manage: manage})
}

// checked refuses what JSON lets be left out, and lifetimes that would
// overflow; whether they are within the limits is the vault's to say.
func checked(t api.Terms) (vault.Terms, error) {
	switch {
	case !t.Reading.Valid():
		return vault.Terms{}, bad("reading is neither once nor until-expiry")
	case t.Claim == api.Verifier{}, t.Manage == api.Verifier{}:
		return vault.Terms{}, bad("the claim or manage verifier is missing")
	case t.ExpiresIn < 1 || t.ExpiresIn > 1e9:
		return vault.Terms{}, bad("the lifetime is out of bounds")
	}
	return vault.Terms{
		Lifetime: time.Duration(t.ExpiresIn) * time.Second,
		Keep:     t.Reading == api.UntilExpiry,
		Claim:    vault.Verifier(t.Claim),
		Manage:   vault.Verifier(t.Manage),
	}, nil
}
