package seal

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"
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
