package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
)

var letterTime = time.Unix(1_790_000_000, 0)

// asking is the head of a letter of person 1 to person 0 that wants answers.
func asking() Head {
	to := keysOf(0).ID()
	return Head{To: to, Time: letterTime, Reply: &Reply{keysOf(1), ReplyKey(person(1), to)}}
}

// answering is the head of the answer, with the key that proves it.
func answering() (Head, [32]byte) {
	from := keysOf(0).ID()
	return Head{To: keysOf(1).ID(), Time: letterTime, From: &from}, ReplyKey(person(1), from)
}

func letterBytes(t testing.TB, l Letter) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := writeLetter(&b, l); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func letterVectors(t *testing.T) (out []letterVector) {
	add := func(name string, l Letter, proves *[32]byte, not ...[32]byte) {
		v := letterVector{Name: name, Inbox: hex32(l.Head.To), Head: vectorOf(l.Head), Text: l.Message.Text, Files: []fileVector{}, Not: []string{}}
		text, err := l.Head.encode()
		if err != nil {
			t.Fatal(err)
		}
		v.HeadText = string(text)
		for _, f := range l.Message.Files {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			content := make([]byte, f.Size)
			r.Read(content)
			v.Files = append(v.Files, fileVector{f.Name, f.Name, b64(content)})
		}
		if l.Key != nil {
			v.Key = hex32(*l.Key)
		}
		if proves != nil {
			v.Proves = hex32(*proves)
		}
		for _, k := range not {
			v.Not = append(v.Not, hex32(k))
		}
		b := letterBytes(t, l)
		v.Begin, v.Length = head(b)
		v.SHA256 = fmt.Sprintf("%x", sha256.Sum256(b))
		out = append(out, v)
	}
	to := keysOf(0).ID()
	file := fileOf("a.txt", []byte("some content"))
	answer, key := answering()
	other := ReplyKey(person(2), to)
	ask := asking()
	add("nobody, text", Letter{Head: Head{To: to, Time: letterTime}, Message: Message{Text: persian}}, nil, other, key)
	add("nobody, file only", Letter{Head: Head{To: to, Time: time.Unix(0, 0)}, Message: Message{Files: []File{file}}}, nil)
	add("wants answers", Letter{Head: ask, Message: Message{Text: "Hello", Files: []File{file}}}, &ask.Reply.Key, other)
	team := Head{To: keysOf(0, 2).ID(), Time: letterTime, Reply: &Reply{keysOf(1, 2, 3), other}}
	add("a team wants answers of a team", Letter{Head: team, Message: Message{Text: "Hello"}}, &other)
	ten := Head{To: to, Time: letterTime, Reply: &Reply{keysOf(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), other}}
	add("ten keys to answer to", Letter{Head: ten, Message: Message{Text: "Hello"}}, &other)
	add("answer", Letter{Head: answer, Message: Message{Text: "Yes"}, Key: &key}, &key, other)
	add("answer with another key", Letter{Head: answer, Message: Message{Text: "Yes"}, Key: &other}, &other, key)
	add("answer without proof", Letter{Head: answer, Message: Message{Text: "Yes"}}, nil, key)
	add("a file called as the proof", Letter{Head: answer, Message: Message{Files: []File{fileOf("ashpost.mac", []byte(strings.Repeat("A", 43)))}}, Key: &key}, &key)
	return out
}

func vectorOf(h Head) headVector {
	v := headVector{To: hex32(h.To), Time: h.Time.Unix(), Recipients: []string{}}
	if h.From != nil {
		v.From = hex32(*h.From)
	}
	if h.Reply != nil {
		v.Recipients, v.Key = h.Reply.Recipients, hex32(h.Reply.Key)
	}
	return v
}

// proven ends entries with the mac that belongs there.
func proven(key [32]byte, d direction, to InboxID, entries ...[]byte) [][]byte {
	mac := letterMAC(key, d, to, sha256.Sum256(bytes.Join(entries, nil)))
	return append(entries, entry("", macName, base64.RawURLEncoding.EncodeToString(mac)))
}

func headText(h Head) string {
	text, err := h.encode()
	if err != nil {
		panic(err)
	}
	return string(text)
}

func badLetters() (out []badLetterVector) {
	to := keysOf(0).ID()
	add := func(name string, inbox InboxID, b []byte) {
		begin, n := head(b)
		out = append(out, badLetterVector{name, hex32(inbox), begin, n})
	}
	text := entry("", textName, "some text")
	ask, plain := asking(), headText(Head{To: to, Time: letterTime})
	answer, key := answering()
	from := answer.To
	hello := entry("", headName, plain)
	headed := func(name, head string) { add("head: "+name, to, pad(entry("", headName, head), text)) }
	replaced := func(name, old, new string) {
		if !strings.Contains(plain, old) {
			panic(name)
		}
		headed(name, strings.Replace(plain, old, new, 1))
	}
	asked := func(name, old, new string) {
		h := strings.Replace(headText(ask), old, new, 1)
		if h == headText(ask) {
			panic(name)
		}
		add("head: "+name, to, pad(proven(ask.Reply.Key, fromAsker, to, entry("", headName, h), text)...))
	}
	add("to another inbox", keysOf(2).ID(), pad(hello, text))
	add("no head", to, pad(text))
	add("text before the head", to, pad(text, hello))
	add("second head", to, pad(hello, hello, text))
	add("second head behind the text", to, pad(hello, text, hello))
	add("head among the files", to, pad(entry("files", headName, plain), text))
	add("head alone", to, pad(hello))
	add("head over 64 KiB", to, pad(entry("", headName, plain+strings.Repeat(" ", 64<<10)), text))
	add("byte in the padding of the head", to, pad(set(hello, len(hello)-1, "x"), text))
	add("mode of the head", to, pad(edit(hello, 100, "0000644"), text))
	add("empty text", to, pad(hello, entry("", textName, "")))
	add("padding too short by a block", to, pad(hello, text)[:8192-512])

	headed("empty", "")
	headed("not JSON", "{")
	headed("null", "null")
	headed("white space at the end", plain+"\n")
	replaced("white space inside", `,"time"`, `, "time"`)
	replaced("version 2", `"v":1`, `"v":2`)
	replaced("no version", `"v":1,`, ``)
	replaced("version as text", `"v":1`, `"v":"1"`)
	replaced("unknown member", `,"reply"`, `,"x":1,"reply"`)
	replaced("member twice", `"v":1,`, `"v":1,"v":1,`)
	replaced("another order", `"from":"","reply":null`, `"reply":null,"from":""`)
	replaced("upper case member", `"to"`, `"To"`)
	replaced("escape", `"to"`, `"t\u006f"`)
	replaced("no reply", `,"reply":null`, ``)
	replaced("reply without members", `null`, `{}`)
	replaced("from is null", `"from":""`, `"from":null`)
	replaced("from is cut off", `"from":""`, `"from":"AAAA"`)
	replaced("time as text", `1790000000`, `"1790000000"`)
	replaced("time with a fraction", `1790000000`, `1790000000.5`)
	replaced("time with an exponent", `1790000000`, `179e7`)
	replaced("time before 1970", `1790000000`, `-1`)
	replaced("time behind the year 9999", `1790000000`, `253402300800`)
	replaced("padded base64", `","time"`, `=","time"`)
	asked("reply: unknown member", `,"key"`, `,"x":1,"key"`)
	asked("reply: key cut off", b64key(ask.Reply.Key), "AAAA")
	asked("reply: no recipients", `["`+ask.Reply.Recipients[0]+`"]`, `[]`)
	asked("reply: X25519", ask.Reply.Recipients[0], foreignRecipient)
	asked("reply: recipient twice", `["`+ask.Reply.Recipients[0]+`"]`, `["`+ask.Reply.Recipients[0]+`","`+ask.Reply.Recipients[0]+`"]`)
	two := keysOf(0, 1)
	asked("reply: not sorted", `["`+ask.Reply.Recipients[0]+`"]`, `["`+two[1]+`","`+two[0]+`"]`)
	asked("from beside reply", `"from":""`, `"from":"`+b64key(from)+`"`)

	head := entry("", headName, headText(ask))
	add("mac: missing", to, pad(head, text))
	add("mac: of another key", to, pad(proven(ReplyKey(person(2), to), fromAsker, to, head, text)...))
	add("mac: direction of an answer", to, pad(proven(ask.Reply.Key, fromAnswerer, to, head, text)...))
	add("mac: for another inbox", to, pad(proven(ask.Reply.Key, fromAsker, from, head, text)...))
	other := proven(ask.Reply.Key, fromAsker, to, head, entry("", textName, "some tex_"))
	add("mac: of another text", to, pad(head, text, other[2]))
	good := proven(ask.Reply.Key, fromAsker, to, head, text)
	mac := good[2]
	add("mac: not last", to, pad(head, mac, text))
	add("mac: twice", to, pad(head, text, mac, mac))
	add("mac: file behind it", to, pad(append(good, entry("files", "a.txt", "x"))...))
	add("mac: 42 characters", to, pad(head, text, entry("", macName, strings.Repeat("A", 42))))
	add("mac: 44 characters", to, pad(head, text, entry("", macName, strings.Repeat("A", 43)+"=")))
	add("mac: not canonical base64url", to, pad(head, text, entry("", macName, strings.Repeat("A", 42)+"B")))
	add("mac: mode", to, pad(head, text, edit(mac, 100, "0000644")))
	add("mac: byte in its padding", to, pad(head, text, set(mac, len(mac)-1, "x")))
	add("mac: among the files", to, pad(head, text, entry("files", macName, string(mac[512:555]))))
	add("mac: neither from nor reply", to, pad(proven(key, fromAsker, to, hello, text)...))
	add("mac: no text before it", to, pad(proven(ask.Reply.Key, fromAsker, to, head)...))
	return out
}

func b64key(b [32]byte) string { return base64.RawURLEncoding.EncodeToString(b[:]) }

func letterFileVectors(t *testing.T) (out []letterFileVector) {
	file := fileVector{"a.txt", "a.txt", b64([]byte("some content"))}
	add := func(name string, reader int, to Recipients, l Letter, files ...fileVector) {
		var b bytes.Buffer
		if err := SealLetter(&b, to, l); err != nil {
			t.Fatal(err)
		}
		if files == nil {
			files = []fileVector{}
		}
		out = append(out, letterFileVector{name, hex32(seedOf(reader)), hex32(to.ID()), len(to), l.Message.Text, files, b64(b.Bytes())})
	}
	team := keysOf(0, 1, 2)
	ten := keysOf(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
	answer, key := answering()
	add("wants answers", 0, keysOf(0), Letter{Head: asking(), Message: Message{Text: persian, Files: []File{fileOf("a.txt", []byte("some content"))}}}, file)
	add("answer", 1, keysOf(1), Letter{Head: answer, Message: Message{Text: "Yes"}, Key: &key})
	add("to a team, first", 0, team, Letter{Head: Head{To: team.ID(), Time: letterTime}, Message: Message{Text: "x"}})
	add("to a team, last", 2, team, Letter{Head: Head{To: team.ID(), Time: letterTime}, Message: Message{Text: "x"}})
	add("to ten", 9, ten, Letter{Head: Head{To: ten.ID(), Time: letterTime}, Message: Message{Text: "x"}})
	return out
}

func badLetterFiles(t *testing.T) (out []badLetterFileVector) {
	to := keysOf(0)
	add := func(name string, b []byte) {
		out = append(out, badLetterFileVector{name, hex32(seedOf(0)), hex32(to.ID()), b64(b)})
	}
	small := pad(entry("", headName, headText(Head{To: to.ID(), Time: letterTime})), entry("", textName, "x"))
	own := person(0).key().age.Recipient()
	good := encryptTo(t, small, own)
	with := func(more ...*age.Stanza) []byte {
		return encryptTo(t, small, evil(func(key []byte) ([]*age.Stanza, error) {
			s, err := own.Wrap(key)
			return append(s, more...), err
		}))
	}
	stanzas := func(n int) []byte {
		return encryptTo(t, small, evil(func(key []byte) (all []*age.Stanza, err error) {
			for range n {
				s, err := own.Wrap(key)
				if err != nil {
					return nil, err
				}
				all = append(all, s...)
			}
			return all, nil
		}))
	}
	x := x25519(t)
	add("scrypt stanza", encryptTo(t, small, scryptRecipient(t, "words", 10)))
	add("X25519 stanza", encryptTo(t, small, x))
	add("X25519 stanza beside", encryptTo(t, small, evil(func(key []byte) ([]*age.Stanza, error) {
		a, err := own.Wrap(key)
		if err != nil {
			return nil, err
		}
		b, err := x.Wrap(key)
		return append(a, b...), err
	})))
	add("stanza of no known kind beside", with(&age.Stanza{Type: "grease"}))
	add("eleven stanzas", stanzas(11))
	add("stanza with a second argument", bytes.Replace(good, []byte("\n-> mlkem768x25519 "), []byte("\n-> mlkem768x25519 x "), 1))
	add("to another key", encryptTo(t, small, person(1).key().age.Recipient()))
	add("flipped bit in the encapsulated key", flip(good, 100))
	add("flipped bit in the MAC of the header", flip(good, 1600))
	add("flipped bit in the payload", flip(good, 4000))
	add("last byte missing", good[:len(good)-1])
	add("a byte behind the end", append(bytes.Clone(good), 0))
	add("armor", armored(t, good))
	add("empty", nil)
	add("a message behind a link", encryptTo(t, pad(entry("", textName, "x")), own))
	return out
}

func notebookOf(people ...int) Notebook {
	n := Notebook{Seen: "2026-03-02", Before: "2026-02-28"}
	for i, p := range people {
		c := Conversation{keysOf(p).ID(), fmt.Sprintf("friend %d گاو", p), keysOf(p), nil, fmt.Sprintf("2026-01-%02d", i+1)}
		if i%2 == 1 {
			key := ReplyKey(person(p), keysOf(0).ID())
			c.Key = &key
		}
		n.Conversations = append(n.Conversations, c)
	}
	return n
}

func notebookVectors(t *testing.T) (out []notebookVector) {
	add := func(name string, n Notebook) {
		text, err := n.encode()
		if err != nil {
			t.Fatal(err)
		}
		plain := notebookPlain(person(0), keysOf(0).ID(), string(text))
		v := notebookVector{
			Name: name, Seed: hex32(seedOf(0)), Inbox: hex32(keysOf(0).ID()), Seen: n.Seen, Before: n.Before,
			Speaking: []conversationVector{}, JSON: string(text), Tag: fmt.Sprintf("%x", plain[:32]), Length: len(plain),
		}
		for _, c := range n.Conversations {
			key := ""
			if c.Key != nil {
				key = hex32(*c.Key)
			}
			v.Speaking = append(v.Speaking, conversationVector{hex32(c.Inbox), c.Name, c.Recipients, key, c.Since})
		}
		out = append(out, v)
	}
	add("empty", Notebook{})
	add("seen", Notebook{Seen: "2026-03-02"})
	add("two conversations", notebookOf(1, 2))
	add("above the floor", notebookOf(1, 2, 3, 4, 5))
	return out
}

// notebookPlain makes what is encrypted, of any text.
func notebookPlain(owner Identity, inbox InboxID, text string) []byte {
	size := int(padded(int64(32 + len(text))))
	filled := []byte(text + strings.Repeat(" ", size-32-len(text)))
	return append(notebookTag(owner, inbox, filled), filled...)
}

func badNotebooks(t *testing.T) (out []badNotebookVector) {
	owner, inbox := person(0), keysOf(0).ID()
	add := func(name string, plain []byte) {
		begin := bytes.TrimRight(plain, " ")
		out = append(out, badNotebookVector{name, hex32(seedOf(0)), hex32(inbox), b64(begin), len(plain)})
	}
	text := func(n Notebook) string {
		b, err := json.Marshal(n.json())
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	one := notebookOf(1)
	good := text(one)
	tagged := func(name string, filled string) {
		add(name, append(notebookTag(owner, inbox, []byte(filled)), filled...))
	}
	filled := string(notebookPlain(owner, inbox, good)[32:])
	replaced := func(name, old, new string) {
		if !strings.Contains(good, old) {
			t.Fatal(name)
		}
		add(name, notebookPlain(owner, inbox, strings.Replace(good, old, new, 1)))
	}
	add("empty", nil)
	add("shorter than a tag", make([]byte, 31))
	add("tag flipped", flip(notebookPlain(owner, inbox, good), 0))
	add("text changed", set(notebookPlain(owner, inbox, good), 32+len(good)-3, "]"))
	add("of another owner", notebookPlain(person(1), inbox, good))
	add("for another inbox", notebookPlain(owner, keysOf(1).ID(), good))
	tagged("not padded", good)
	tagged("padded too much", filled+strings.Repeat(" ", 512))
	tagged("padding of zeros", strings.TrimRight(filled, " ")+strings.Repeat("\x00", len(filled)-len(good)))
	tagged("larger than it may be", strings.Repeat(" ", 2<<20))
	tagged("nothing but spaces", strings.Repeat(" ", 8192-32))
	add("not JSON", notebookPlain(owner, inbox, "{"))
	add("two values", notebookPlain(owner, inbox, good+good))
	replaced("version 2", `"v":1`, `"v":2`)
	replaced("unknown member", `"v":1`, `"v":1,"x":1`)
	replaced("no such day", `2026-03-02`, `2026-02-30`)
	replaced("day with a time", `2026-03-02`, `2026-03-02T00:00:00Z`)
	replaced("inbox of other keys", b64key(keysOf(1).ID()), b64key(keysOf(2).ID()))
	replaced("key cut off", `"key":""`, `"key":"AAAA"`)
	replaced("X25519", keysOf(1)[0], foreignRecipient)
	replaced("name is a number", `"name":"friend 1 گاو"`, `"name":1`)
	return out
}

func notebookFileVectors(t *testing.T) (out []notebookFileVector) {
	file, err := SealNotebook(person(0), keysOf(0).ID(), notebookOf(1))
	if err != nil {
		t.Fatal(err)
	}
	return []notebookFileVector{{"one conversation", hex32(seedOf(0)), hex32(keysOf(0).ID()), b64(file)}}
}

func badNotebookFiles(t *testing.T) (out []notebookFileVector) {
	owner, inbox := person(0), keysOf(0).ID()
	add := func(name string, b []byte) {
		out = append(out, notebookFileVector{name, hex32(seedOf(0)), hex32(inbox), b64(b)})
	}
	text, err := notebookOf(1).encode()
	if err != nil {
		t.Fatal(err)
	}
	plain := notebookPlain(owner, inbox, string(text))
	own, other := owner.key().age.Recipient(), person(1).key().age.Recipient()
	good := encryptTo(t, plain, own)
	add("to another key", encryptTo(t, plain, other))
	add("to two keys", encryptTo(t, plain, own, other))
	add("X25519", encryptTo(t, plain, x25519(t)))
	add("scrypt", encryptTo(t, plain, scryptRecipient(t, "words", 10)))
	add("a letter", encryptTo(t, pad(entry("", headName, headText(Head{To: inbox, Time: letterTime})), entry("", textName, "x")), own))
	add("flipped bit", flip(good, 4000))
	add("cut off", good[:len(good)-1])
	return out
}
