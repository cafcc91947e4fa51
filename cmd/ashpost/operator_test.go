package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/vault"
	"ashpost/webui/api"
	"ashpost/webui/api/channel"
)

// provenBy makes requests to a service in an owner session of the identity.
func provenBy(t *testing.T, id seal.Identity, service string) func(method, path, body string) (int, string) {
	base := &http.Transport{}
	t.Cleanup(base.CloseIdleConnections)
	plain := &http.Client{Transport: base}
	session := &http.Client{Transport: &channel.Session{
		Transport: &channel.Transport{
			Base:  base,
			Plain: func(*http.Request) bool { return false },
			Recipient: func(context.Context, bool) (string, error) {
				answer, err := plain.Get(service + api.PathService)
				if err != nil {
					return "", err
				}
				defer answer.Body.Close()
				var s api.Service
				return s.Channel, json.NewDecoder(answer.Body).Decode(&s)
			},
		},
		Recipient: id.Recipient(),
		Answer:    func(challenge []byte) ([]byte, error) { return id.Answer(challenge, longestAnswer) },
	}}
	return func(method, path, body string) (int, string) {
		r, err := http.NewRequest(method, service+path, strings.NewReader(body))
		need(err)
		if body != "" {
			r.Header.Set("Content-Type", api.TypeJSON)
		}
		answer, err := session.Do(r)
		need(err)
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		need(err)
		return answer.StatusCode, string(text)
	}
}

// TestOperatorOverTheNetwork: the key that serve was told of manages the service,
// and no other key does.
func TestOperatorOverTheNetwork(t *testing.T) {
	operator := seal.NewIdentity()
	data := filepath.Join(t.TempDir(), "data")
	address, stop := startService(t.Fatalf, data, "--operator", operator.Recipient(), "--contact", "desk", "--contact-name", "The desk")
	defer stop()
	service := "http://" + address
	as, stranger := provenBy(t, operator, service), provenBy(t, seal.NewIdentity(), service)
	if code, body := as("GET", api.PathOperatorStatus, ""); code != 200 || !strings.Contains(body, `"state":"open"`) {
		t.Errorf("status: %d %s", code, body)
	}
	if code, body := as("POST", api.PathOperatorInvites, `{"for":"inbox","expires_in":3600}`); code != 201 || !strings.Contains(body, `"code":"`) {
		t.Errorf("an invite: %d %s", code, body)
	}
	if code, body := as("GET", api.PathOperatorClients, ""); code != 409 || !strings.Contains(body, "Tor runs apart") {
		t.Errorf("clients without a Tor: %d %s", code, body)
	}
	for _, path := range []string{api.PathOperatorStatus, api.PathOperatorAliases, api.PathOperatorClients} {
		if code, _ := stranger("GET", path, ""); code != 404 {
			t.Errorf("another key at %s: %d", path, code)
		}
	}
	client, err := api.NewClient(service, loopback)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if s, err := client.Service(t.Context()); err != nil || s.Contact != nil {
		t.Errorf("a contact without an inbox: %+v, %v", s.Contact, err)
	}
	to := seal.Recipients{operator.Recipient()}
	client.ThroughChannel()
	if _, err := asOwner(client, operator).OpenInbox(t.Context(), to.File(), api.Opening{Kind: api.KindInbox}); err != nil {
		t.Fatal(err)
	}
	if code, body := as("PUT", api.NamePath(api.PathOperatorAlias, "desk"), `{"inbox":"`+to.ID().String()+`"}`); code != 204 {
		t.Errorf("a name: %d %s", code, body)
	}
	if s, err := client.Service(t.Context()); err != nil || s.Contact == nil || s.Contact.Name != "The desk" || s.Contact.Inbox != api.InboxID(to.ID()) {
		t.Errorf("the contact: %+v, %v", s.Contact, err)
	}
}

// TestNamesWhileLocked: a service that cannot say which names there are does not
// say that there are none.
func TestNamesWhileLocked(t *testing.T) {
	v, err := vault.Open(filepath.Join(t.TempDir(), "data"), vault.Options{Volatile: true, Slots: 64, Quota: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	if r := (order{ListAliases: true}).carryOut(v); r.Result != resultFailed {
		t.Errorf("the answer is %+v", r)
	}
}
