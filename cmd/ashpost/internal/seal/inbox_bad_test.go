package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

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
	for _, name := range inherited {
		add("outside files: "+name, to, pad(hello, text, entry("", name, "x")))
	}
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
