package api

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"filippo.io/age"
)

// recipients makes a recipients file of n keys.
func recipients(t testing.TB, n int) []string {
	t.Helper()
	var lines []string
	for range n {
		i, err := age.GenerateHybridIdentity()
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, i.Recipient().String()+"\n")
	}
	slices.Sort(lines)
	return lines
}

func TestRecipientsFile(t *testing.T) {
	l := recipients(t, MaxRecipients+1)
	for name, c := range map[string]struct {
		file string
		n    int // 0 when refused
	}{
		"one":             {l[0], 1},
		"ten":             {strings.Join(l[:10], ""), 10},
		"eleven":          {strings.Join(l, ""), 0},
		"none":            {"", 0},
		"out of order":    {l[1] + l[0], 0},
		"twice":           {l[0] + l[0], 0},
		"without its end": {strings.TrimSuffix(l[0], "\n"), 0},
		"CRLF":            {strings.TrimSuffix(l[0], "\n") + "\r\n", 0},
		"capitals":        {strings.ToUpper(l[0]), 0},
		"an empty line":   {l[0] + "\n", 0},
		"a comment":       {"# " + l[0][2:], 0},
		"X25519":          {"age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p\n", 0},
		"one character":   {strings.Replace(l[0], l[0][100:101], "b", 1), 0},
		"line as long":    {strings.Repeat("a", RecipientSize) + "\n", 0},
		"lines in a line": {l[0][:1000] + "\n" + l[0][1001:], 0},
	} {
		got, err := ParseRecipients([]byte(c.file))
		if len(got) != c.n || (err == nil) != (c.n > 0) {
			t.Errorf("%s: %d, %v", name, len(got), err)
		}
	}
}

func TestInboxID(t *testing.T) {
	id := InboxOf([]byte("x"))
	text := id.Encode()
	if got, err := ParseInboxID(text); err != nil || got != id || len(text) != 52 {
		t.Errorf("round trip: %v", err)
	}
	last := text[:51] + string(base32Lower[(strings.IndexByte(base32Lower, text[51])|1)])
	for _, s := range []string{"", text[:51], text + "a", strings.ToUpper(text), text + "====", text[:51] + "1", text[:51] + "\n", last} {
		if _, err := ParseInboxID(s); err == nil {
			t.Errorf("accepted %q", s)
		}
	}
	for _, name := range []string{"ab", "a-b", "a2345678901234567890123456789-1"} {
		if err := CheckAlias(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"", "a", "A2", "2a", "-a", "a_b", "a.b", "a\n", text, strings.Repeat("a", 32)} {
		if err := CheckAlias(name); err == nil {
			t.Errorf("accepted %q", name)
		}
	}
}

// TestInboxFile: the file whose hash is the ID, and no other.
func TestInboxFile(t *testing.T) {
	file := []byte(strings.Join(recipients(t, 2), ""))
	kind := string(KindRequest)
	client := against(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", TypeText)
		w.Header().Set("Content-Length", strconv.Itoa(len(file)))
		w.Header().Set(HeaderKind, kind)
		w.Write(file)
	})
	if got, kind, err := client.Inbox(t.Context(), InboxOf(file)); err != nil || !bytes.Equal(got, file) || kind != KindRequest {
		t.Errorf("%d bytes of kind %q, %v", len(got), kind, err)
	}
	if _, _, err := client.Inbox(t.Context(), anInbox); !errors.Is(err, ErrSwapped) {
		t.Errorf("other keys: %v", err)
	}
	for _, kind = range []string{"", "letter", "request,inbox"} {
		if _, _, err := client.Inbox(t.Context(), InboxOf(file)); !errors.Is(err, ErrAnswer) {
			t.Errorf("kind %q: %v", kind, err)
		}
	}
}

// TestDestroyingMany: in requests of at most MaxListed, and their sum is told.
func TestDestroyingMany(t *testing.T) {
	var asked []int
	client := against(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		n := bytes.Count(body, []byte(aReference.Encode()))
		asked = append(asked, n)
		answer(w, 200, Destroyed{Destroyed: n})
	})
	n, err := client.DestroyMessages(t.Context(), anInbox, slices.Repeat([]Reference{aReference}, 2*MaxListed+1))
	if err != nil || n != 2*MaxListed+1 || !slices.Equal(asked, []int{MaxListed, MaxListed, 1}) {
		t.Errorf("%d destroyed by %v: %v", n, asked, err)
	}
	if n, err := client.DestroyMessages(t.Context(), anInbox, nil); n != 0 || err != nil || len(asked) != 3 {
		t.Errorf("none: %d, %v", n, err)
	}
}

func FuzzParseRecipients(f *testing.F) {
	l := recipients(f, 2)
	f.Add([]byte(l[0] + l[1]))
	f.Add([]byte(l[1]))
	f.Fuzz(func(t *testing.T, file []byte) {
		lines, err := ParseRecipients(file)
		if err == nil && strings.Join(lines, "\n")+"\n" != string(file) || err == nil && !slices.IsSorted(lines) {
			t.Errorf("%d lines of another file", len(lines))
		}
	})
}

func FuzzParseInboxID(f *testing.F) {
	f.Add(anInbox.Encode())
	f.Fuzz(func(t *testing.T, s string) {
		if id, err := ParseInboxID(s); err == nil && id.Encode() != s {
			t.Errorf("%q is a second spelling", s)
		}
	})
}

// TestLostDestruction: an inbox that is gone when asked again was destroyed by the try
// whose answer was lost. One that was gone before is gone, and a busy service has
// destroyed nothing.
func TestLostDestruction(t *testing.T) {
	for name, c := range map[string]struct {
		first func(w http.ResponseWriter)
		gone  bool
	}{
		"lost": {func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, false},
		"busy": {func(w http.ResponseWriter) { answer(w, CodeBusy.Status(), Refuse(CodeBusy)) }, true},
		"gone": {func(w http.ResponseWriter) { answer(w, CodeGone.Status(), Refuse(CodeGone)) }, true},
	} {
		var tries atomic.Int32
		client := against(t, func(w http.ResponseWriter, r *http.Request) {
			if tries.Add(1) == 1 {
				c.first(w)
				return
			}
			answer(w, CodeGone.Status(), Refuse(CodeGone))
		})
		if err := client.DestroyInbox(t.Context(), anInbox); errors.Is(err, ErrGone) != c.gone || !c.gone && err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
