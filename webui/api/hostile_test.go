package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// every call of the contract, with secrets that no error may hold.
var (
	aReference = Reference{1, 2, 3}
	aKey       = Key{4, 5, 6}
	aHold      = Reservation{Reference: aReference, UploadKey: aKey}
	anInbox    = InboxOf([]byte("keys"))
	anInvite   = Invite{7, 8, 9}
	anEdition  = EditionOf([]byte("notes"))

	everyCall = map[string]func(context.Context, *Client) error{
		"service":              func(ctx context.Context, c *Client) error { _, err := c.Service(ctx); return err },
		"reserve":              func(ctx context.Context, c *Client) error { _, err := c.Reserve(ctx); return err },
		"reserve for an inbox": func(ctx context.Context, c *Client) error { _, err := c.ReserveLetter(ctx, anInbox, 1); return err },
		"put": func(ctx context.Context, c *Client) error {
			_, err := c.Put(ctx, aHold, []byte("x"), Terms{})
			return err
		},
		"part":   func(ctx context.Context, c *Client) error { return c.PutPart(ctx, aHold, 0, []byte("x")) },
		"commit": func(ctx context.Context, c *Client) error { _, err := c.Commit(ctx, aHold, 1, 1, Terms{}); return err },
		"claim": func(ctx context.Context, c *Client) error {
			_, err := c.Claim(ctx, aReference, aKey, Verifier{})
			return err
		},
		"content":     func(ctx context.Context, c *Client) error { return drain(c.Content(ctx, aReference, aKey, 0, 10)) },
		"rest":        func(ctx context.Context, c *Client) error { return drain(c.Content(ctx, aReference, aKey, 4, 10)) },
		"acknowledge": func(ctx context.Context, c *Client) error { return c.Acknowledge(ctx, aReference, aKey) },
		"state":       func(ctx context.Context, c *Client) error { _, err := c.State(ctx, aReference, aKey); return err },
		"revoke":      func(ctx context.Context, c *Client) error { _, err := c.Revoke(ctx, aReference, aKey); return err },

		"inbox": func(ctx context.Context, c *Client) error { _, _, err := c.Inbox(ctx, anInbox); return err },
		"alias": func(ctx context.Context, c *Client) error { _, err := c.Alias(ctx, "somebody"); return err },
		"open inbox": func(ctx context.Context, c *Client) error {
			_, err := c.OpenInbox(ctx, []byte("keys"), Opening{Kind: KindRequest, ExpiresIn: 60, Invite: anInvite})
			return err
		},
		"destroy inbox": func(ctx context.Context, c *Client) error { return c.DestroyInbox(ctx, anInbox) },
		"list":          func(ctx context.Context, c *Client) error { _, err := c.List(ctx, anInbox, 7); return err },
		"letters":       func(ctx context.Context, c *Client) error { _, err := c.Letters(ctx, anInbox, 7); return err },
		"read message": func(ctx context.Context, c *Client) error {
			return c.ReadMessage(ctx, anInbox, Listed{Message: aReference, Size: 10}, io.Discard, func(int64) {})
		},
		"destroy message": func(ctx context.Context, c *Client) error { return c.DestroyMessage(ctx, anInbox, aReference) },
		"destroy messages": func(ctx context.Context, c *Client) error {
			_, err := c.DestroyMessages(ctx, anInbox, []Reference{aReference})
			return err
		},
		"notebook":     func(ctx context.Context, c *Client) error { _, err := c.Notebook(ctx, anInbox); return err },
		"put notebook": func(ctx context.Context, c *Client) error { return c.PutNotebook(ctx, anInbox, anEdition, []byte("x")) },
	}
)

// atOnce makes every call: most of what is tried here takes waiting, and no work.
func atOnce(try func(call string, do func(context.Context, *Client) error)) {
	var all sync.WaitGroup
	for call, do := range everyCall {
		all.Go(func() { try(call, do) })
	}
	all.Wait()
}

func drain(body io.ReadCloser, err error) error {
	if err != nil {
		return err
	}
	defer body.Close()
	_, err = io.Copy(io.Discard, body)
	return err
}

// head is an answer of a service that ends its connections.
func head(status, rest string) string {
	return "HTTP/1.1 " + status + "\r\nConnection: close\r\n" + rest
}

// TestHostileAnswers: whatever a service says, every call ends with an error of
// the right kind, that holds no secret, after a bounded amount. That no redirect
// is followed is seen by the dialer.
func TestHostileAnswers(t *testing.T) {
	endless := strings.Repeat("a", 1<<20)
	for name, c := range map[string]struct {
		answer string
		want   error
	}{
		"redirect":             {head("302 Found", "Location: http://127.0.0.1/api/v1/service\r\n\r\n"), ErrAnswer},
		"redirect that keeps":  {head("307 Temporary Redirect", "Location: http://evil.example/\r\n\r\n"), ErrAnswer},
		"header bomb":          {head("200 OK", "X: "+endless+"\r\n\r\n"), ErrAnswer},
		"many headers":         {head("200 OK", strings.Repeat("X-Y: z\r\n", 10000)+"\r\n"), ErrAnswer},
		"not HTTP":             {"SSH-2.0-OpenSSH_9.2\r\n", ErrUnreachable},
		"page":                 {head("200 OK", "Content-Type: text/html\r\nContent-Length: 5\r\n\r\nhello"), ErrAnswer},
		"error page":           {head("502 Bad Gateway", "Content-Type: text/html\r\nContent-Length: 5\r\n\r\nhello"), ErrAnswer},
		"unknown code":         {head("403 Forbidden", "Content-Type: application/json\r\n\r\n"+`{"code":"paywall","message":"pay"}`), ErrAnswer},
		"code of other status": {head("500 Internal Server Error", "Content-Type: application/json\r\n\r\n"+`{"code":"gone","message":"no"}`), ErrAnswer},
		"endless refusal":      {head("403 Forbidden", "Content-Type: application/json\r\n\r\n"+`{"code":"`+endless), ErrAnswer},
		"compressed":           {head("200 OK", "Content-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"), ErrAnswer},
		"nothing":              {"", ErrUnreachable},
		"half a header":        {"HTTP/1.1 200 OK\r\nContent-Ty", ErrUnreachable},
		"gone":                 {head("403 Forbidden", "Content-Type: application/json\r\n\r\n"+`{"code":"gone","message":"There is nothing."}`), ErrGone},
		"locked":               {head("503 Service Unavailable", "Retry-After: 60\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n"+`{"code":"locked","message":"x"}`), ErrLocked},
		"full":                 {head("507 Insufficient Storage", "Content-Type: application/json\r\n\r\n"+`{"code":"full","message":"x"}`), ErrFull},
		"busy":                 {head("429 Too Many Requests", "Retry-After: 99999999999\r\nContent-Type: application/json\r\n\r\n"+`{"code":"busy","message":"x"}`), ErrBusy},
		"secrets in a message": {head("400 Bad Request", "Content-Type: application/json\r\n\r\n"+`{"code":"bad_request","message":"`+aKey.Encode()+`"}`), Refuse(CodeBadRequest)},
	} {
		client := raw(t, func(conn net.Conn) { io.WriteString(conn, c.answer) })
		atOnce(func(call string, do func(context.Context, *Client) error) {
			err := do(t.Context(), client)
			if !errors.Is(err, c.want) {
				t.Errorf("%s, %s: got %v", name, call, err)
			}
			secretless(t, err, aKey.Encode(), aReference.Encode(), anInbox.Encode(), anInvite.Encode(), "evil.example")
		})
	}
}

// TestWrongAnswers: answers that are well-formed and still cannot be.
func TestWrongAnswers(t *testing.T) {
	long := head("200 OK", "Content-Type: application/json\r\n\r\n{\"state\":\"") + strings.Repeat("a", MaxJSON+10)
	claim := func(rest string) string {
		return head("200 OK", "Content-Type: application/octet-stream\r\nAshpost-Expires-In: 5\r\nAshpost-Lease: 5\r\nAshpost-Reading: once\r\n"+rest)
	}
	text := func(body string) string {
		return head("200 OK", fmt.Sprintf("Content-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
	}
	listed := func(body string) string { return head("200 OK", "Content-Type: application/json\r\n\r\n"+body) }
	message := func(serial int) string {
		return fmt.Sprintf(`{"message":"%s","serial":%d,"size":10,"expires_in":5}`, aReference.Encode(), serial)
	}
	for name, c := range map[string]struct {
		call, answer string
		want         error
	}{
		"endless JSON":            {"service", long, ErrAnswer},
		"announced too long":      {"service", head("200 OK", "Content-Type: application/json\r\nContent-Length: 999999999999\r\n\r\n{"), ErrAnswer},
		"cut JSON":                {"service", head("200 OK", "Content-Type: application/json\r\nContent-Length: 90\r\n\r\n{"), ErrUnreachable},
		"long header":             {"service", head("200 OK", "X: "+strings.Repeat("a", 20<<10)+"\r\nContent-Type: application/json\r\n\r\n"+`{"state":"open"}`), ErrAnswer},
		"unknown state":           {"service", head("200 OK", "Content-Type: application/json\r\n\r\n"+`{"state":"fine"}`), ErrAnswer},
		"reference too short":     {"reserve", head("201 Created", "Content-Type: application/json\r\n\r\n"+`{"reference":"AAAA","upload_key":"`+aKey.Encode()+`"}`), ErrAnswer},
		"reference too long":      {"reserve", head("201 Created", "Content-Type: application/json\r\n\r\n"+`{"reference":"`+aKey.Encode()+`","upload_key":"`+aKey.Encode()+`"}`), ErrAnswer},
		"reference missing":       {"reserve", head("201 Created", "Content-Type: application/json\r\n\r\n"+`{"upload_key":"`+aKey.Encode()+`"}`), ErrAnswer},
		"claim without size":      {"claim", claim("Content-Length: 0\r\n\r\n"), ErrAnswer},
		"claim of nothing":        {"claim", claim("Ashpost-Size: 0\r\nContent-Length: 0\r\n\r\n"), ErrAnswer},
		"claim of everything":     {"claim", claim("Ashpost-Size: 9223372036854775807\r\nContent-Length: 0\r\n\r\n"), ErrAnswer},
		"claim of two sizes":      {"claim", claim("Ashpost-Size: 5\r\nAshpost-Size: 6\r\nContent-Length: 5\r\n\r\nhello"), ErrAnswer},
		"claim with a sign":       {"claim", claim("Ashpost-Size: +5\r\nContent-Length: 5\r\n\r\nhello"), ErrAnswer},
		"claim shorter than said": {"claim", claim("Ashpost-Size: 9\r\nContent-Length: 5\r\n\r\nhello"), ErrAnswer},
		"claim of unknown length": {"claim", claim("Ashpost-Size: 5\r\n\r\nhello"), ErrAnswer},
		"claim cut":               {"claim", claim("Ashpost-Size: 9\r\nContent-Length: 9\r\n\r\nhello"), ErrUnreachable},
		"large with a body":       {"claim", claim("Ashpost-Size: 999999\r\nContent-Length: 999999\r\n\r\nhello"), ErrAnswer},
		"content too long":        {"content", head("200 OK", "Content-Type: application/octet-stream\r\nContent-Length: 11\r\n\r\nhellohello!"), ErrAnswer},
		"content as text":         {"content", head("200 OK", "Content-Type: text/plain\r\nContent-Length: 10\r\n\r\nhellohello"), ErrAnswer},
		"content cut":             {"content", head("200 OK", "Content-Type: application/octet-stream\r\nContent-Length: 10\r\n\r\nhell"), ErrUnreachable},
		"all for a range":         {"rest", head("200 OK", "Content-Type: application/octet-stream\r\nContent-Length: 10\r\n\r\nhellohello"), ErrAnswer},
		"other range":             {"rest", head("206 Partial Content", "Content-Type: application/octet-stream\r\nContent-Length: 6\r\nContent-Range: bytes 0-5/10\r\n\r\nhelloh"), ErrAnswer},
		"other keys":              {"inbox", text("keyz"), ErrSwapped},
		"no keys":                 {"inbox", text("keys"), ErrAnswer},
		"keys without an end":     {"inbox", head("200 OK", "Content-Type: text/plain\r\n\r\nkeys"), ErrAnswer},
		"too many keys":           {"inbox", head("200 OK", "Content-Type: text/plain\r\nContent-Length: 999999999\r\n\r\nkeys"), ErrAnswer},
		"keys as JSON":            {"inbox", listed("{}"), ErrAnswer},
		"alias of nothing":        {"alias", listed("{}"), ErrAnswer},
		"alias in capitals":       {"alias", listed(`{"inbox":"` + strings.ToUpper(anInbox.Encode()) + `"}`), ErrAnswer},
		"list without a kind":     {"list", listed(`{"messages":[]}`), ErrAnswer},
		"more of nothing":         {"list", listed(`{"messages":[],"kind":"inbox","more":true}`), ErrAnswer},
		"list of what was before": {"list", listed(`{"messages":[` + message(7) + `],"kind":"inbox","count":1}`), ErrAnswer},
		"list out of order":       {"list", listed(`{"messages":[` + message(3) + "," + message(3) + `],"kind":"inbox","count":2}`), ErrAnswer},
		"more than all":           {"list", listed(`{"messages":[` + message(3) + "," + message(2) + `],"kind":"inbox","count":1}`), ErrAnswer},
		"message without a name":  {"list", listed(`{"messages":[{"serial":3,"size":1}],"kind":"inbox","count":1}`), ErrAnswer},
		"letters as JSON":         {"letters", listed(`{"messages":[],"kind":"inbox"}`), ErrAnswer},
		"letters without an end":  {"letters", head("200 OK", "Content-Type: application/octet-stream\r\n\r\n\x01"), ErrAnswer},
		"too many letters":        {"letters", head("200 OK", "Content-Type: application/octet-stream\r\nContent-Length: 1052585\r\n\r\n"), ErrAnswer},
		"letters cut":             {"letters", head("200 OK", "Content-Type: application/octet-stream\r\nContent-Length: 8\r\n\r\n\x01\x00\x00"), ErrUnreachable},
		"destroyed too many":      {"destroy messages", listed(`{"destroyed":2}`), ErrAnswer},
		"notebook as text":        {"notebook", text("keys"), ErrAnswer},
		"huge notebook":           {"notebook", head("200 OK", "Content-Type: application/octet-stream\r\nContent-Length: 99999999\r\n\r\n"), ErrAnswer},
		"contact with an escape":  {"service", listed(`{"state":"open","contact":{"name":"\u001b[2J","inbox":"` + anInbox.Encode() + `"}}`), ErrAnswer},
		"unknown message state":   {"state", head("200 OK", "Content-Type: application/json\r\n\r\n"+`{"state":"x","reading":"once"}`), ErrAnswer},
		"not proven":              {"acknowledge", head("202 Accepted", "Content-Type: application/json\r\n\r\n"+`{"code":"not_proven","message":"x"}`), ErrNotProven},
		"revoke not proven":       {"revoke", head("202 Accepted", "Content-Type: application/json\r\n\r\n"+`{"code":"not_proven","message":"x"}`), ErrNotProven},
	} {
		client := raw(t, func(conn net.Conn) { io.WriteString(conn, c.answer) })
		err := everyCall[c.call](t.Context(), client)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v", name, err)
		}
		secretless(t, err, aKey.Encode(), aReference.Encode())
	}
}

// TestEndless: what never ends is cut off, not taken in.
func TestEndless(t *testing.T) {
	var sent atomic.Int64
	client := raw(t, func(conn net.Conn) {
		io.WriteString(conn, head("200 OK", "Content-Type: application/json\r\n\r\n{\"state\":\""))
		for chunk := strings.Repeat("a", 64<<10); ; sent.Add(int64(len(chunk))) {
			if _, err := io.WriteString(conn, chunk); err != nil {
				return
			}
		}
	})
	if _, err := client.Service(t.Context()); !errors.Is(err, ErrAnswer) || sent.Load() > 32<<20 {
		t.Errorf("%d bytes went: %v", sent.Load(), err)
	}
}

// TestDrip: a byte now and then does not hold a call for ever.
func TestDrip(t *testing.T) {
	client := raw(t, func(conn net.Conn) {
		drops := time.NewTicker(10 * time.Millisecond)
		defer drops.Stop()
		for _, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nX: "); err == nil; _, err = io.WriteString(conn, "a") {
			<-drops.C
		}
	})
	client.pace.try = 100 * time.Millisecond
	atOnce(func(call string, do func(context.Context, *Client) error) {
		if err := do(t.Context(), client); !errors.Is(err, ErrUnreachable) {
			t.Errorf("%s: got %v", call, err)
		}
	})
}

// TestSilence: a connection on which nothing moves is given up.
func TestSilence(t *testing.T) {
	client := raw(t, func(conn net.Conn) { conn.Read(make([]byte, 1)) })
	client.pace.idle = 50 * time.Millisecond
	atOnce(func(call string, do func(context.Context, *Client) error) {
		if err := do(t.Context(), client); !errors.Is(err, ErrUnreachable) {
			t.Errorf("%s: got %v", call, err)
		}
	})
}

func TestProxiesOfTheEnvironmentAreNotUsed(t *testing.T) {
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"} {
		t.Setenv(name, "http://127.0.0.1:1")
	}
	client := against(t, func(w http.ResponseWriter, r *http.Request) {
		answer(w, 200, Service{State: Open})
	})
	if _, err := client.Service(t.Context()); err != nil {
		t.Errorf("a proxy of the environment was used: %v", err)
	}
}

func TestOnlyPlainServices(t *testing.T) {
	for _, service := range []string{"", "https://" + host, "http://", "http://a@" + host, "http://" + host + "/x", "http://" + host + "?q", "http://" + host + "#f", "http://%zz"} {
		if _, err := NewClient(service, nil); err == nil || strings.Contains(fmt.Sprint(err), "onion") {
			t.Errorf("%q: %v", service, err)
		}
	}
}
