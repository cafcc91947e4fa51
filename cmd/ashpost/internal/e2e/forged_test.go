package e2e

import (
	"bytes"
	"context"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/webui/api"
)

// forgers have the whole service: every inbox's ID and keys, and whatever they
// like to put there. They do not have anybody's identity.
type forger struct {
	testing.TB
	client *api.Client
}

func newForger(t testing.TB) forger {
	t.Helper()
	preview := strings.TrimSuffix(world.service.says(t, "ashpost: preview on this machine: "), "/")
	u, err := url.Parse(preview)
	check(t, err)
	client, err := api.NewClient(preview, func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, u.Host)
	})
	check(t, err)
	t.Cleanup(client.Close)
	return forger{t, client}
}

// writes puts a letter into an inbox.
func (f forger) writes(inbox seal.InboxID, text string, from *seal.InboxID, reply *seal.Reply, key *[32]byte) {
	f.Helper()
	file, _, err := f.client.Inbox(f.Context(), api.InboxID(inbox))
	check(f.TB, err)
	to, err := seal.ParseRecipients(file)
	check(f.TB, err)
	var b bytes.Buffer
	check(f.TB, seal.SealLetter(&b, to, seal.Letter{
		Head: seal.Head{To: inbox, Time: time.Now(), From: from, Reply: reply}, Message: seal.Message{Text: text}, Key: key,
	}))
	hold, err := f.client.ReserveLetter(f.Context(), api.InboxID(inbox), int64(b.Len()))
	check(f.TB, err)
	_, err = f.client.UploadStream(f.Context(), hold, &b, int64(b.Len()), api.Terms{ExpiresIn: 3600, Inbox: api.InboxID(inbox)}, func(int64) {})
	check(f.TB, err)
}

// findsForgeries: what somebody who has the service writes in the name of either
// is shown apart, by the page and by the command, and cannot be answered.
func (c *correspondent) findsForgeries(desk keyring, words string) {
	c.t.Helper()
	f := newForger(c.t)
	at, err := seal.ParseInboxAddress(desk.address)
	check(c.t, err)
	code, err := seal.ParseCodename(words)
	check(c.t, err)
	source, err := code.Identity(strings.TrimPrefix(c.site, "http://"))
	check(c.t, err)
	mine := seal.Recipients{source.Recipient()}
	keys, _, err := f.client.Inbox(c.t.Context(), api.InboxID(at.ID))
	check(c.t, err)
	team, err := seal.ParseRecipients(keys)
	check(c.t, err)

	f.writes(mine.ID(), "Forged with a key of their own.", &at.ID, nil, &[32]byte{1})
	f.writes(mine.ID(), "Forged without a key.", &at.ID, nil, nil)
	f.writes(mine.ID(), "Forged as a first letter.", nil, &seal.Reply{Recipients: team, Key: [32]byte{2}}, nil)
	f.writes(at.ID, "Forged as the source.", nil, &seal.Reply{Recipients: mine, Key: [32]byte{3}}, nil)
	f.writes(at.ID, "Forged as an answer of the source.", new(mine.ID()), nil, &[32]byte{4})

	c.returns(words)
	c.waits("#strangers li:nth-child(3)")
	c.sees("Do not act on them.")
	c.shoots("forged answers")
	c.looks("forged answers")
	c.marks("#strangers", 3, "Not from this conversation. Somebody else may have written it.")
	c.marks("#letters", 1, "From this conversation.")

	for n, l := range desk.lists(c.t)[:2] {
		if r := desk.runs(c.t, "", "read", desk.address, l.ID); l.Standing != "not-from-conversation" || r.code != 0 || !strings.Contains(r.err, "NOT from this conversation") {
			c.t.Errorf("%d: %+v, %+v", n, l, r)
		}
		if r := desk.runs(c.t, "To a forger.", "reply", desk.address, l.ID); r.code != 7 {
			c.t.Errorf("%d: %+v", n, r)
		}
	}
	c.opensTeam(desk)
	c.waits("#list")
	c.sees("With something that is not from this conversation")
	if excerpt := c.reads("document.querySelector('#talks .excerpt').textContent"); strings.Contains(excerpt, "Forged") {
		c.t.Errorf("the conversation is shown with %q", excerpt)
	}
	c.clicks("#talks .open")
	c.sees("Forged as the source.")
	c.looks("forged questions")
	marks := c.reads(`Array.from(document.querySelectorAll("#letters li"), l => l.querySelector(".text").textContent.startsWith("Forged") === (l.querySelector(".mark").textContent === "Not from this conversation. Somebody else may have written it.")).join()`)
	if strings.Contains(marks, "false") || strings.Count(marks, "true") != 4 {
		c.t.Errorf("%s", marks)
	}
}

// marks: the list has so many letters, each with this mark.
func (c *correspondent) marks(list string, n int, mark string) {
	c.t.Helper()
	got := c.reads(`Array.from(document.querySelectorAll("` + list + ` .mark"), m => m.textContent).join("|")`)
	if want := strings.Repeat("|"+mark, n)[1:]; got != want {
		c.t.Errorf("%s: %q, want %q", list, got, want)
	}
}

// mailboxOf is the address of the inbox of one key.
func mailboxOf(t testing.TB, service, public string) string {
	t.Helper()
	keys, err := seal.NewRecipients(public)
	check(t, err)
	return seal.InboxAddress{Service: service, ID: keys.ID()}.String()
}
