package webui

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"ashpost/vault"
	"ashpost/webui/api"
)

// A box is an inbox of some owners.
type box struct {
	owners []*age.HybridIdentity
	file   []byte
	id     api.InboxID
}

func (r *rig) boxOf(owners ...*age.HybridIdentity) *box {
	var lines []string
	for _, i := range owners {
		lines = append(lines, i.Recipient().String()+"\n")
	}
	slices.Sort(lines)
	b := &box{owners: owners, file: []byte(strings.Join(lines, ""))}
	b.id = api.InboxOf(b.file)
	return b
}

// newBox is an inbox of n owners, not opened yet.
func (r *rig) newBox(n int) *box {
	r.Helper()
	var owners []*age.HybridIdentity
	for range n {
		owners = append(owners, newIdentity(r))
	}
	return r.boxOf(owners...)
}

// opened is one that was.
func (r *rig) opened(n int) *box {
	r.Helper()
	b := r.newBox(n)
	r.want(201, r.by(b.owners[0]).openBox(b, api.KindInbox))
	return b
}

// by is the rig as seen through an owner session, anonymous the one through a
// channel of its own.
func (r *rig) by(i *age.HybridIdentity) *rig {
	other := *r
	other.client = &http.Client{Transport: r.client.Transport}
	other.tapped = other.owned(i)
	return &other
}

func (r *rig) anonymous() *rig {
	other := *r
	other.client = &http.Client{Transport: r.client.Transport}
	other.sealed()
	return &other
}

func (r *rig) openBox(b *box, kind api.Kind, head ...string) reply {
	r.Helper()
	head = append([]string{"Content-Type", api.TypeText, api.HeaderKind, string(kind), api.HeaderExpiresIn, "86400"}, head...)
	return r.do("PUT", api.InboxPath(api.PathInbox, b.id), b.file, head...)
}

// write sends a message into an inbox and gives its reference and the answer.
func (r *rig) write(b *box, file []byte) (*letter, reply) {
	r.Helper()
	l := r.letter(0)
	l.ciphertext = file
	return l, r.do("PUT", l.path(api.PathMessage), file, "Authorization", api.Bearer(l.upload), "Content-Type", api.TypeBinary,
		api.HeaderInbox, b.id.Encode(), api.HeaderExpiresIn, "86400")
}

func (r *rig) written(b *box, size int) *letter {
	r.Helper()
	l, a := r.write(b, hybridFile(len(b.owners), size))
	r.want(201, a)
	return l
}

func (r *rig) list(b *box, before uint64) (l api.List) {
	r.Helper()
	a := r.want(200, r.do("GET", api.ListPath(b.id, before), nil))
	if err := json.Unmarshal(a.body, &l); err != nil {
		r.Fatal(err)
	}
	return l
}

// note replaces a notebook, whatever is there.
func (r *rig) note(b *box, file []byte) reply {
	r.Helper()
	var there api.Edition
	if a := r.do("GET", api.InboxPath(api.PathNotebook, b.id), nil); a.status == http.StatusOK {
		there = api.EditionOf(a.body)
	}
	return r.noteOver(b, there.Encode(), file)
}

func (r *rig) noteOver(b *box, old string, file []byte) reply {
	r.Helper()
	return r.do("PUT", api.InboxPath(api.PathNotebook, b.id), file, "Content-Type", api.TypeBinary, api.HeaderReplaces, old)
}

func (r *rig) json(method, path string, v any) reply {
	r.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		r.Fatal(err)
	}
	return r.do(method, path, body, "Content-Type", api.TypeJSON)
}

const x25519Stanza = "-> X25519 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"

// hybridStanza has the shape of one of age for a post-quantum hybrid key.
func hybridStanza() string {
	bytes := make([]byte, 1120+32)
	rand.Read(bytes)
	text := base64.RawStdEncoding.EncodeToString
	return "-> mlkem768x25519 " + text(bytes[:1120]) + "\n" + text(bytes[1120:]) + "\n"
}

// ageWith is an age file with these stanzas and at least size bytes.
func ageWith(size int, stanzas ...string) []byte {
	header := "age-encryption.org/v1\n" + strings.Join(stanzas, "") + "--- " + base64.RawStdEncoding.EncodeToString(make([]byte, 32)) + "\n"
	file := make([]byte, max(size, len(header)+32))
	copy(file, header)
	rand.Read(file[len(header):])
	return file
}

// hybridFile is one for n keys.
func hybridFile(n, size int) []byte {
	var stanzas []string
	for range n {
		stanzas = append(stanzas, hybridStanza())
	}
	return ageWith(size, stanzas...)
}

// everything is what the vault holds of these inboxes, however it may be asked.
func (r *rig) everything(boxes ...*box) string {
	r.Helper()
	var all strings.Builder
	for _, b := range boxes {
		id := vault.InboxID(b.id)
		info, err := r.v.Inbox(id)
		fmt.Fprintf(&all, "%x %x %d %d %v\n", id, info.Recipients, info.Kind, info.Letters, err)
		letters, err := r.v.Letters(id, 0, api.MaxListed)
		for _, l := range letters.Letters {
			c, err := r.v.Letter(id, l.Reference)
			fmt.Fprintf(&all, "  %x %d %s %v\n", l.Reference, l.Serial, contentOf(r, c), err)
		}
		fmt.Fprintf(&all, "  %d %v %v\n", letters.Count, letters.More, err)
		for _, i := range b.owners {
			c, err := r.v.Notebook(id, keeper(&call{owner: i.Recipient().String()}))
			fmt.Fprintf(&all, "  %s %v\n", contentOf(r, c), err)
		}
	}
	st := r.v.Status()
	fmt.Fprint(&all, r.v.Aliases(), st.Used, st.Live, st.Inboxes, st.Letters, st.Bytes, st.Open)
	return all.String()
}

func contentOf(r *rig, c *vault.Content) string {
	if c == nil {
		return ""
	}
	data := make([]byte, c.Size())
	if n, err := c.ReadAt(data, 0); n < len(data) {
		r.Fatal(err)
	}
	return fmt.Sprintf("%x", data)
}

// same fails if what f does changed anything in the inboxes.
func (r *rig) same(what string, f func(), boxes ...*box) {
	r.Helper()
	before := r.everything(boxes...)
	f()
	if after := r.everything(boxes...); after != before {
		r.Errorf("%s changed the vault", what)
	}
}

// operators is an operator, and what they did.
type operators struct {
	id      *age.HybridIdentity
	unlocks []string
	clients []string
}

// configured starts a rig with a policy and an operator.
func configured(t testing.TB, o setup, p Policy) (*rig, *operators) {
	o.policy = p
	op := &operators{id: newIdentity(t)}
	o.operator = &Operator{
		Recipient: op.id.Recipient().String(),
		Status:    func() any { return map[string]string{"state": "of the operator"} },
		Unlock: func(cause string) error {
			op.unlocks = append(op.unlocks, cause)
			return nil
		},
		Clients: func() ([]string, error) { return op.clients, nil },
		AddClient: func(name string) (string, error) {
			op.clients = append(op.clients, name)
			return "line of " + name, nil
		},
		RemoveClient: func(name string) error {
			op.clients = slices.DeleteFunc(op.clients, func(c string) bool { return c == name })
			return nil
		},
	}
	return start(t, o), op
}

// invite makes a code.
func (r *rig) invite(links bool) string {
	r.Helper()
	code, err := r.v.NewInvite(links, time.Hour)
	if err != nil {
		r.Fatal(err)
	}
	return api.Invite(code).Encode()
}

func equalAnswers(a, b reply) bool {
	return a.status == b.status && a.last == b.last && bytes.Equal(a.body, b.body) && fmt.Sprint(a.header) == fmt.Sprint(b.header)
}
