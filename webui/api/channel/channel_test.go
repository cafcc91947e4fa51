package channel

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const host = "secretaddress.onion"

// rig is a client and a service with what lies between them.
type rig struct {
	t         *testing.T
	service   *Service
	transport *Transport
	handle    func(*Request) (int, http.Header, []byte)
	between   func(record []byte) []byte // what is done to records on their way
	back      func(answer []byte) []byte // and to answers
	asked     int                        // for the recipient
	mu        sync.Mutex
	records   [][]byte
}

func newRig(t *testing.T) *rig {
	t.Helper()
	s, err := NewService()
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, service: s}
	r.handle = func(q *Request) (int, http.Header, []byte) { return 200, http.Header{}, q.Body }
	r.transport = &Transport{Base: r, Plain: func(q *http.Request) bool { return q.URL.Path == "/api/v1/service" },
		Recipient: func(context.Context, bool) (string, error) { r.asked++; return s.Recipient() }}
	return r
}

// RoundTrip is the way between the two.
func (r *rig) RoundTrip(q *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	if q.URL.Path != Path {
		io.WriteString(w, "plain")
		return w.Result(), nil
	}
	record, err := io.ReadAll(q.Body)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	r.records = append(r.records, bytes.Clone(record))
	r.mu.Unlock()
	if r.between != nil {
		record = r.between(record)
	}
	in, err := r.service.Open(q.URL.Host, record)
	if err != nil {
		w.WriteHeader(http.StatusConflict)
		io.WriteString(w, `{"code":"channel"}`)
		return w.Result(), nil
	}
	status, header, body := r.handle(in)
	sealed := httptest.NewRecorder()
	out := in.Respond(sealed)
	lies := header.Get("Content-Length") != ""
	if !lies {
		header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	for name := range header {
		out.Header()[name] = header[name]
	}
	out.WriteHeader(status)
	out.Write(body)
	if err := out.End(); err != nil || !lies && sealed.Header().Get("Content-Length") != strconv.Itoa(sealed.Body.Len()) {
		r.t.Errorf("%s bytes announced, %d sent: %v", sealed.Header().Get("Content-Length"), sealed.Body.Len(), err)
	}
	answer := sealed.Body.Bytes()
	if r.back != nil {
		answer = r.back(answer)
	}
	w.Write(answer)
	return w.Result(), nil
}

func (r *rig) send(method, path string, header http.Header, body []byte) (*http.Response, []byte, error) {
	q, err := http.NewRequest(method, "http://"+host+path, bytes.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	for name, values := range header {
		q.Header[name] = values
	}
	answer, err := r.transport.RoundTrip(q)
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(answer.Body)
	return answer, got, err
}

func TestThereAndBack(t *testing.T) {
	r := newRig(t)
	r.handle = func(q *Request) (int, http.Header, []byte) {
		if q.Method != "PUT" || q.Path != "/api/v1/messages/x" || q.Header.Get("Authorization") != "Bearer k" || q.Header.Get("User-Agent") != "" {
			t.Errorf("%+v", q)
		}
		return 201, http.Header{"Content-Type": {"text/plain"}, "Ashpost-Size": {"7"}, "Server": {"x"}}, q.Body
	}
	for _, size := range []int{0, 1, frameSize - 100, frameSize, frameSize + 1, 3 * frameSize, 1 << 20} {
		body := bytes.Repeat([]byte{7}, size)
		answer, got, err := r.send("PUT", "/api/v1/messages/x", http.Header{"Authorization": {"Bearer k"}, "User-Agent": {"me"}}, body)
		if err != nil || answer.StatusCode != 201 || !bytes.Equal(got, body) {
			t.Fatalf("%d bytes: %v", size, err)
		}
		if answer.Header.Get("Ashpost-Size") != "7" || answer.Header.Get("Server") != "" {
			t.Errorf("%v", answer.Header)
		}
	}
	for i, record := range r.records {
		if bytes.Contains(record, []byte("Bearer")) || bytes.Contains(record, []byte("messages")) {
			t.Error("the request can be read")
		}
		if want := byte(0); i > 0 && record[1] != want || i == 0 && record[1] != 1 {
			t.Errorf("record %d is of kind %d", i, record[1])
		}
	}
	if r.asked != 1 {
		t.Errorf("the recipient was asked for %d times", r.asked)
	}
}

func TestPlainRequestsPass(t *testing.T) {
	r := newRig(t)
	if _, got, err := r.send("GET", "/api/v1/service", nil, nil); err != nil || string(got) != "plain" || len(r.records) != 0 {
		t.Errorf("%q: %v", got, err)
	}
}

// TestEveryRecordedRequestIsRefused: replayed as it was, with the opening, on the
// same channel or after it went.
func TestEveryRecordedRequestIsRefused(t *testing.T) {
	r := newRig(t)
	for range 70 { // more than the window
		if _, _, err := r.send("POST", "/api/v1/reservations", nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	replay := func(when string) {
		for i, record := range r.records {
			if _, err := r.service.Open(host, bytes.Clone(record)); !errors.Is(err, ErrRefused) {
				t.Errorf("%s: record %d: %v", when, i, err)
			}
		}
	}
	replay("at once")
	r.service.mu.Lock()
	r.service.open = keep(mostChannels, idleAfter) // as if the channels had been idle for long
	r.service.mu.Unlock()
	replay("after its channel went")
	if err := r.service.Forget(); err != nil {
		t.Fatal(err)
	}
	replay("after a lock")
}

func TestChangedRecordsAreRefused(t *testing.T) {
	r := newRig(t)
	body := bytes.Repeat([]byte{1}, frameSize)
	if _, _, err := r.send("PUT", "/api/v1/messages/x", nil, body); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.send("PUT", "/api/v1/messages/x", nil, body); err != nil {
		t.Fatal(err)
	}
	whole := bytes.Clone(r.records[1])
	refused := func(what string, record []byte) {
		t.Helper()
		if _, err := r.service.Open(host, record); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", what, err)
		}
	}
	number := bytes.Clone(whole)
	number[25] = 9 // not used before: only the frames can tell
	refused("another number", number)
	for _, at := range []int{0, 1, 2, recordHead, len(whole) - 1} {
		changed := bytes.Clone(number)
		changed[at] ^= 1
		refused("a changed byte", changed)
	}
	for n := range 40 {
		refused("cut", whole[:min(n, len(whole))])
	}
	refused("without the last frame", whole[:recordHead+frameSize+overhead])
	frames := whole[recordHead:]
	swapped := append(bytes.Clone(whole[:recordHead]), frames[frameSize+overhead:]...)
	refused("frames swapped", append(swapped, frames[:frameSize+overhead]...))
	refused("nothing", nil)

	other := newRig(t)
	refused("of another channel", first(other))
	if _, err := other.service.Open("another.onion", first(other)); !errors.Is(err, ErrRefused) {
		t.Error("the address of another service does not count")
	}
}

// first gives a record of a new channel that never arrived.
func first(r *rig) []byte {
	record := make(chan []byte, 1)
	r.between = func(sent []byte) []byte {
		select {
		case record <- bytes.Clone(sent):
		default:
		}
		return nil
	}
	r.send("GET", "/api/v1/x", nil, nil)
	return <-record
}

func TestChangedAnswersAreRefused(t *testing.T) {
	large := bytes.Repeat([]byte{1}, 2*frameSize)
	for name, change := range map[string]func([]byte) []byte{
		"a byte":          func(a []byte) []byte { a[len(a)/2] ^= 1; return a },
		"the first frame": func(a []byte) []byte { return a[frameSize+overhead:] },
		"the last frame":  func(a []byte) []byte { return a[:2*(frameSize+overhead)] },
		"the end":         func(a []byte) []byte { return a[:len(a)-1] },
		"all":             func(a []byte) []byte { return nil },
		"more":            func(a []byte) []byte { return append(a, 0) },
		"plain":           func(a []byte) []byte { return []byte("200\n\nyou win") },
	} {
		r := newRig(t)
		r.back = change
		if _, got, err := r.send("PUT", "/api/v1/x", nil, large); !errors.Is(err, ErrAnswer) {
			t.Errorf("%s changed: %d bytes, %v", name, len(got), err)
		}
	}
}

// TestAnswersAreNotExchanged: an answer to another request of the same channel.
// TestAnswersHaveTheirLength: an answer that is whole and shorter, or longer, than
// it says is none.
func TestAnswersHaveTheirLength(t *testing.T) {
	r := newRig(t)
	for length, whole := range map[string]bool{"0": false, "4": false, "5": true, "6": false, "100000": false} {
		r.handle = func(*Request) (int, http.Header, []byte) {
			return 200, http.Header{"Content-Length": {length}}, []byte("12345")
		}
		if _, got, err := r.send("GET", "/api/v1/x", nil, nil); whole != (err == nil) || whole && string(got) != "12345" ||
			!whole && !errors.Is(err, ErrAnswer) {
			t.Errorf("%s for 5: %q, %v", length, got, err)
		}
	}
}

func TestAnswersAreNotExchanged(t *testing.T) {
	r := newRig(t)
	var before []byte
	r.back = func(a []byte) []byte {
		now := a
		if before != nil {
			now = before
		}
		before = bytes.Clone(a)
		return now
	}
	if _, _, err := r.send("GET", "/api/v1/x", nil, nil); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.send("GET", "/api/v1/x", nil, nil); !errors.Is(err, ErrAnswer) {
		t.Errorf("an older answer was taken: %v", err)
	}
}

// TestForgottenChannelIsOpenedAgain: once, without the caller noticing.
func TestForgottenChannelIsOpenedAgain(t *testing.T) {
	r := newRig(t)
	for range 3 {
		if _, _, err := r.send("GET", "/api/v1/x", nil, nil); err != nil {
			t.Fatal(err)
		}
		if err := r.service.Forget(); err != nil {
			t.Fatal(err)
		}
	}
	if r.asked != 3 {
		t.Errorf("the recipient was asked for %d times", r.asked)
	}
	r.between = func([]byte) []byte { return nil }
	if _, _, err := r.send("GET", "/api/v1/x", nil, nil); !errors.Is(err, ErrAnswer) {
		t.Errorf("a service that opens nothing: %v", err)
	}
}

func TestLostAnswerLeavesTheChannel(t *testing.T) {
	r := newRig(t)
	lost := errors.New("lost")
	base := r.transport.Base
	r.transport.Base = roundTripper(func(q *http.Request) (*http.Response, error) {
		if _, err := base.RoundTrip(q); err != nil {
			t.Error(err)
		}
		return nil, lost
	})
	if _, _, err := r.send("GET", "/api/v1/x", nil, nil); !errors.Is(err, lost) {
		t.Fatal(err)
	}
	r.transport.Base = base
	if _, _, err := r.send("GET", "/api/v1/x", nil, nil); err != nil || r.asked != 1 {
		t.Errorf("%d openings, %v", r.asked, err)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(q *http.Request) (*http.Response, error) { return f(q) }

func TestRefusalsFromOutside(t *testing.T) {
	for body, passes := range map[string]bool{
		`{"code":"busy","message":"x"}`: true, `{"code":"internal","message":"x"}`: true,
		`{"code":"gone","message":"x"}`: false, `{"code":"locked"}`: false, `<html>`: false, ``: false,
	} {
		r := newRig(t)
		r.transport.Base = roundTripper(func(*http.Request) (*http.Response, error) {
			w := httptest.NewRecorder()
			w.WriteHeader(429)
			io.WriteString(w, body)
			return w.Result(), nil
		})
		answer, got, err := r.send("GET", "/api/v1/x", nil, nil)
		if passes != (err == nil) || passes && (answer.StatusCode != 429 || string(got) != body) {
			t.Errorf("%q: %v", body, err)
		}
	}
}

func TestParallelRequests(t *testing.T) {
	r := newRig(t)
	var asked atomic.Int32
	r.transport.Recipient = func(context.Context, bool) (string, error) { asked.Add(1); return r.service.Recipient() }
	var all sync.WaitGroup
	for range 16 { // 64 requests: none can fall out of the window
		all.Go(func() {
			for range 4 {
				if _, _, err := r.send("POST", "/api/v1/x", nil, []byte("body")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if asked.Load() != 1 {
		t.Errorf("%d channels", asked.Load())
	}
}

// TestKeysAge: an hour's page still works, after two hours the key is gone.
func TestKeysAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		old, _ := r.service.Recipient()
		record := func() []byte {
			r.transport.now = nil
			r.transport.Recipient = func(context.Context, bool) (string, error) { return old, nil }
			return first(r)
		}
		time.Sleep(renewAfter)
		if again, _ := r.service.Recipient(); again == old {
			t.Error("the identity was not renewed")
		}
		if _, err := r.service.Open(host, record()); err != nil {
			t.Errorf("after an hour: %v", err)
		}
		unused := record()
		time.Sleep(renewAfter)
		if _, err := r.service.Open(host, unused); !errors.Is(err, ErrRefused) {
			t.Errorf("after two hours: %v", err)
		}
	})
}

func TestIdleChannelsGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.send("GET", "/api/v1/x", nil, nil)
		time.Sleep(idleAfter)
		if _, _, err := r.send("GET", "/api/v1/x", nil, nil); err != nil || r.asked != 2 {
			t.Errorf("%d openings, %v", r.asked, err)
		}
	})
}

// TestTidy: keys go in time where nobody asks for anything.
func TestTidy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.send("GET", "/api/v1/x", nil, nil)
		first := r.service.current
		tidy := func(after time.Duration) {
			time.Sleep(after)
			if err := r.service.Tidy(); err != nil {
				t.Fatal(err)
			}
		}
		if tidy(idleAfter - 1); len(r.service.open.byID) != 1 {
			t.Error("a channel went too early")
		}
		if tidy(1); len(r.service.open.byID) != 0 {
			t.Error("an idle channel stays")
		}
		if tidy(renewAfter - idleAfter); r.service.current == first || r.service.before != first {
			t.Error("the identity was not renewed after an hour")
		}
		if tidy(renewAfter); r.service.before == first {
			t.Error("the identity stays for longer than two hours")
		}
	})
}

// TestRefusedRecordsKeepNothingOpen: who sends a record again does not keep a channel open.
func TestRefusedRecordsKeepNothingOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.send("GET", "/api/v1/x", nil, nil)
		time.Sleep(idleAfter - 1)
		if _, err := r.service.Open(host, bytes.Clone(r.records[0])); !errors.Is(err, ErrRefused) || errors.Is(err, ErrUnknown) {
			t.Errorf("a replay: %v", err)
		}
		time.Sleep(1)
		if _, err := r.service.Open(host, bytes.Clone(r.records[0])); !errors.Is(err, ErrUnknown) {
			t.Errorf("an opening that was seen: %v", err)
		}
	})
}

// TestOpeningOfAnotherChannel: the id is that of the opening, on a channel that is
// open, too.
func TestOpeningOfAnotherChannel(t *testing.T) {
	r, other := newRig(t), newRig(t)
	record, foreign := first(r), first(other)
	mixed := slices.Concat(record[:recordHead], foreign[recordHead:recordHead+openingSize], record[recordHead+openingSize:])
	for range 2 {
		if _, err := r.service.Open(host, bytes.Clone(mixed)); !errors.Is(err, ErrRefused) {
			t.Errorf("%v", err)
		}
		r.service.Open(host, bytes.Clone(record))
	}
}

func TestRoomForChannels(t *testing.T) {
	r := newRig(t)
	now := time.Now()
	r.service.now = func() time.Time { now = now.Add(time.Millisecond); return now }
	for n := range mostChannels + 1 {
		id := ID{byte(n), byte(n >> 8)}
		if _, err := r.service.adopt(&open{shared: shared{id: id}}, r.service.current); err != nil {
			t.Fatal(err)
		}
	}
	if first := r.service.open.get(ID{}, now); first != nil || len(r.service.open.byID) != mostChannels || r.service.open.order.Len() != mostChannels {
		t.Errorf("%d channels, the idlest among them: %v", len(r.service.open.byID), first)
	}
}

func TestManyOpeningsRenewTheIdentity(t *testing.T) {
	r := newRig(t)
	e := r.service.current
	for n := range mostOpenings - 1 {
		e.seen[ID{1, byte(n), byte(n >> 8)}] = struct{}{}
	}
	if _, _, err := r.send("GET", "/api/v1/x", nil, nil); err != nil {
		t.Fatal(err)
	}
	if r.service.current == e || r.service.before != nil {
		t.Error("the identity stays")
	}
	if _, err := r.service.Open(host, r.records[0]); !errors.Is(err, ErrRefused) {
		t.Errorf("replayed: %v", err)
	}
}

// TestWindow compares with a plain model: every number once, and none that is 64
// below the highest.
func TestWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w window
		seen, highest, any := map[uint64]bool{}, uint64(0), false
		for _, n := range rapid.SliceOf(rapid.OneOf(rapid.Uint64Range(0, 200), rapid.Uint64())).Draw(t, "numbers") {
			want := !seen[n] && (!any || n > highest || highest-n < 64)
			if got := w.accept(n); got != want {
				t.Fatalf("%d: %v", n, got)
			}
			if want {
				seen[n], highest, any = true, max(highest, n), true
			}
		}
	})
}

// TestFrames: any cut into writes gives the same bytes, and reads them back.
func TestFrames(t *testing.T) {
	keys, err := derive(make([]byte, 32), host, "r", nil)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.OneOf(rapid.IntRange(0, 3*frameSize), rapid.SampledFrom([]int{frameSize - 1, frameSize, frameSize + 1, 2 * frameSize})).Draw(t, "size")
		text := bytes.Repeat([]byte{0xa5}, size)
		number := rapid.Uint64().Draw(t, "number")
		var sealed bytes.Buffer
		w := &frameWriter{to: &sealed, key: keys.client, id: keys.id, number: number}
		for rest := text; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "piece")
			w.Write(rest[:n])
			rest = rest[n:]
		}
		if err := w.Close(); err != nil || int64(sealed.Len()) != sealedSize(int64(size)) {
			t.Fatalf("%d bytes for %d: %v", sealed.Len(), size, err)
		}
		announced := rapid.SampledFrom([]int64{-1, int64(sealed.Len())}).Draw(t, "announced")
		streamed, err := io.ReadAll(newFrameReader(iotest(&sealed, rapid.IntRange(1, 70000).Draw(t, "read")), announced, keys.client, keys.id, number))
		if err != nil || !bytes.Equal(streamed, text) {
			t.Fatalf("streamed: %v", err)
		}
		if _, err := io.ReadAll(newFrameReader(&sealed, int64(rapid.IntRange(0, sealed.Len()-1).Draw(t, "lie")), keys.client, keys.id, number)); err == nil && size < frameSize {
			t.Fatal("an answer longer than it said was read")
		}
	})
}

// iotest gives a copy of what b holds in reads of at most n bytes.
func iotest(b *bytes.Buffer, n int) io.Reader {
	return &pieces{bytes.NewReader(b.Bytes()), n}
}

type pieces struct {
	from io.Reader
	most int
}

func (p *pieces) Read(b []byte) (int, error) { return p.from.Read(b[:min(len(b), p.most)]) }

// TestCutConnectionIsNotTheEnd: an answer that stops because its connection broke
// gives that error, which a client may try again after.
func TestCutConnectionIsNotTheEnd(t *testing.T) {
	r := newRig(t)
	base := r.transport.Base
	r.transport.Base = roundTripper(func(q *http.Request) (*http.Response, error) {
		answer, err := base.RoundTrip(q)
		if err == nil {
			answer.Body = io.NopCloser(io.MultiReader(io.LimitReader(answer.Body, frameSize+100), brokenReader{}))
		}
		return answer, err
	})
	if _, _, err := r.send("PUT", "/api/v1/x", nil, make([]byte, 2*frameSize)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestHeads(t *testing.T) {
	for name, text := range map[string]string{
		"no end":           "GET /api/v1/x\n",
		"no path":          "GET\n\n",
		"another site":     "GET http://x/ \n\n",
		"not the API":      "GET /how\n\n",
		"the channel":      "POST /api/v1/channel\n\n",
		"unknown header":   "GET /api/v1/x\nHost: y\n\n",
		"header twice":     "GET /api/v1/x\nRange: a\nRange: b\n\n",
		"lower case":       "GET /api/v1/x\nrange: a\n\n",
		"no value":         "GET /api/v1/x\nRange\n\n",
		"carriage return":  "GET /api/v1/x\r\n\n",
		"not ASCII":        "GET /api/v1/ü\n\n",
		"too long":         "GET /api/v1/" + strings.Repeat("x", longestHead) + "\n\n",
		"two spaces":       "GET /api/v1/x HTTP/1.1\n\n",
		"nothing":          "",
		"only an end":      "\n\n",
		"a method of none": " /api/v1/x\n\n",
	} {
		if _, err := parse([]byte(text)); !errors.Is(err, ErrRefused) {
			t.Errorf("%s is taken: %v", name, err)
		}
	}
	for _, value := range []string{"a\nRange: b", "a\r", "ü", strings.Repeat("x", longestHead)} {
		if _, err := writeHead("GET /api/v1/x", http.Header{"Authorization": {value}}, requestHeaders, 0); err == nil {
			t.Errorf("%.20q is written", value)
		}
	}
}

func FuzzOpen(f *testing.F) {
	s, err := NewService()
	if err != nil {
		f.Fatal(err)
	}
	recipient, _ := s.Recipient()
	t := &Transport{Recipient: func(context.Context, bool) (string, error) { return recipient, nil }}
	q, _ := http.NewRequest("GET", "http://"+host+"/api/v1/x", nil)
	c, err := t.open(q, false)
	if err != nil {
		f.Fatal(err)
	}
	record, _ := c.record([]byte("GET /api/v1/x\n\n"))
	f.Add(record)
	f.Add(record[:recordHead])
	owner := newIdentity(f).Recipient().String()
	_, keys, err := c.challenge(owner)
	if err != nil {
		f.Fatal(err)
	}
	s.pending.put(&open{shared: keys, owner: owner}, s.now())
	f.Add(recorded(f, keys, 0, "GET /api/v1/x\n\n"))
	f.Fuzz(func(t *testing.T, record []byte) {
		if _, err := s.Open(host, record); err != nil && !errors.Is(err, ErrRefused) {
			t.Error(err)
		}
	})
}

func FuzzHead(f *testing.F) {
	f.Add([]byte("PUT /api/v1/messages/x\nAuthorization: Bearer k\n\nbody"))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := parse(text)
		if err != nil {
			return
		}
		again, err := writeHead(r.Method+" "+r.Path, r.Header, requestHeaders, 0)
		if err != nil {
			t.Fatalf("%q was read and cannot be written: %v", text, err)
		}
		back, err := parse(append(again, r.Body...))
		if err != nil || back.Path != r.Path || len(back.Header) != len(r.Header) || !bytes.Equal(back.Body, r.Body) {
			t.Fatalf("%q became %q: %v", text, again, err)
		}
	})
}
