package seal

import (
	"encoding/hex"
	"strings"

	"github.com/btcsuite/btcd/btcutil/bech32"
)

func bech32Lower(prefix string, data []byte) string {
	s, err := bech32.EncodeFromBase256(prefix, data)
	if err != nil {
		panic(err)
	}
	return s
}

func bech32Upper(prefix string, data []byte) string {
	return strings.ToUpper(bech32Lower(prefix, data))
}

func addressVectors() (out []addressVector) {
	id := keysOf(0).ID()
	to := testOnion + "/to/" + id.String()
	add := func(name, text, service string, alias string) {
		a := InboxAddress{Service: service, ID: id, Alias: alias}
		shown := hex32(id)
		if alias != "" {
			a.ID, shown = InboxID{}, ""
		}
		out = append(out, addressVector{name, text, service, shown, alias, a.String()})
	}
	add("plain", to, testOnion, "")
	add("white space around", " \t\r\n"+to+"\r\n", testOnion, "")
	add("scheme and host in upper case", strings.ToUpper(testOnion)+"/to/"+id.String(), testOnion, "")
	add("ID in upper case", testOnion+"/to/"+strings.ToUpper(id.String()), testOnion, "")
	add("preview", "http://127.0.0.1:8080/to/"+id.String(), "http://127.0.0.1:8080", "")
	add("port 80", "http://localhost:80/to/"+id.String(), "http://localhost", "")
	add("alias", testOnion+"/to/newsroom", testOnion, "newsroom")
	add("alias in upper case", testOnion+"/to/Newsroom-2", testOnion, "newsroom-2")
	add("alias of 2", testOnion+"/to/ab", testOnion, "ab")
	add("alias of 31", testOnion+"/to/a"+strings.Repeat("b-", 15), testOnion, "a"+strings.Repeat("b-", 15))
	return out
}

func badAddresses() (out []badTextVector) {
	id := keysOf(0).ID().String()
	to := testOnion + "/to/"
	add := func(code, name, text string) { out = append(out, badTextVector{name, text, code}) }
	add("empty", "empty", "")
	add("empty", "white space", " \n")
	add("characters", "broken over two lines", to+id[:20]+"\n"+id[20:])
	add("characters", "full-width letter", to+"\uff21"+id[1:])
	add("scheme", "https", strings.Replace(to, "http:", "https:", 1)+id)
	add("scheme", "no scheme", strings.TrimPrefix(to, "http://")+id)
	add("scheme", "the ID alone", id)
	add("host", "another host", "http://example.com/to/"+id)
	add("host", "host cut off", "http://"+testOnion[8:]+"/to/"+id)
	add("onion-checksum", "mistyped onion address", strings.Replace(to, "aeaq", "beaq", 1)+id)
	add("query", "query", to+id+"?x")
	add("message-link", "secret link", testLink)
	add("message-link", "control link", testControl)
	add("request-link", "private link of a request", RequestLink{testOnion, keysOf(0).ID(), seedOf(0)}.String())
	add("path", "no path", testOnion)
	add("path", "only a slash", testOnion+"/")
	add("path", "path in upper case", testOnion+"/TO/"+id)
	add("path", "another path", testOnion+"/inbox")
	add("extra", "a fragment", to+id+"#x")
	add("extra", "an empty fragment", to+id+"#")
	add("extra", "a full stop", to+id+".")
	add("extra", "a slash", to+id+"/")
	add("extra", "twice", to+id+id)
	add("cut-off", "51 characters", to+id[:51])
	add("cut-off", "32 characters", to+id[:32])
	add("inbox", "unused bits set", to+unusedBits(id))
	add("inbox", "digit 1", to+"1"+id[1:])
	add("alias", "nothing behind /to/", to)
	add("alias", "alias of 1", to+"a")
	add("alias", "alias that begins with a digit", to+"2cents")
	add("alias", "alias that begins with a hyphen", to+"-ab")
	add("alias", "alias with an underscore", to+"news_room")
	add("alias", "alias with a slash", to+"news/room")
	return out
}

func requestVectors() (out []requestVector) {
	l := RequestLink{testOnion, keysOf(0).ID(), seedOf(0)}
	add := func(name, text string) {
		out = append(out, requestVector{name, text, l.Service, hex32(l.ID), hex32(l.Seed), l.String(), l.Address().String()})
	}
	add("plain", l.String())
	add("white space around", "\t"+l.String()+" \r\n")
	add("scheme and host in upper case", strings.ToUpper(testOnion)+strings.TrimPrefix(l.String(), testOnion))
	add("ID in upper case", strings.Replace(l.String(), l.ID.String(), strings.ToUpper(l.ID.String()), 1))
	return out
}

func badRequestLinks() (out []badTextVector) {
	l := RequestLink{testOnion, keysOf(0).ID(), seedOf(31)}
	good, id := l.String(), l.ID.String()
	bare, secret, _ := strings.Cut(good, "#")
	add := func(code, name, text string) { out = append(out, badTextVector{name, text, code}) }
	add("empty", "empty", "")
	add("characters", "white space inside", good[:100]+" "+good[100:])
	add("scheme", "https", strings.Replace(good, "http:", "https:", 1))
	add("host", "another host", strings.Replace(good, testOnion, "http://example.com", 1))
	add("onion-checksum", "mistyped onion address", strings.Replace(good, "aeaq", "beaq", 1))
	add("query", "query", bare+"?x#"+secret)
	add("message-link", "secret link", testLink)
	add("message-link", "control link", testControl)
	add("inbox-address", "address to write to", l.Address().String())
	add("path", "another path", testOnion+"/inbox")
	add("fragment", "no fragment", bare)
	add("fragment", "empty fragment", bare+"#")
	add("inbox", "ID cut off", strings.Replace(good, id, id[:51], 1))
	add("inbox", "ID too long", strings.Replace(good, id, id+"a", 1))
	add("inbox", "unused bits set", strings.Replace(good, id, unusedBits(id), 1))
	add("version", "version 2", bare+"#2"+secret[1:])
	add("cut-off", "secret cut off", good[:len(good)-1])
	add("extra", "a full stop", good+".")
	add("extra", "a suffix", good+".p")
	add("extra", "a character too much", good+"A")
	add("token", "unused bits set", good[:len(good)-1]+"_")
	add("token", "not base64url", good[:len(good)-3]+"+/A")
	return out
}

// badRequests parse, but their halves do not belong together.
func badRequests() []textVector {
	return []textVector{
		{"the ID of another inbox", RequestLink{testOnion, keysOf(1).ID(), seedOf(0)}.String()},
		{"the ID of a team", RequestLink{testOnion, keysOf(0, 1).ID(), seedOf(0)}.String()},
	}
}

func codenameVectors() (out []codenameVector) {
	add := func(name, typed string, c Codename) {
		out = append(out, codenameVector{name, typed, hex.EncodeToString(c[:]), c.Words()})
	}
	var zeros, ones Codename
	for i := range ones {
		ones[i] = 0xff
	}
	c := codenameOf(4)
	words := strings.Fields(c.Words())
	four := make([]string, len(words))
	for i, w := range words {
		four[i] = w[:min(4, len(w))]
	}
	add("zeros", zeros.Words(), zeros)
	add("ones", ones.Words(), ones)
	add("plain", c.Words(), c)
	add("upper case", strings.ToUpper(c.Words()), c)
	add("upper case of a Turkish keyboard", strings.ReplaceAll(strings.ToUpper(c.Words()), "I", "\u0130"), c)
	add("Kelvin signs", strings.ReplaceAll(c.Words(), "k", "\u212a"), c)
	add("hyphens", strings.Join(words, "-"), c)
	add("white space of all kinds", " \t"+strings.Join(words, "\u00a0\n\u3000")+"\r\n", c)
	add("numbered", "1. "+strings.Join(words, "\n12. "), c)
	add("numbered without spaces", "1."+strings.Join(words, "2."), c)
	add("commas", strings.Join(words, ", ")+".", c)
	add("a list as programs write it", `["`+strings.Join(words, `","`)+`"]`, c)
	add("numbered with brackets", "1) "+strings.Join(words, "\n2) "), c)
	add("commas of other scripts", strings.Join(words[:4], "\u060c ")+"\u3001"+strings.Join(words[4:], "\uff0c"), c)
	add("four letters", strings.Join(four, " "), c)
	add("five letters of one", strings.Replace(zeros.Words(), "abandon", "aband", 1), zeros)
	return out
}

func badCodenames() (out []badCodenameVector) {
	add := func(code string, word int, name, typed string) {
		out = append(out, badCodenameVector{name, typed, code, word})
	}
	c := codenameOf(4)
	words := strings.Fields(c.Words())
	with := func(i int, word string) string {
		return strings.Join(words[:i], " ") + " " + word + " " + strings.Join(words[i+1:], " ")
	}
	add("empty", 0, "empty", "")
	add("empty", 0, "nothing but what is ignored", " 1. 2.\n-,;:(\u060c)")
	add("word", 3, "a word of no list", with(2, "qwerty"))
	add("word", 12, "the last word", with(11, "qwerty"))
	add("word", 1, "three letters of a longer word", with(0, "aba"))
	add("word", 5, "a letter too much", with(4, "abandonx"))
	add("word", 2, "an invisible character in a word", with(1, words[1][:2]+"\u200b"+words[1][2:]))
	add("word", 2, "an apostrophe in a word", with(1, words[1][:2]+"'"+words[1][2:]))
	add("word", 4, "another script", with(3, "ааа"))
	add("word", 1, "a Turkish letter without its dot", with(0, strings.ReplaceAll(words[0], "i", "\u0131")))
	add("word", 1, "an apostrophe", "don't "+c.Words())
	add("word", 11, "an unknown word among eleven", strings.Join(words[:10], " ")+" qwerty")
	add("count", 11, "eleven words", strings.Join(words[:11], " "))
	add("count", 13, "thirteen words", c.Words()+" zoo")
	add("count", 24, "twenty-four words", c.Words()+" "+c.Words())
	add("checksum", 0, "one word is another", with(0, "zoo"))
	words[0], words[1] = words[1], words[0]
	add("checksum", 0, "two words have changed places", strings.Join(words, " "))
	return out
}
