package seal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"
)

func drawPeople(t *rapid.T, label string) []int {
	return rapid.SliceOfNDistinct(rapid.IntRange(0, 6), 1, 4, rapid.ID).Draw(t, label)
}

// Every letter opens for every key of its inbox, with its head and content; and
// its proof is good for one key.
func TestLetterProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		to := keysOf(drawPeople(t, "to")...)
		m, contents := drawMessage(t)
		if m.Check() != nil {
			t.Skip("empty")
		}
		l := Letter{Head: Head{To: to.ID(), Time: time.Unix(rapid.Int64Range(0, latestTime).Draw(t, "time"), 0).UTC()}, Message: m}
		key := [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "key"))
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 1:
			l.Head.Reply = &Reply{keysOf(drawPeople(t, "reply")...), key}
		case 2:
			from := keysOf(drawPeople(t, "from")...).ID()
			l.Head.From, l.Key = &from, &key
		case 3:
			from := keysOf(0).ID()
			l.Head.From = &from
		}
		var b bytes.Buffer
		if err := SealLetter(&b, to, l); err != nil {
			t.Fatal(err)
		}
		if int64(b.Len()) != LetterSize(to, l) {
			t.Fatalf("%d bytes, announced %d", b.Len(), LetterSize(to, l))
		}
		for n := range 7 {
			r, err := OpenLetter(iotest.HalfReader(bytes.NewReader(b.Bytes())), person(n), to.ID())
			if !slices.Contains(to, person(n).Recipient()) {
				if !errors.Is(err, ErrDamaged) {
					t.Fatalf("opened by a stranger: %v", err)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			expect(t, r.Reader, m, contents)
			if !reflect.DeepEqual(r.Head(), l.Head) {
				t.Fatal("another head")
			}
			if r.Proves(key) != (l.Key != nil || l.Head.Reply != nil) || r.Proves([32]byte{}) && key != [32]byte{} {
				t.Fatal("the proof differs")
			}
		}
	})
}

func TestSealLetterRefuses(t *testing.T) {
	to := keysOf(0)
	good := Letter{Head: Head{To: to.ID(), Time: letterTime}, Message: Message{Text: "x"}}
	key, from := [32]byte{1}, keysOf(1).ID()
	with := func(change func(l *Letter)) Letter {
		l := good
		change(&l)
		return l
	}
	cases := []struct {
		name string
		to   Recipients
		l    Letter
		want error
	}{
		{"good", to, good, nil},
		{"empty", to, with(func(l *Letter) { l.Message.Text = "" }), ErrEmpty},
		{"to nobody", nil, good, ErrRecipients},
		{"to a stranger", keysOf(1), good, ErrHead},
		{"not in order", Recipients{"age1x"}, good, ErrRecipients},
		{"before 1970", to, with(func(l *Letter) { l.Head.Time = time.Unix(-1, 0) }), ErrHead},
		{"behind 9999", to, with(func(l *Letter) { l.Head.Time = time.Unix(latestTime+1, 0) }), ErrHead},
		{"from and reply", to, with(func(l *Letter) { l.Head.From, l.Head.Reply = &from, &Reply{keysOf(1), key} }), ErrHead},
		{"reply to nobody", to, with(func(l *Letter) { l.Head.Reply = &Reply{nil, key} }), ErrRecipients},
		{"reply with another key", to, with(func(l *Letter) { l.Head.Reply, l.Key = &Reply{keysOf(1), [32]byte{2}}, &key }), ErrUnprovable},
		{"a key for nobody", to, with(func(l *Letter) { l.Key = &key }), ErrUnprovable},
		{"file shrank", to, with(func(l *Letter) {
			l.Message.Files = []File{{Name: "a", Size: 5, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("four")), nil }}}
		}), ErrChanged},
	}
	for _, c := range cases {
		if err := SealLetter(io.Discard, c.to, c.l); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
}

func TestLetterEverywhereCut(t *testing.T) {
	to := keysOf(0)
	var b bytes.Buffer
	l := Letter{Head: asking(), Message: Message{Text: "x", Files: []File{fileOf("a", make([]byte, 70_000))}}}
	if err := SealLetter(&b, to, l); err != nil {
		t.Fatal(err)
	}
	whole, broken := b.Bytes(), errors.New("connection lost")
	for _, n := range []int{0, 1, 22, 1000, 1626, 1627, 1643, 2000, 4000, 67000, 67180, 67200, 70000, len(whole) - 1} {
		check := func(tail io.Reader, want error) {
			r, err := OpenLetter(io.MultiReader(bytes.NewReader(whole[:n]), tail), person(0), to.ID())
			if err == nil {
				err = r.Verify()
			}
			if !errors.Is(err, want) {
				t.Errorf("cut at %d: got %v, want %v", n, err, want)
			}
		}
		check(strings.NewReader(""), ErrDamaged)
		check(iotest.ErrReader(broken), broken)
	}
}

func TestLetterInConstantMemory(t *testing.T) {
	const size = 64 << 20
	to := keysOf(0)
	l := Letter{Head: asking(), Message: Message{Files: []File{{Name: "big", Size: size, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(io.LimitReader(ones{}, size)), nil
	}}}}}
	pr, pw := io.Pipe()
	go func() { pw.CloseWithError(SealLetter(pw, to, l)) }()
	r, err := OpenLetter(pr, person(0), to.ID())
	if err != nil {
		t.Fatal(err)
	}
	a, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	var peak uint64
	for buf := make([]byte, 1<<20); ; {
		n, err := io.ReadFull(a, buf)
		if n > 0 && a.left%(16<<20) == 0 {
			peak = max(peak, live())
		}
		if err != nil {
			break
		}
	}
	if err := r.Verify(); err != nil {
		t.Fatal(err)
	}
	if peak > 16<<20 {
		t.Errorf("%d bytes live while streaming %d", peak, size)
	}
	runtime.KeepAlive(pr)
}

func TestNotebookProperty(t *testing.T) {
	day := rapid.Custom(func(t *rapid.T) string {
		if rapid.Bool().Draw(t, "none") {
			return ""
		}
		return time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "second"), 0).UTC().Format(time.DateOnly)
	})
	rapid.Check(t, func(t *rapid.T) {
		n := Notebook{Seen: day.Draw(t, "seen"), Before: day.Draw(t, "before")}
		for range rapid.IntRange(0, 4).Draw(t, "conversations") {
			r := keysOf(drawPeople(t, "with")...)
			c := Conversation{r.ID(), rapid.String().Draw(t, "name"), r, nil, day.Draw(t, "since")}
			if rapid.Bool().Draw(t, "key") {
				c.Key = (*[32]byte)(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "bytes"))
			}
			n.Conversations = append(n.Conversations, c)
		}
		slices.SortStableFunc(n.Conversations, func(a, b Conversation) int { return strings.Compare(a.Since, b.Since) })
		inbox := keysOf(0).ID()
		file, err := SealNotebook(person(0), inbox, n)
		if err != nil {
			t.Fatal(err)
		}
		got, err := OpenNotebook(person(0), inbox, file)
		if err != nil || !reflect.DeepEqual(got, n) {
			t.Fatalf("another notebook: %v", err)
		}
		if _, err := OpenNotebook(person(0), keysOf(1).ID(), file); err != ErrNotebook {
			t.Fatalf("of another inbox: %v", err)
		}
	})
}

// A notebook that grows for ever forgets its oldest pages.
func TestNotebookDropsTheOldest(t *testing.T) {
	inbox, with := keysOf(0).ID(), keysOf(1, 2, 3, 4)
	var n Notebook
	for i := range 200 { // 8 kB each
		since := time.Unix(int64(i)*86400, 0).UTC().Format(time.DateOnly)
		n.Conversations = append(n.Conversations, Conversation{with.ID(), "x", with, nil, since})
	}
	slices.Reverse(n.Conversations)
	file, err := SealNotebook(person(0), inbox, n)
	if err != nil {
		t.Fatal(err)
	}
	got, err := OpenNotebook(person(0), inbox, file)
	if err != nil {
		t.Fatal(err)
	}
	kept := got.Conversations
	if len(kept) < 100 || len(kept) >= 200 || kept[len(kept)-1].Since != n.Conversations[0].Since {
		t.Errorf("%d kept", len(kept))
	}
	if n.Conversations[0].Since < n.Conversations[1].Since {
		t.Error("the notebook itself was changed")
	}
	for _, bad := range []Notebook{
		{Seen: "yesterday"},
		{Conversations: []Conversation{{Inbox: inbox, Recipients: with}}},
		{Conversations: []Conversation{{Inbox: with.ID(), Name: strings.Repeat("x", maxNotebook), Recipients: with}}},
	} {
		if file, err := SealNotebook(person(0), inbox, bad); len(bad.Conversations) == 1 && bad.Conversations[0].Name != "" {
			if got, err := OpenNotebook(person(0), inbox, file); err != nil || len(got.Conversations) != 0 {
				t.Errorf("a name of 1 MiB: %v", err)
			}
		} else if err != ErrNotebook {
			t.Errorf("got %v", err)
		}
	}
}

func TestNotebookVisit(t *testing.T) {
	var n Notebook
	monday := time.Date(2026, 3, 2, 23, 59, 0, 0, time.UTC)
	n.Visit(monday)
	if n.Seen != "2026-03-02" || n.Before != "" {
		t.Errorf("%+v", n)
	}
	n.Visit(monday.Add(time.Second))
	if n.Before != "" {
		t.Errorf("twice a day: %+v", n)
	}
	n.Visit(monday.Add(time.Hour))
	if n.Seen != "2026-03-03" || n.Before != "2026-03-02" {
		t.Errorf("%+v", n)
	}
}

// However a secret is printed, alone or inside of something, it does not show.
func TestSecretsDoNotPrint(t *testing.T) {
	id, c := person(0), codenameOf(4)
	holder := struct {
		Shown  Identity
		hidden Identity
	}{id, id}
	var all strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		for _, value := range []any{id, &id, c, &c, holder, &holder, []Identity{id}, map[string]Codename{"a": c}} {
			fmt.Fprintf(&all, verb+"\n", value)
		}
	}
	text, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	all.Write(text)
	seed := id.Seed()
	for _, secret := range []string{
		identityLine(seed), fmt.Sprint(seed), fmt.Sprint(seed[:8]), hex32(seed), fmt.Sprintf("%#v", seed), fmt.Sprintf("%X", seed),
		fmt.Sprint([16]byte(c)), fmt.Sprintf("%x", [16]byte(c)), strings.Fields(c.Words())[3],
	} {
		if strings.Contains(all.String(), strings.Trim(secret, "[]")) {
			t.Errorf("a secret shows: %.10s…", secret)
		}
	}
}
