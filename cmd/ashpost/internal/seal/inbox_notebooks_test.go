package seal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

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
	replaced("not UTF-8", "گاو", "\xda")
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
	add("lost by the service", []byte("lost"))
	return out
}
