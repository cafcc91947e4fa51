package e2e

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/webui/api"
	"ashpost/webui/api/channel"
	"ashpost/webui/webtest"
)

// liar is a service under the address of the true one, with its pages, that
// holds one inbox and lies about it.
type liar struct {
	t        *testing.T
	channels *channel.Service
	pages    http.Handler
	keys     []byte // of the inbox, as it says
	id       api.InboxID
	list     api.List
	letters  map[string][]byte
	notebook []byte
	lie      http.HandlerFunc // true where it answers; nil
	route    string           // end of the path that it answers
	asked    atomic.Int32     // for a place to write to
}

// newLiar begins with the truth about an inbox.
func newLiar(t *testing.T, to seal.Recipients) *liar {
	t.Helper()
	channels, err := channel.NewService()
	check(t, err)
	preview, err := url.Parse(world.service.says(t, "ashpost: preview on this machine: "))
	check(t, err)
	pages := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(preview)
		r.Out.Header.Del("Origin") // which is the onion's
	}}
	return &liar{
		t: t, channels: channels, pages: pages, keys: to.File(), id: api.InboxID(to.ID()),
		list: api.List{Kind: api.KindInbox}, letters: map[string][]byte{},
	}
}

// holds adds a letter.
func (l *liar) holds(letter []byte) *api.Listed {
	n := uint64(len(l.list.Messages) + 1)
	listed := api.Listed{Message: api.Reference{byte(n)}, Serial: n, Size: int64(len(letter)), ExpiresIn: 3600}
	l.letters[listed.Message.Encode()] = letter
	l.list.Messages = append([]api.Listed{listed}, l.list.Messages...)
	l.list.Count++
	return &l.list.Messages[0]
}

// visited starts a browser that takes the liar for the service.
func (l *liar) visited(k kind, o webtest.Options) *correspondent {
	l.t.Helper()
	server := httptest.NewServer(l)
	l.t.Cleanup(server.Close)
	host := strings.TrimPrefix(world.service.address(), "http://") + ":80"
	proxy, err := webtest.NewProxy(webtest.Route{Host: host, Target: strings.TrimPrefix(server.URL, "http://")})
	check(l.t, err)
	p := settle(l.t, k, o, proxy)
	return &correspondent{p, world.service.address(), (&inspector{p, inspection(l.t), ""}).passes}
}

func (l *liar) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	default:
		l.pages.ServeHTTP(w, r)
	case api.PathService:
		recipient, err := l.channels.Recipient()
		if err != nil {
			panic(err)
		}
		says(w, 200, api.Service{State: api.Open, Channel: recipient, Inboxes: api.Anyone, Links: api.Anyone, Limits: api.Limits{
			Message: 1 << 26, Inbox: 1 << 26, Reply: 1 << 25, Small: api.SmallSize, Part: api.PartSize, Shortest: 60, Longest: 604800}})
	case channel.Path:
		record, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		in, err := l.channels.Open(r.Host, record)
		if err != nil {
			says(w, api.CodeChannel.Status(), api.Refuse(api.CodeChannel))
			return
		}
		out := in.Respond(w)
		l.inside(out, in)
		out.End()
	}
}

// inside answers what came through the channel, to anybody.
func (l *liar) inside(w http.ResponseWriter, in *channel.Request) {
	if strings.HasSuffix(in.Path, "/reservations") {
		l.asked.Add(1)
	}
	if l.lie != nil && strings.HasSuffix(in.Path, l.route) {
		l.lie(w, nil)
		return
	}
	under, _ := strings.CutPrefix(in.Path, api.InboxPath(api.PathInbox, l.id))
	_, letter, _ := strings.Cut(under, "/messages/")
	switch {
	case in.Path == channel.SessionPath:
		var asked channel.SessionRequest
		_ = json.Unmarshal(in.Body, &asked)
		challenge, err := l.channels.Challenge(in, asked.Recipient)
		if err != nil {
			panic(err)
		}
		gives(w, challenge)
	case under == "":
		w.Header().Set(api.HeaderKind, string(l.list.Kind))
		gives(w, l.keys)
	case strings.HasPrefix(under, "/letters/"):
		gives(w, l.along())
	case under == "/notebook" && in.Method == http.MethodGet && l.notebook != nil:
		gives(w, l.notebook)
	case under == "/notebook" && in.Method == http.MethodGet:
		says(w, api.CodeGone.Status(), api.Refuse(api.CodeGone))
	case letter != "":
		gives(w, l.letters[letter])
	case in.Path == api.PathReservations:
		says(w, 201, api.Reservation{Reference: api.Reference{9}, UploadKey: api.NewKey()})
	case under == "/notebook":
		w.WriteHeader(http.StatusNoContent)
	default:
		says(w, 201, api.Receipt{ExpiresIn: 3600})
	}
}

// along is the list with the letters that it says are small, as package api draws it.
func (l *liar) along() []byte {
	b := []byte{1, 0}
	b = binary.BigEndian.AppendUint16(b, uint16(len(l.list.Messages)))
	b = binary.BigEndian.AppendUint32(b, uint32(l.list.Count))
	for _, m := range l.list.Messages {
		b = append(b, m.Message[:]...)
		for _, n := range []uint64{m.Serial, uint64(m.Size), uint64(m.ExpiresIn)} {
			b = binary.BigEndian.AppendUint64(b, n)
		}
	}
	for _, m := range l.list.Messages {
		if m.Size <= api.SmallSize {
			b = append(b, l.letters[m.Message.Encode()]...)
		}
	}
	return b
}

func says(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", api.TypeJSON)
	w.WriteHeader(status)
	_, _ = w.Write(b)
}

func gives(w http.ResponseWriter, content []byte) {
	w.Header().Set("Content-Type", api.TypeBinary)
	w.Header().Set("Content-Length", strconv.Itoa(len(content)))
	_, _ = w.Write(content)
}

// endless never comes to an end.
func endless(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", api.TypeBinary)
	for _, err := w.Write(nil); err == nil; _, err = w.Write(bytes.Repeat([]byte{'a'}, 1<<16)) {
	}
}
