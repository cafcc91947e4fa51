package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/webui/api"
)

// noted is an inbox with two first contacts in it, and nothing else that is new.
type noted struct {
	*fakeInbox
	*testing.T
	key   string // file
	asked [2]seal.Reply
	puts  atomic.Int32
}

// keeping serves such an inbox. put answers each write of its notebook.
func keeping(t *testing.T, put func(n *noted, try int32, w http.ResponseWriter, r *http.Request)) *noted {
	n := &noted{fakeInbox: newFakeInbox(), T: t, key: filepath.Join(t.TempDir(), "key")}
	n.listed.Messages = nil
	lists, letters := map[string]api.List{}, map[string][]byte{}
	for i := range n.asked {
		n.asked[i] = seal.Reply{Recipients: seal.Recipients{seal.NewIdentity().Recipient()}, Key: [32]byte{1 + byte(i)}}
		letter, ref := letterTo(n.owner, n.id, seal.Head{Reply: &n.asked[i]}, nil), api.Reference{1 + byte(i)}
		letters["/messages/"+ref.Encode()] = letter
		n.listed.Messages = append([]api.Listed{{Message: ref, Serial: 1 + uint64(i), Size: int64(len(letter)), ExpiresIn: 3600}}, n.listed.Messages...)
		lists[fmt.Sprint("/list/", 2+i)] = n.listed
	}
	server := n.serve(func(w http.ResponseWriter, r *http.Request) {
		under, _ := strings.CutPrefix(r.URL.Path, api.InboxPath(api.PathInbox, api.InboxID(n.id)))
		switch list, letter := lists[under], letters[under]; {
		case list.Messages != nil:
			answer(w, 200, list)
		case letter != nil:
			octets(w, letter)
		case under == "/notebook" && r.Method == http.MethodPut:
			put(n, n.puts.Add(1), w, r)
		default:
			n.truth(w, r)
		}
	})
	t.Cleanup(server.Close)
	if err := os.WriteFile(n.key, []byte(n.line), 0o600); err != nil {
		t.Fatal(err)
	}
	return n
}

// run is a command of the owner; it is safe in a handler of the service.
func (n *noted) run(what string, more ...string) (shown string) {
	args := append([]string{"inbox", what, "--key", n.key, n.address}, more...)
	out, err := exec.CommandContext(n.Context(), "ashpost", args...).CombinedOutput()
	if err != nil {
		shown = err.Error() + ": "
	}
	return shown + string(out)
}

func (n *noted) notebook(t *testing.T) seal.Notebook {
	t.Helper()
	b, err := seal.OpenNotebook(n.owner, n.id, n.fakeInbox.notebook)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestTwoCommandsAtOnce: while one is about to write the notebook, another one
// reads, changes and writes it. Nothing of either is lost.
func TestTwoCommandsAtOnce(t *testing.T) {
	n := keeping(t, func(n *noted, try int32, w http.ResponseWriter, r *http.Request) {
		if try == 1 {
			if shown := n.run("read", "--out", n.TempDir(), "2"); !strings.Contains(shown, "first contact") {
				n.Error(shown)
			}
		}
		n.truth(w, r)
	})
	if shown := n.run("name", "1", "Mina"); shown != "Named.\n" {
		t.Error(shown)
	}
	known := map[seal.InboxID]seal.Conversation{}
	for _, c := range n.notebook(t).Conversations {
		known[c.Inbox] = c
	}
	for i, name := range []string{"Mina", ""} {
		c := known[n.asked[i].Recipients.ID()]
		if c.Name != name || c.Key == nil || *c.Key != n.asked[i].Key {
			t.Errorf("conversation %d: %+v", i+1, c)
		}
	}
	if b := n.notebook(t); b.Seen != day(time.Now()) || n.puts.Load() != 3 {
		t.Errorf("seen %s, written %d times", b.Seen, n.puts.Load())
	}
}

// TestNotebookNeverTaken: a service that always says that another one was faster
// ends the command, which says what is not done and what is.
func TestNotebookNeverTaken(t *testing.T) {
	n := keeping(t, func(_ *noted, _ int32, w http.ResponseWriter, _ *http.Request) { refuse(w, api.CodeReplaced) })
	if shown := n.run("name", "1", "Mina"); !strings.Contains(shown, "exit status 1") || !strings.Contains(shown, "the notebook changes all the time") {
		t.Error(shown)
	}
	if puts := n.puts.Swap(0); puts != notebookTries {
		t.Errorf("%d tries", puts)
	}
	shown := n.run("read", "--out", t.TempDir(), "1")
	if !strings.Contains(shown, "true text") || !strings.Contains(shown, "all else is done; the notebook changes all the time") || strings.Contains(shown, "exit") {
		t.Error(shown)
	}
}

// TestNotebookDamagedMeanwhile: what was put in the place of the one that was read
// is not replaced unasked.
func TestNotebookDamagedMeanwhile(t *testing.T) {
	n := keeping(t, func(n *noted, _ int32, w http.ResponseWriter, r *http.Request) {
		inboxLies["badnotebook"].prepare(n.fakeInbox)
		n.truth(w, r)
	})
	shown := n.run("read", "--out", t.TempDir(), "1")
	if !strings.Contains(shown, "the damaged notebook was left as it is") || n.puts.Load() != 1 {
		t.Errorf("%d writes, %s", n.puts.Load(), shown)
	}
}
