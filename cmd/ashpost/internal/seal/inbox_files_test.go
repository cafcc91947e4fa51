package seal

import (
	"bytes"
	"testing"

	"filippo.io/age"
)

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
