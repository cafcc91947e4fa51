package vault_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
)

// crashFolder, when set, makes the test binary a process to be killed.
const crashFolder = "ASHPOST_CRASH_FOLDER"

// crashRounds says how often TestKill kills.
const crashRounds = "ASHPOST_CRASH_ROUNDS"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashFolder); dir != "" {
		crashWorker(dir)
		return
	}
	os.Exit(m.Run())
}

// crashWorker creates, claims and acknowledges until it is killed. It says
// what it is about to do and what was answered, one line each.
func crashWorker(dir string) {
	// Two hundred rounds leave some four thousand messages: far from full.
	v, err := vault.Open(dir, vault.Options{Slots: 1 << 14, FileSystem: vaulttest.InPlace})
	if err == nil {
		err = v.Maintain()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var out sync.Mutex
	say := func(what string, m *vaulttest.Message) {
		out.Lock()
		defer out.Unlock()
		fmt.Printf("%s: %x %x %x %x %x\n", what, m.Ref, m.Claim, m.Manage, m.Reader, m.Data)
	}
	must := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	for worker := range 4 {
		go func() {
			for n := worker; ; n++ {
				m := vaulttest.Draw(200)
				must(m.Put(v))
				say("created", m)
				if n%3 == 0 {
					continue
				}
				say("claiming", m)
				_, err := v.Claim(m.Ref, m.Claim, m.Reader.Verifier())
				must(err)
				say("claimed", m)
				if n%3 == 1 {
					continue
				}
				say("erasing", m)
				must(v.Acknowledge(m.Ref, m.Reader))
				say("erased", m)
			}
		}()
	}
	go crashInboxes(v, say, must)
	select {}
}

// crashInboxes fills inboxes and destroys them. A letter is told of as a
// message whose claim key is the inbox's ID.
func crashInboxes(v *vault.Vault, say func(string, *vaulttest.Message), must func(error)) {
	for {
		b := drawBox()
		_, err := v.OpenInbox(b.id, vault.KindInbox, b.recipients, 0)
		must(err)
		all := func(what string, letters []*vaulttest.Message) {
			for _, m := range letters {
				say(what, m)
			}
		}
		var letters []*vaulttest.Message
		for range 4 {
			m := letterTo(b, 200)
			must(m.Put(v))
			m.Claim = vault.Key(b.id)
			letters = append(letters, m)
			say("delivered", m)
		}
		must(rewritten(v, b.id, b.id, letters[0].Data))
		all("destroying", letters[:1])
		must(v.DestroyLetter(b.id, letters[0].Ref))
		all("destroyed", letters[:1])
		all("destroying with its inbox", letters[1:])
		must(v.DestroyInbox(b.id))
		all("destroyed", letters[1:])
	}
}

// checkLetter looks after a crash. What is destroyed with its inbox is there as
// long as that is.
func checkLetter(v *vault.Vault, what string, m *vaulttest.Message) error {
	b := box{id: vault.InboxID(m.Claim)}
	_, inbox := v.Inbox(b.id)
	err := holds(v, b, m)
	switch {
	case err != nil && !errors.Is(err, vault.ErrGone):
		return err
	case what == "delivered" && err != nil, what == "destroyed" && err == nil,
		what == "destroying with its inbox" && (err == nil) != (inbox == nil):
		return fmt.Errorf("last said %q of a letter: %v; of its inbox: %v", what, err, inbox)
	}
	return nil
}

// Kill -9 amid creates, claims and acknowledgements, of messages and under
// inboxes: what was acknowledged is not lost, what was destroyed does not come back, a claim that was answered
// stays with its reader. (A killed process keeps the page cache: that the
// order of syncs is right is shown by TestOrderOfDurableSteps.)
func TestKill(t *testing.T) {
	rounds := 50
	if testing.Short() {
		rounds = 5
	}
	if s := os.Getenv(crashRounds); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			t.Fatalf("%s=%s is no number of rounds", crashRounds, s)
		}
		rounds = n
	}
	dir := t.TempDir() + "/data"
	for range rounds {
		last := killedAfter(t, dir, 20+rand.IntN(120))
		checkAfterCrash(t, dir, last)
	}
}

// killedAfter runs a worker, kills it after n lines, and returns the last
// thing said of each message.
func killedAfter(t *testing.T, dir string, n int) map[string]string {
	t.Helper()
	ctx, kill := context.WithCancel(t.Context())
	defer kill()
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), crashFolder+"="+dir)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	last := make(map[string]string)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if n--; n == 0 {
			kill()
		}
		if what, message, ok := strings.Cut(lines.Text(), ": "); ok && strings.Count(message, " ") == 4 {
			last[message] = what
		}
	}
	_ = cmd.Wait() // it was killed
	if complaint.Len() > 0 {
		t.Fatalf("the worker failed: %s", &complaint)
	}
	return last
}

func parseMessage(t *testing.T, line string) *vaulttest.Message {
	t.Helper()
	m := &vaulttest.Message{}
	fields := strings.Fields(line)
	for i, into := range [][]byte{m.Ref[:], m.Claim[:], m.Manage[:], m.Reader[:]} {
		if _, err := hex.Decode(into, []byte(fields[i])); err != nil {
			t.Fatal(err)
		}
	}
	m.Data, _ = hex.DecodeString(fields[4])
	return m
}

func checkAfterCrash(t *testing.T, dir string, last map[string]string) {
	t.Helper()
	opened, err := vault.Open(dir, vault.Options{FileSystem: vaulttest.InPlace})
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	if err := opened.Maintain(); err != nil {
		t.Fatal(err)
	}
	for line, what := range last {
		m := parseMessage(t, line)
		if strings.HasPrefix(what, "de") {
			must(t, checkLetter(opened, what, m))
			continue
		}
		_, stranger := opened.Claim(m.Ref, m.Claim, key().Verifier())
		c, owner := opened.Claim(m.Ref, m.Claim, m.Reader.Verifier())
		whole := owner == nil && bytes.Equal(c.Content, m.Data)
		ok := true
		switch what {
		case "created":
			ok = stranger == nil && owner != nil // it was free, so the stranger won it
		case "claiming":
			ok = (stranger == nil) != (owner == nil) // bound or not, never both
		case "claimed":
			ok = stranger != nil && whole
		case "erasing":
			ok = stranger != nil && (whole || owner != nil)
		case "erased":
			ok = stranger != nil && owner != nil
		}
		if !ok {
			t.Fatalf("last said %q; a stranger's claim: %v, the reader's: %v", what, stranger, owner)
		}
	}
}
