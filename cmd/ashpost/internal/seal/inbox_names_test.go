package seal

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// seedOf makes the seed of the nth person of the vectors.
func seedOf(n int) (seed [32]byte) {
	for i := range seed {
		seed[i] = byte(n*32 + i)
	}
	seed[0] = byte(n) // the rest comes again after eight
	return seed
}

func codenameOf(n int) Codename {
	seed := seedOf(n)
	return Codename(seed[:16])
}

// person is the nth identity of the vectors.
func person(n int) Identity {
	id, err := IdentityFromSeed(seedOf(n))
	if err != nil {
		panic(err)
	}
	return id
}

// keysOf are the recipients of people.
func keysOf(people ...int) Recipients {
	var lines []string
	for _, n := range people {
		lines = append(lines, person(n).Recipient())
	}
	all, err := NewRecipients(lines...)
	if err != nil {
		panic(err)
	}
	return all
}

// foreign are keys of age that are not of the post-quantum kind.
const (
	foreignRecipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
	foreignIdentity  = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
)

func hex32(b [32]byte) string { return hex.EncodeToString(b[:]) }

func identityVectors() (out []identityVector) {
	for n := range 3 {
		out = append(out, identityVector{hex32(seedOf(n)), identityLine(seedOf(n)), person(n).Recipient()})
	}
	return out
}

func badIdentities() []textVector {
	good := identityLine(seedOf(0))
	return []textVector{
		{"empty", ""},
		{"lower case", strings.ToLower(good)},
		{"mixed case", good[:30] + strings.ToLower(good[30:])},
		{"wrong checksum", good[:len(good)-1] + string(otherBech32(good[len(good)-1]))},
		{"cut off", good[:len(good)-1]},
		{"X25519", foreignIdentity},
		{"a recipient", person(0).Recipient()},
		{"31 bytes", bech32Upper(identityPrefix, make([]byte, 31))},
		{"33 bytes", bech32Upper(identityPrefix, make([]byte, 33))},
		{"another prefix", bech32Upper("age-secret-key-pr-", make([]byte, 32))},
		{"white space before", " " + good},
		{"white space behind", good + "\n"},
	}
}

func otherBech32(c byte) byte {
	if c == 'Q' {
		return 'P'
	}
	return 'Q'
}

func keyFileVectors(t *testing.T) (out []keyFileVector) {
	add := func(name string, protected bool, passphrase string, file []byte) {
		out = append(out, keyFileVector{name, b64(file), protected, passphrase, hex32(seedOf(0))})
	}
	const words = "yo-yo-aardvark-zebra"
	address := InboxAddress{Service: testOnion, ID: keysOf(0).ID()}.String()
	written := func(address string) []byte {
		file, err := WriteKeyFile(person(0), address, words)
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	line := identityLine(seedOf(0))
	protect := func(logN int, content string) []byte {
		return encryptTo(t, []byte(content), scryptRecipient(t, words, logN))
	}
	add("as written", true, words, written(address))
	add("without an address", true, words, written(""))
	add("binary", true, words, protect(10, line+"\n"))
	add("armored with CRLF and white space around", true, words, []byte("\r\n"+strings.ReplaceAll(string(written("")), "\n", "\r\n")+" \r\n"))
	add("white space around the passphrase", true, " \u00a0"+words+"\r\n", written(""))
	add("logN 12", true, words, protect(12, line+"\n"))
	add("not protected", false, "", []byte(line+"\n"))
	add("of age-keygen -pq", false, "", []byte("# created: 2026-01-01T00:00:00Z\n# public key: "+person(0).Recipient()+"\n"+line+"\n"))
	add("blank lines, CRLF, no last line end", false, "", []byte("\r\n# note\r\n\r\n"+line))
	return out
}

func badKeyFiles(t *testing.T) (out []badKeyFileVector) {
	add := func(code, name, passphrase string, file []byte) {
		out = append(out, badKeyFileVector{name, b64(file), passphrase, code})
	}
	const words = "yo-yo-aardvark-zebra"
	one, two := identityLine(seedOf(0))+"\n", identityLine(seedOf(1))+"\n"
	protect := func(content string) []byte { return encryptTo(t, []byte(content), scryptRecipient(t, words, 10)) }
	good := protect(one)
	work := func(factor string) []byte { return bytes.Replace(good, []byte(" 10\n"), []byte(" "+factor+"\n"), 1) }
	add("wrong-passphrase", "wrong passphrase", "yo-yo-aardvark-zoom", good)
	add("wrong-passphrase", "another letter case", "Yo-yo-aardvark-zebra", good)
	add("passphrase-empty", "no passphrase", "", good)
	add("passphrase-empty", "nothing but white space", " \u3000\n", good)
	add("wrong-passphrase", "a character around it that is no white space", "\ufeff"+words, good)
	add("work", "logN 9", words, work("9"))
	add("work", "logN 19", words, work("19"))
	add("work", "logN 22", words, work("22"))
	add("work", "logN 010", words, work("010"))
	add("work", "logN +10", words, work("+10"))
	add("content", "two identities", words, protect(one+two))
	add("content", "the same identity twice", words, protect(one+one))
	add("content", "no identity", words, protect("# nothing\n"))
	add("content", "X25519 identity", words, protect(foreignIdentity+"\n"))
	add("content", "both kinds", words, protect(one+foreignIdentity+"\n"))
	add("content", "two identities, not protected", "", []byte(one+two))
	add("content", "a recipient", "", []byte(person(0).Recipient()+"\n"))
	add("content", "empty", "", nil)
	add("content", "white space before the identity", "", []byte(" "+one))
	add("key-file", "sealed to a recipient", words, encryptTo(t, []byte(one), person(1).key().age.Recipient()))
	add("key-file", "two scrypt stanzas", words, twice(t, []byte(one), scryptRecipient(t, words, 10)))
	add("key-file", "cut off", words, good[:len(good)-1])
	add("key-file", "flipped bit in the payload", words, flip(good, len(good)-20))
	add("key-file", "armor cut off", words, armored(t, good)[:200])
	add("key-file", "longer than 64 KiB", "", []byte(strings.Repeat("#\n", 32<<10)+one))
	return out
}

func recipientsVectors() (out []recipientsVector) {
	add := func(name string, people ...int) {
		var given []string
		for _, n := range people {
			given = append(given, person(n).Recipient())
		}
		r := keysOf(people...)
		id := r.ID()
		out = append(out, recipientsVector{name, given, string(r.File()), hex32(id), id.String(), id.Words()})
	}
	add("one", 0)
	add("two", 0, 1)
	add("two the other way round", 1, 0)
	add("one twice", 0, 0)
	add("ten", 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
	return out
}

func badRecipients() (out []textVector) {
	add := func(name, text string) { out = append(out, textVector{name, text}) }
	two := keysOf(0, 1)
	one := two[0]
	add("empty", "")
	add("one line end", "\n")
	add("no line end", one)
	add("CRLF", one+"\r\n")
	add("white space behind", one+" \n")
	add("blank line between", two[0]+"\n\n"+two[1]+"\n")
	add("blank line at the end", one+"\n\n")
	add("a comment", "# me\n"+one+"\n")
	add("not sorted", two[1]+"\n"+two[0]+"\n")
	add("one twice", one+"\n"+one+"\n")
	add("eleven", eleven())
	add("upper case", strings.ToUpper(one)+"\n")
	add("wrong checksum", one[:len(one)-1]+strings.ToLower(string(otherBech32(strings.ToUpper(one)[len(one)-1])))+"\n")
	add("X25519", foreignRecipient+"\n")
	add("X25519 beside", one+"\n"+foreignRecipient+"\n")
	add("an identity", identityLine(seedOf(0))+"\n")
	add("not a key of ML-KEM", notMLKEM()+"\n")
	add("byte order mark", "\ufeff"+one+"\n")
	return out
}

func eleven() string {
	var lines []string
	for n := range 11 {
		lines = append(lines, person(n).Recipient()+"\n")
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// notMLKEM has the length of a recipient, but numbers that are not below q.
func notMLKEM() string { return bech32Lower("age1pq", bytes.Repeat([]byte{0xff}, 1184+32)) }

func badInboxIDs() []textVector {
	good := keysOf(0).ID().String()
	return []textVector{
		{"empty", ""},
		{"upper case", strings.ToUpper(good)},
		{"51 characters", good[:51]},
		{"53 characters", good + "a"},
		{"unused bits set", unusedBits(good)},
		{"padding", good + "===="},
		{"digit 1", "1" + good[1:]},
		{"digit 8", "8" + good[1:]},
		{"line end inside", good[:20] + "\n" + good[20:]},
	}
}

// unusedBits sets the four bits of the last character that say nothing.
func unusedBits(id string) string {
	if id[51] == 'a' {
		return id[:51] + "b"
	}
	return id[:51] + "r"
}

func fingerprintVectors() (out []fingerprintVector) {
	host := []byte(strings.TrimPrefix(testOnion, "http://"))
	out = append(out, fingerprintVector{"onion", hex.EncodeToString(host), Fingerprint("onion", host)})
	for n := range 3 {
		id := keysOf(n).ID()
		out = append(out, fingerprintVector{"inbox", hex32(id), id.Words()})
	}
	return out
}

func replyKeyVectors() (out []replyKeyVector) {
	for n := range 2 {
		to := keysOf(n + 1).ID()
		out = append(out, replyKeyVector{hex32(seedOf(n)), hex32(to), hex32(ReplyKey(person(n), to))})
	}
	return out
}

func codenameKeyVectors(t *testing.T) (out []codenameKeyVector) {
	for n, host := range []string{testOnion[len("http://"):], "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion"} {
		c := codenameOf(n)
		id, err := c.Identity(host)
		if err != nil {
			t.Fatal(err)
		}
		key, err := base32Lower.DecodeString(strings.TrimSuffix(host, ".onion"))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, codenameKeyVector{hex.EncodeToString(c[:]), host, fmt.Sprintf("%x", key[:32]), hex32(id.Seed()), id.Recipient()})
	}
	return out
}
