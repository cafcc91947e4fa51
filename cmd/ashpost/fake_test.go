package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"

	"filippo.io/age"
	"github.com/rogpeppe/go-internal/testscript"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/webui/api"
	"ashpost/webui/api/channel"
)

// fake is a service that holds one message and lies in one way.
type fake struct {
	link  seal.Link
	file  []byte      // the age file
	trap  string      // an address nothing may lead to
	claim http.Header // of the claim's answer, on top of the true ones

	channels *channel.Service
}

// lies are the ways, by the first words of the path they change; "" changes all.
var lies = map[string]struct {
	prepare func(*fake)
	route   string
	answer  func(*fake, http.ResponseWriter, *http.Request)
}{
	"locked":   {route: "", answer: locked},
	"redirect": {route: "claim", answer: redirect},
	"moved":    {route: "service", answer: redirect},
	"page":     {route: "claim", answer: page},
	"endless":  {route: "service", answer: endless},
	"headers":  {route: "service", answer: headers},
	"unproven": {route: "acknowledge", answer: unproven},
	"full":     {route: "reservations", answer: func(_ *fake, w http.ResponseWriter, _ *http.Request) { refuse(w, api.CodeFull) }},
	"shortref": {route: "reservations", answer: shortReference},
	"gone":     {route: "claim", answer: func(_ *fake, w http.ResponseWriter, _ *http.Request) { refuse(w, api.CodeGone) }},

	"biggerthansaid":  {prepare: func(f *fake) { f.claim.Set(api.HeaderSize, "9") }},
	"smallerthansaid": {prepare: func(f *fake) { f.claim.Set(api.HeaderSize, "99999") }},
	"sizeless":        {prepare: func(f *fake) { f.claim.Set(api.HeaderSize, "") }},
	"astronomical":    {prepare: func(f *fake) { f.claim.Set(api.HeaderSize, "9000000000000000000") }},

	"damaged":  {prepare: func(f *fake) { f.file[len(f.file)-1] ^= 1 }},
	"cut":      {prepare: func(f *fake) { f.file = f.file[:len(f.file)-100] }},
	"notage":   {prepare: func(f *fake) { f.file = []byte(strings.Repeat("hello ", 100)) }},
	"parent":   {prepare: func(f *fake) { f.file = hostile(f.link, "files/../../evil") }},
	"absolute": {prepare: func(f *fake) { f.file = hostile(f.link, "/tmp/ashpost-evil") }},
	"turned":   {prepare: func(f *fake) { f.file = hostile(f.link, "files/photo\u202egpj.exe") }},
	"symlink":  {prepare: func(f *fake) { f.file = hostile(f.link, "files/->/etc/passwd") }},
	"startup":  {prepare: func(f *fake) { f.file = sealed(f.link, "", ".profile", "-rf", "note.txt") }},
	"escapes":  {prepare: func(f *fake) { f.file = sealed(f.link, "\x1b]0;owned\x07\u202etxet") }},
	"guarded":  {prepare: func(f *fake) { f.link.Passphrase = true; f.file = sealed(f.link, "text") }},
	"lostend":  {prepare: func(f *fake) { f.link.Passphrase = true; f.file = sealed(f.link, "text"); f.link.Passphrase = false }},
}

func newFake() *fake {
	channels, err := channel.NewService()
	if err != nil {
		panic(err)
	}
	return &fake{claim: http.Header{}, channels: channels}
}

// startFake is the script command.
func startFake(ts *testscript.TestScript, neg bool, args []string) {
	lie, ok := lies[args[0]]
	if !ok {
		ts.Fatalf("no such lie")
	}
	var trapped atomic.Int32
	trap := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { trapped.Add(1) }))
	f := newFake()
	f.trap = trap.URL
	server := httptest.NewUnstartedServer(f.throughChannel(func(w http.ResponseWriter, r *http.Request) {
		if lie.answer != nil && strings.HasSuffix(r.URL.Path, lie.route) {
			lie.answer(f, w, r)
		} else {
			f.truth(w, r)
		}
	}))
	f.prepare("http://"+server.Listener.Addr().String(), lie.prepare)
	server.Start()
	ts.Defer(func() {
		server.Close()
		trap.Close()
		if trapped.Load() > 0 {
			ts.Fatalf("a redirect was followed")
		}
	})
	ts.Setenv("SERVICE", server.URL)
	ts.Setenv("LINK", f.link.String())
}

// throughChannel serves what comes through a channel, and plain requests too.
func (f *fake) throughChannel(serve http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != channel.Path {
			serve(w, r)
			return
		}
		record, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		in, err := f.channels.Open(r.Host, record)
		if err != nil {
			refuse(w, api.CodeChannel)
			return
		}
		out := in.Respond(w)
		if in.Path == channel.SessionPath {
			f.challenge(out, in)
			out.End()
			return
		}
		inner := r.Clone(r.Context())
		inner.Method, inner.URL.Path, inner.Header, inner.Body = in.Method, in.Path, in.Header, io.NopCloser(bytes.NewReader(in.Body))
		serve(out, inner)
		out.End()
	})
}

func (f *fake) recipient() string {
	r, err := f.channels.Recipient()
	if err != nil {
		panic(err)
	}
	return r
}

func (f *fake) prepare(service string, lie func(*fake)) {
	f.link = seal.Link{Service: service, Reference: [16]byte{1}, Token: seal.NewToken()}
	f.file = sealed(f.link, "true text", "true.txt")
	if lie != nil {
		lie(f)
	}
}

// truth answers as an honest service would.
func (f *fake) truth(w http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]; path {
	case "service":
		answer(w, 200, api.Service{State: api.Open, Channel: f.recipient(), Limits: api.Limits{Message: 1 << 30, Shortest: 60, Longest: 604800}})
	case "reservations":
		answer(w, 201, api.Reservation{Reference: api.Reference{1}, UploadKey: api.NewKey()})
	case "claim":
		head := http.Header{
			"Content-Type": {api.TypeBinary}, api.HeaderSize: {fmt.Sprint(len(f.file))}, api.HeaderReading: {"once"},
			api.HeaderLease: {"600"}, api.HeaderExpiresIn: {"3600"}, "Content-Length": {fmt.Sprint(len(f.file))},
		}
		for name, values := range f.claim {
			head[name] = values
		}
		for name, values := range head {
			w.Header()[name] = values
		}
		w.Write(f.file)
	case "acknowledge":
		w.WriteHeader(http.StatusNoContent)
	default:
		io.Copy(io.Discard, r.Body)
		answer(w, 201, api.Receipt{ExpiresIn: 3600})
	}
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", api.TypeJSON)
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

func refuse(w http.ResponseWriter, c api.Code) { answer(w, c.Status(), api.Refuse(c)) }

func locked(f *fake, w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "service") {
		answer(w, 200, api.Service{Channel: f.recipient(), State: api.Locked, Cause: "overdue"})
		return
	}
	refuse(w, api.CodeLocked)
}

func redirect(f *fake, w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, f.trap+r.URL.Path, http.StatusTemporaryRedirect)
}

func page(_ *fake, w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html")
	io.WriteString(w, "<h1>hello</h1>")
}

func endless(_ *fake, w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", api.TypeJSON)
	for _, err := io.WriteString(w, `{"state":"`); err == nil; _, err = io.WriteString(w, strings.Repeat("a", 1<<16)) {
	}
}

func headers(_ *fake, w http.ResponseWriter, _ *http.Request) {
	for i := range 1000 {
		w.Header().Set(fmt.Sprintf("X-%d", i), strings.Repeat("a", 100))
	}
}

func unproven(_ *fake, w http.ResponseWriter, _ *http.Request) { refuse(w, api.CodeNotProven) }

func shortReference(_ *fake, w http.ResponseWriter, _ *http.Request) {
	answer(w, 201, map[string]string{"reference": "AAAA", "upload_key": api.NewKey().Encode()})
}

// sealed makes a proper message whose attachments hold their names.
func sealed(l seal.Link, text string, names ...string) []byte {
	m := seal.Message{Text: text}
	for _, name := range names {
		m.Files = append(m.Files, memory(name, []byte(name)))
	}
	extra := ""
	if l.Passphrase {
		extra = "right words"
	}
	var b bytes.Buffer
	if err := seal.Seal(&b, l.Keys(), extra, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func memory(name string, content []byte) seal.File {
	return seal.File{Name: name, Size: int64(len(content)), Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(content)), nil
	}}
}

// hostile makes an age file that the link opens, around a container no writer of
// ours makes. "name->target" is a symbolic link.
func hostile(l seal.Link, name string) []byte {
	var container bytes.Buffer
	w := tar.NewWriter(&container)
	h := &tar.Header{Name: name, Mode: 0o600, Size: 4, Typeflag: tar.TypeReg}
	if from, to, ok := strings.Cut(name, "->"); ok {
		h.Name, h.Linkname, h.Typeflag, h.Size = from+"link", to, tar.TypeSymlink, 0
	}
	err := w.WriteHeader(h)
	if err == nil && h.Size > 0 {
		_, err = w.Write([]byte("evil"))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err)
	}
	passphrase, err := l.Keys().AgePassphrase("")
	if err != nil {
		panic(err)
	}
	recipient, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		panic(err)
	}
	recipient.SetWorkFactor(api.LinkWorkFactor)
	var b bytes.Buffer
	e, err := age.Encrypt(&b, recipient)
	if err != nil {
		panic(err)
	}
	e.Write(append(container.Bytes(), make([]byte, 8192-container.Len()%8192)...))
	e.Close()
	return b.Bytes()
}
