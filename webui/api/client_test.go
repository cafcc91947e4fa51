package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestRequests pins what the client sends.
func TestRequests(t *testing.T) {
	terms := Terms{ExpiresIn: 3600, Reading: Once, Claim: Verifier{7}, Manage: Verifier{8}}
	ref, key, inbox := aReference.Encode(), Bearer(aKey), "/api/v1/inboxes/"+anInbox.Encode()
	for name, c := range map[string]struct {
		want string
		head map[string]string
		do   func(context.Context, *Client) error
	}{
		"service": {want: "GET /api/v1/service", do: everyCall["service"]},
		"reserve": {want: "POST /api/v1/reservations", do: everyCall["reserve"]},
		"put": {"PUT /api/v1/messages/" + ref, map[string]string{
			"Authorization": key, "Content-Type": TypeBinary, HeaderExpiresIn: "3600", HeaderReading: "once",
			HeaderClaim: Verifier{7}.Encode(), HeaderManage: Verifier{8}.Encode(),
		}, func(ctx context.Context, c *Client) error {
			_, err := c.Put(ctx, aHold, []byte("x"), terms)
			return err
		}},
		"part":        {"PUT /api/v1/messages/" + ref + "/parts/0", map[string]string{"Authorization": key, "Content-Type": TypeBinary}, everyCall["part"]},
		"commit":      {"POST /api/v1/messages/" + ref + "/commit", map[string]string{"Authorization": key, "Content-Type": TypeJSON}, everyCall["commit"]},
		"claim":       {"POST /api/v1/messages/" + ref + "/claim", map[string]string{"Authorization": key, HeaderReader: Verifier{}.Encode()}, everyCall["claim"]},
		"content":     {"GET /api/v1/messages/" + ref + "/content", map[string]string{"Authorization": key, "Range": ""}, everyCall["content"]},
		"rest":        {"GET /api/v1/messages/" + ref + "/content", map[string]string{"Authorization": key, "Range": "bytes=4-"}, everyCall["rest"]},
		"acknowledge": {"POST /api/v1/messages/" + ref + "/acknowledge", map[string]string{"Authorization": key}, everyCall["acknowledge"]},
		"state":       {"GET /api/v1/messages/" + ref + "/state", map[string]string{"Authorization": key}, everyCall["state"]},
		"revoke":      {"POST /api/v1/messages/" + ref + "/revoke", map[string]string{"Authorization": key}, everyCall["revoke"]},

		"put into an inbox": {"PUT /api/v1/messages/" + ref, map[string]string{"Authorization": key, HeaderExpiresIn: "3600",
			HeaderInbox: anInbox.Encode(), HeaderReading: "", HeaderClaim: "", HeaderManage: "", HeaderInvite: ""}, func(ctx context.Context, c *Client) error {
			_, err := c.Put(ctx, aHold, []byte("x"), Terms{ExpiresIn: 3600, Inbox: anInbox})
			return err
		}},
		"commit with an invite": {"POST /api/v1/messages/" + ref + "/commit", map[string]string{HeaderInvite: anInvite.Encode()}, func(ctx context.Context, c *Client) error {
			_, err := c.Commit(ctx, aHold, 1, 1, Terms{Invite: anInvite})
			return err
		}},
		"inbox": {want: "GET " + inbox, do: everyCall["inbox"]},
		"alias": {want: "GET /api/v1/aliases/somebody", do: everyCall["alias"]},
		"open inbox": {"PUT " + inbox, map[string]string{"Content-Type": TypeText, HeaderKind: "request", HeaderExpiresIn: "60",
			HeaderInvite: anInvite.Encode(), "Authorization": ""}, everyCall["open inbox"]},
		"destroy inbox":    {want: "POST " + inbox + "/destroy", do: everyCall["destroy inbox"]},
		"list":             {want: "GET " + inbox + "/list/7", do: everyCall["list"]},
		"letters":          {want: "GET " + inbox + "/letters/7", do: everyCall["letters"]},
		"read message":     {"GET " + inbox + "/messages/" + ref, map[string]string{"Range": "", "Authorization": ""}, everyCall["read message"]},
		"destroy message":  {want: "POST " + inbox + "/messages/" + ref + "/destroy", do: everyCall["destroy message"]},
		"destroy messages": {"POST " + inbox + "/destroy-messages", map[string]string{"Content-Type": TypeJSON}, everyCall["destroy messages"]},
		"notebook":         {want: "GET " + inbox + "/notebook", do: everyCall["notebook"]},
		"put notebook":     {"PUT " + inbox + "/notebook", map[string]string{"Content-Type": TypeBinary, HeaderReplaces: anEdition.Encode()}, everyCall["put notebook"]},
		"first notebook": {"PUT " + inbox + "/notebook", map[string]string{HeaderReplaces: "none"}, func(ctx context.Context, c *Client) error {
			return c.PutNotebook(ctx, anInbox, Edition{}, []byte("x"))
		}},
	} {
		client := against(t, func(w http.ResponseWriter, r *http.Request) {
			if got := r.Method + " " + r.RequestURI; got != c.want {
				t.Errorf("%s: sent %s", name, got)
			}
			for header, want := range c.head {
				if got := r.Header.Get(header); got != want {
					t.Errorf("%s: %s is %q", name, header, got)
				}
			}
			for _, header := range []string{"User-Agent", "Accept-Encoding", "Transfer-Encoding", "Cookie", "Origin"} {
				if r.Header.Get(header) != "" || len(r.TransferEncoding) > 0 {
					t.Errorf("%s: sends %s", name, header)
				}
			}
			if r.Host != host {
				t.Errorf("%s: Host is %s", name, r.Host)
			}
			answer(w, 403, Refuse(CodeGone))
		})
		if err := c.do(t.Context(), client); !errors.Is(err, ErrGone) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestLostAnswers: the work is done, the answer lost; the client asks again.
func TestLostAnswers(t *testing.T) {
	for call, do := range everyCall {
		if call == "content" || call == "rest" {
			continue // one try by contract; Download is tested below
		}
		var asked atomic.Int32
		client := against(t, func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			if asked.Add(1) < 3 {
				panic(http.ErrAbortHandler)
			}
			answer(w, 403, Refuse(CodeGone))
		})
		gone := call != "destroy inbox" // of which a try did it whose answer was lost
		if err := do(t.Context(), client); errors.Is(err, ErrGone) != gone || asked.Load() != 3 {
			t.Errorf("%s: asked %d times, %v", call, asked.Load(), err)
		}
	}
}

func TestBusyIsWaitedOut(t *testing.T) {
	var asked atomic.Int32
	client := against(t, func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) < 3 {
			answer(w, 429, Refuse(CodeBusy))
			return
		}
		answer(w, 200, Service{State: Open})
	})
	if _, err := client.Service(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestNothingListens(t *testing.T) {
	const nobody = "127.0.0.1:1" // a port just closed may be another's by now
	dials := 0
	client, err := NewClient("http://"+host, func(ctx context.Context, network, _ string) (net.Conn, error) {
		dials++
		return (&net.Dialer{}).DialContext(ctx, network, nobody)
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Service(t.Context())
	if !errors.Is(err, ErrUnreachable) || dials != 1 {
		t.Errorf("dialled %d times: %v", dials, err)
	}
	secretless(t, err)
}

func TestCancelledCallsEndAtOnce(t *testing.T) {
	arrived := make(chan struct{}, 16)
	client := against(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		arrived <- struct{}{}
		<-r.Context().Done()
	})
	client.pace = unhurried
	for call, do := range everyCall {
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-arrived; cancel() }()
		if err := do(ctx, client); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", call, err)
		}
	}
}

// TestTransfer sends a message in parts and fetches it again, over connections
// that keep breaking.
func TestTransfer(t *testing.T) {
	file := make([]byte, 2*PartSize+12345)
	for i := range file {
		file[i] = byte(rand.Uint32())
	}
	stored := make([]byte, len(file))
	var requests atomic.Int32
	client := against(t, func(w http.ResponseWriter, r *http.Request) {
		n := requests.Add(1)
		switch {
		case strings.HasSuffix(r.URL.Path, "/commit"):
			if !bytes.Equal(stored, file) {
				t.Error("committed before everything arrived")
			}
			answer(w, 201, Receipt{ExpiresIn: 5})
		case r.Method == "PUT":
			body, _ := io.ReadAll(io.LimitReader(r.Body, PartSize>>(n%2)))
			copy(stored[int(r.URL.Path[len(r.URL.Path)-1]-'0')*PartSize:], body)
			if n%2 == 1 {
				panic(http.ErrAbortHandler)
			}
			w.WriteHeader(http.StatusNoContent)
		default:
			w.Header().Set("Content-Type", TypeBinary)
			http.ServeContent(&cut{w, 700_000}, r, "", time.Time{}, bytes.NewReader(stored))
		}
	})
	var sent, got int64
	receipt, err := client.UploadStream(t.Context(), aHold, bytes.NewReader(file), int64(len(file)), Terms{}, func(n int64) { sent = n })
	if err != nil || receipt.ExpiresIn != 5 || sent != int64(len(file)) {
		t.Fatalf("upload: %v after %d", err, sent)
	}
	var back bytes.Buffer
	of := Claimed{Size: int64(len(file)), Reading: Once}
	if err := client.Download(t.Context(), aReference, aKey, of, &back, func(n int64) { got = n }); err != nil {
		t.Fatalf("download: %v after %d", err, got)
	}
	if !bytes.Equal(back.Bytes(), file) || got != int64(len(file)) {
		t.Error("the file changed on its way")
	}
}

// cut aborts an answer after so many bytes.
type cut struct {
	http.ResponseWriter
	left int
}

func (c *cut) Write(p []byte) (int, error) {
	if c.left -= len(p); c.left < 0 {
		panic(http.ErrAbortHandler)
	}
	return c.ResponseWriter.Write(p)
}

// TestStreamsAreNotHeld: a large message needs one part of memory.
func TestStreamsAreNotHeld(t *testing.T) {
	const size = 16 * PartSize
	client := against(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		if r.Method == "POST" {
			answer(w, 201, Receipt{})
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	n := allocated(func() {
		if _, err := client.UploadStream(t.Context(), aHold, io.LimitReader(endless{}, size), size, Terms{}, func(int64) {}); err != nil {
			t.Error(err)
		}
	})
	if n > 2*PartSize {
		t.Errorf("%d bytes allocated", n)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestSourceOfAnotherSize(t *testing.T) {
	client := against(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		if strings.Contains(r.URL.Path, "/parts/") {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		t.Error("a message of the wrong size was finished")
		answer(w, 201, Receipt{})
	})
	for _, announced := range []int64{10, PartSize + 10} {
		for _, real := range []int64{0, announced - 1, announced + 1} {
			_, err := client.UploadStream(t.Context(), aHold, io.LimitReader(endless{}, real), announced, Terms{}, func(int64) {})
			if !errors.Is(err, ErrSize) {
				t.Errorf("%d instead of %d: %v", real, announced, err)
			}
		}
	}
}
