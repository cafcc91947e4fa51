package e2e

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/webui/api"
	"ashpost/webui/webtest"
)

// TestBadLetters: letters that nobody who writes with our programs makes lie
// between good ones. Those are named, and nothing of them is shown.
func TestBadLetters(t *testing.T) {
	owner := seal.NewIdentity()
	k := keyFile(t, owner)
	good := letterTo(t, owner, "true text", storable[:8]...)
	bad := [][]byte{
		good[:len(good)-100], append(slices.Clone(good), 0), []byte(strings.Repeat(markup, 40)), changed(good),
		letterTo(t, seal.NewIdentity(), "evil"), bytes.Repeat([]byte{1}, api.SmallSize),
	}
	for _, name := range []string{"files/../../evil", "/tmp/evil", "files/evil\u202egpj.exe", "files/evil\x1b]0;owned\x07", "evil.txt", "files/" + strings.Repeat("evil", 1000), "files/evil\xff", "files/evil/evil"} {
		bad = append(bad, reencrypted(t, owner, good, behindHead(t, name)))
	}
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			l := newLiar(t, seal.Recipients{owner.Recipient()})
			l.holds(good)
			for _, b := range bad {
				l.holds(b)
			}
			l.holds(reencrypted(t, owner, good, func(plain []byte) []byte {
				return bytes.Replace(plain, []byte(api.Key(l.id).Encode()), []byte(api.NewKey().Encode()), 1)
			}))
			c := l.visited(kind, webtest.Options{Width: 390, Height: 844})
			c.opensInbox(k)
			c.sees("Without a way to answer")
			c.looks("bad letters")
			names := c.reads(`Array.from(document.querySelectorAll("#talks .name"), n => n.textContent).join("|")`)
			if want := strings.Repeat("Damaged|", len(bad)+1) + "Without a way to answer"; names != want {
				t.Errorf("%q, want %q", names, want)
			}
			for n := range len(bad) + 1 {
				c.showsNothing(n + 1)
			}
			c.clicks("#talks li:last-child .open")
			c.sees("true text")
			c.namesFiles(storable[:8])
			c.staysHarmless(c.site + "/inbox")
		})
	}
}

// showsNothing opens the n-th conversation, whose only letter is a bad one.
func (c *correspondent) showsNothing(n int) {
	c.t.Helper()
	c.clicks(fmt.Sprintf("#talks li:nth-child(%d) .open", n))
	c.waits("#talk")
	words := c.reads(`document.querySelector("#letters .state").textContent`)
	if words != "This message is damaged, or was never a message. Nothing of it is shown." &&
		words != "This message was written to another inbox. The service, or somebody else, put it here. Nothing of it is shown." {
		c.t.Errorf("letter %d: %q", n, words)
	}
	if shown := c.reads(`Array.from(document.querySelectorAll("#letters .text, #letters .files, #letters .mark"), e => e.textContent).join("")`); shown != "" {
		c.t.Errorf("letter %d is shown: %q", n, shown)
	}
	c.clicks("#talk-back")
}

// namesFiles: the names of a letter's files are text, whatever they say.
func (c *correspondent) namesFiles(want []named) {
	c.t.Helper()
	raw, err := c.Eval(c.ctx(), `Array.from(document.querySelectorAll("#letters .files .name"), e => e.textContent)`)
	c.must(err)
	var got []string
	c.must(json.Unmarshal(raw, &got))
	if !slices.EqualFunc(got, want, func(g string, w named) bool { return g == w.name }) {
		c.t.Errorf("the page shows %q", got)
	}
	if made := c.reads(`Array.from(document.querySelectorAll("#letters .files .name *"), e => e.outerHTML).join()`); made != "" {
		c.t.Errorf("names became elements: %s", made)
	}
}

// letterTo makes a letter to one key that wants no answer.
func letterTo(t testing.TB, owner seal.Identity, text string, files ...named) []byte {
	t.Helper()
	to := seal.Recipients{owner.Recipient()}
	l := seal.Letter{Head: seal.Head{To: to.ID(), Time: time.Now()}, Message: seal.Message{Text: text}}
	for _, f := range files {
		l.Message.Files = append(l.Message.Files, seal.File{Name: f.name, Size: int64(len(f.content)), Open: func() (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader(f.content)), nil
		}})
	}
	var b bytes.Buffer
	check(t, seal.SealLetter(&b, to, l))
	return b.Bytes()
}

// changed has one bit of its last byte turned.
func changed(letter []byte) []byte {
	letter = slices.Clone(letter)
	letter[len(letter)-1] ^= 1
	return letter
}

// reencrypted changes what is in an age file.
func reencrypted(t *testing.T, owner seal.Identity, file []byte, change func([]byte) []byte) []byte {
	t.Helper()
	plain, err := owner.Answer(file, 1<<20)
	check(t, err)
	recipient, err := age.ParseHybridRecipient(owner.Recipient())
	check(t, err)
	var b bytes.Buffer
	e, err := age.Encrypt(&b, recipient)
	check(t, err)
	_, err = e.Write(change(plain))
	check(t, err)
	check(t, e.Close())
	return b.Bytes()
}

// behindHead leaves the head of a letter, and puts an entry of this name behind it.
func behindHead(t *testing.T, name string) func([]byte) []byte {
	return func(plain []byte) []byte {
		head, err := tar.NewReader(bytes.NewReader(plain)).Next()
		check(t, err)
		var b bytes.Buffer
		b.Write(plain[:512+(head.Size+511)/512*512])
		w := tar.NewWriter(&b)
		check(t, w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: 4, Typeflag: tar.TypeReg}))
		_, err = io.WriteString(w, "evil")
		check(t, err)
		check(t, w.Close())
		return append(b.Bytes(), make([]byte, 8192-b.Len()%8192)...)
	}
}
