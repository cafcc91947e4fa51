package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"filippo.io/age"
	"github.com/rogpeppe/go-internal/testscript"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/webui/api"
	"ashpost/webui/api/channel"
)

// fakeInbox is a service with one inbox, in it one letter and no notebook, that
// lies in one way.
type fakeInbox struct {
	*fake
	owner    seal.Identity
	keys     []byte // the recipients file it gives
	letter   []byte
	listed   api.List
	notebook []byte
	id       seal.InboxID
	line     string // of the key file
	address  string
	trusting atomic.Int32 // who would send it something
	writing  sync.Mutex   // of the notebook
}

// inboxLies are the ways to lie about an inbox.
var inboxLies = map[string]struct {
	prepare func(*fakeInbox)
	route   string // an end of the path whose answer is another one
	answer  func(*fake, http.ResponseWriter, *http.Request)
}{
	"honest": {},

	"swapped": {prepare: func(f *fakeInbox) { f.keys = seal.Recipients{seal.NewIdentity().Recipient()}.File() }},
	"joined": {prepare: func(f *fakeInbox) {
		more, err := seal.NewRecipients(f.owner.Recipient(), seal.NewIdentity().Recipient())
		need(err)
		f.keys = more.File()
	}},
	"nokeys": {prepare: func(f *fakeInbox) { f.keys = []byte("age1pq1nonsense\n") }},

	"bigger":       {prepare: func(f *fakeInbox) { f.listed.Messages[0].Size-- }},
	"smaller":      {prepare: func(f *fakeInbox) { f.listed.Messages[0].Size++ }},
	"astronomical": {prepare: func(f *fakeInbox) { f.listed.Messages[0].Size = api.MaxSize }},
	"impossible":   {prepare: func(f *fakeInbox) { f.listed.Messages[0].Size = api.MaxSize + 1 }},
	"circles":      {prepare: func(f *fakeInbox) { f.listed.Messages = append(f.listed.Messages, f.listed.Messages[0]) }},
	"endlesslist":  {route: "/0", answer: endless},
	"endless":      {route: "/messages/" + api.Reference{3}.Encode(), answer: endless},
	"movedlist":    {route: "/0", answer: redirect},
	"unproven":     {route: "/destroy-messages", answer: unproven},

	"locked": {route: "", answer: func(f *fake, w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/destroy") {
			unproven(f, w, r)
		} else {
			locked(f, w, r)
		}
	}},

	"stranger": {prepare: func(f *fakeInbox) { f.put(letterTo(f.owner, seal.InboxID{7}, seal.Head{}, nil)) }},
	"forged": {prepare: func(f *fakeInbox) {
		f.put(letterTo(f.owner, f.id, seal.Head{From: &seal.InboxID{9}}, &[32]byte{1}))
	}},
	"damaged":  {prepare: func(f *fakeInbox) { f.letter[len(f.letter)-1] ^= 1 }},
	"cut":      {prepare: func(f *fakeInbox) { f.put(f.letter[:len(f.letter)-100]) }},
	"notage":   {prepare: func(f *fakeInbox) { f.put([]byte(strings.Repeat("hello ", 100))) }},
	"parent":   {prepare: func(f *fakeInbox) { f.put(hostileLetter(f, "files/../../evil")) }},
	"absolute": {prepare: func(f *fakeInbox) { f.put(hostileLetter(f, "/tmp/ashpost-evil")) }},
	"turned":   {prepare: func(f *fakeInbox) { f.put(hostileLetter(f, "files/photo\u202egpj.exe")) }},
	"symlink":  {prepare: func(f *fakeInbox) { f.put(hostileLetter(f, "files/->/etc/passwd")) }},
	"startup":  {prepare: func(f *fakeInbox) { f.put(letterTo(f.owner, f.id, seal.Head{}, nil, ".profile", "-rf")) }},

	"badnotebook": {prepare: func(f *fakeInbox) {
		source := seal.NewIdentity()
		reply := &seal.Reply{Recipients: seal.Recipients{source.Recipient()}, Key: seal.ReplyKey(source, f.id)}
		f.put(letterTo(f.owner, f.id, seal.Head{Reply: reply}, &reply.Key))
		other, err := seal.SealNotebook(f.owner, seal.InboxID{5}, seal.Notebook{})
		need(err)
		f.notebook = other
	}},
	"nonotebook": {route: "/notebook", answer: func(_ *fake, w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			refuse(w, api.CodeFull)
		} else {
			refuse(w, api.CodeGone)
		}
	}},
}

// startFakeInbox is the script command. It writes the key file to "key".
func startFakeInbox(ts *testscript.TestScript, neg bool, args []string) {
	lie, ok := inboxLies[args[0]]
	if !ok {
		ts.Fatalf("no such lie")
	}
	var trapped atomic.Int32
	trap := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { trapped.Add(1) }))
	f := newFakeInbox()
	f.trap = trap.URL
	if lie.prepare != nil {
		lie.prepare(f)
	}
	server := f.serve(func(w http.ResponseWriter, r *http.Request) {
		if lie.answer != nil && strings.HasSuffix(r.URL.Path, lie.route) {
			lie.answer(f.fake, w, r)
		} else {
			f.truth(w, r)
		}
	})
	ts.Defer(func() {
		server.Close()
		trap.Close()
		if trapped.Load() > 0 {
			ts.Fatalf("a redirect was followed")
		}
		if !bytes.Equal(f.keys, seal.Recipients{f.owner.Recipient()}.File()) && f.trusting.Load() > 0 {
			ts.Fatalf("something was sent to swapped keys")
		}
	})
	ts.Setenv("INBOX", f.address)
	ts.Check(os.WriteFile(ts.MkAbs("key"), []byte(f.line), 0o600))
}

func newFakeInbox() *fakeInbox {
	// A key file as age-keygen makes it, without a passphrase.
	key, err := age.GenerateHybridIdentity()
	need(err)
	owner, err := seal.ParseIdentity(key.String())
	need(err)
	to := seal.Recipients{owner.Recipient()}
	f := &fakeInbox{fake: newFake(), owner: owner, keys: to.File(), id: to.ID(), line: key.String() + "\n"}
	f.listed = api.List{Messages: []api.Listed{{Message: api.Reference{3}, Serial: 1, ExpiresIn: 3600}}, Count: 2, Kind: api.KindInbox}
	f.put(letterTo(owner, f.id, seal.Head{}, nil, "true.txt"))
	return f
}

func (f *fakeInbox) serve(h http.HandlerFunc) *httptest.Server {
	server := httptest.NewServer(f.throughChannel(h))
	f.address = seal.InboxAddress{Service: server.URL, ID: f.id}.String()
	return server
}

func (f *fakeInbox) put(letter []byte) {
	f.letter = letter
	f.listed.Messages[0].Size = int64(len(letter))
}

// truth answers as an honest service would, to anybody.
func (f *fakeInbox) truth(w http.ResponseWriter, r *http.Request) {
	under, _ := strings.CutPrefix(r.URL.Path, api.InboxPath(api.PathInbox, api.InboxID(f.id)))
	switch {
	case under == "":
		w.Header().Set("Content-Type", api.TypeText)
		w.Header().Set(api.HeaderKind, string(api.KindInbox))
		w.Header().Set("Content-Length", strconv.Itoa(len(f.keys)))
		w.Write(f.keys)
	case strings.HasPrefix(under, "/list/"):
		answer(w, 200, f.listed)
	case strings.HasPrefix(under, "/letters/"):
		octets(w, f.along())
	case under == "/destroy":
		w.WriteHeader(http.StatusNoContent)
	case under == "/notebook":
		f.keep(w, r)
	case under == "/destroy-messages":
		answer(w, 200, api.Destroyed{Destroyed: 1})
	case strings.HasPrefix(under, "/messages/"):
		octets(w, f.letter)
	default:
		if strings.HasSuffix(r.URL.Path, "reservations") {
			f.trusting.Add(1)
		}
		f.fake.truth(w, r)
	}
}

// keep gives the notebook, or replaces the one that the writer has seen.
func (f *fakeInbox) keep(w http.ResponseWriter, r *http.Request) {
	f.writing.Lock()
	defer f.writing.Unlock()
	var there api.Edition
	if f.notebook != nil {
		there = api.EditionOf(f.notebook)
	}
	switch {
	case r.Method == http.MethodPut && r.Header.Get(api.HeaderReplaces) != there.Encode():
		refuse(w, api.CodeReplaced)
	case r.Method == http.MethodPut:
		var err error
		f.notebook, err = io.ReadAll(r.Body)
		need(err)
		w.WriteHeader(http.StatusNoContent)
	case f.notebook == nil:
		refuse(w, api.CodeGone)
	default:
		octets(w, f.notebook)
	}
}

// along is the list with the letter, if it is listed as small.
func (f *fakeInbox) along() []byte {
	all := f.listed.Facts()
	if which, _ := f.listed.Carried(); len(which) > 0 {
		all = append(all, f.letter...)
	}
	return all
}

func octets(w http.ResponseWriter, content []byte) {
	w.Header().Set("Content-Type", api.TypeBinary)
	w.Header().Set("Content-Length", strconv.Itoa(len(content)))
	w.Write(content)
}

// challenge begins an owner session, for whatever key it is asked.
func (f *fake) challenge(w http.ResponseWriter, in *channel.Request) {
	var asked channel.SessionRequest
	need(json.Unmarshal(in.Body, &asked))
	challenge, err := f.channels.Challenge(in, asked.Recipient)
	need(err)
	octets(w, challenge)
}

// letterTo makes a proper letter to one key, whatever inbox it names.
func letterTo(to seal.Identity, inbox seal.InboxID, h seal.Head, key *[32]byte, names ...string) []byte {
	keys := seal.Recipients{to.Recipient()}
	h.To, h.Time = keys.ID(), time.Unix(1_700_000_000, 0)
	l := seal.Letter{Head: h, Message: seal.Message{Text: "true text"}, Key: key}
	for _, name := range names {
		l.Message.Files = append(l.Message.Files, memory(name, []byte(name)))
	}
	var b bytes.Buffer
	need(seal.SealLetter(&b, keys, l))
	if inbox != keys.ID() {
		// The same bytes under another head: SealLetter writes to the inbox alone.
		return reencrypted(to, b.Bytes(), func(plain []byte) []byte {
			return bytes.Replace(plain, []byte(encoded(keys.ID())), []byte(encoded(inbox)), 1)
		})
	}
	return b.Bytes()
}

func encoded(id seal.InboxID) string { return api.Key(id).Encode() }

// reencrypted changes what is in an age file.
func reencrypted(owner seal.Identity, file []byte, change func([]byte) []byte) []byte {
	plain, err := owner.Answer(file, 1<<20)
	need(err)
	recipient, err := age.ParseHybridRecipient(owner.Recipient())
	need(err)
	var b bytes.Buffer
	e, err := age.Encrypt(&b, recipient)
	need(err)
	_, err = e.Write(change(plain))
	need(err)
	need(e.Close())
	return b.Bytes()
}

// hostileLetter has a true head, and behind it an entry that no writer of ours
// makes. "name->target" is a symbolic link.
func hostileLetter(f *fakeInbox, name string) []byte {
	return reencrypted(f.owner, f.letter, func(plain []byte) []byte {
		var b bytes.Buffer
		head := tar.NewReader(bytes.NewReader(plain))
		first, err := head.Next()
		need(err)
		b.Write(plain[:512+(first.Size+511)/512*512])
		w := tar.NewWriter(&b)
		h := &tar.Header{Name: name, Mode: 0o600, Size: 4, Typeflag: tar.TypeReg}
		if from, to, ok := strings.Cut(name, "->"); ok {
			h.Name, h.Linkname, h.Typeflag, h.Size = from+"link", to, tar.TypeSymlink, 0
		}
		need(w.WriteHeader(h))
		if h.Size > 0 {
			_, err = io.WriteString(w, "evil")
			need(err)
		}
		need(w.Close())
		b.Write(make([]byte, (8192-b.Len()%8192)%8192))
		return b.Bytes()
	})
}

func need(err error) {
	if err != nil {
		panic(err)
	}
}
