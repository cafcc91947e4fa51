package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"testing/cryptotest"
)

// makeVectors makes all vectors from fixed inputs; the same ones every time.
func makeVectors(t *testing.T) vectors {
	cryptotest.SetGlobalRandom(t, 1)
	return vectors{
		Format: 1,
		Links:  goodLinks(), BadLinks: badLinks(),
		ControlLinks: goodControlLinks(), BadControlLinks: badControlLinks(),
		Keys:        keysVectors(),
		Passphrases: goodExtras(), BadPassphrases: badExtras(),
		Padding: paddingVectors(), Names: namesVectors(),
		Containers: goodContainers(t), BadContainers: badContainers(),
		Ciphertexts: goodCiphertexts(t), BadCiphertexts: badCiphertexts(t),
	}
}

func keysVectors() (out []keysVector) {
	var l Link
	for i := range 3 {
		for j := range l.Token {
			l.Token[j] = byte(i * (128 + j))
		}
		for j := range l.Reference {
			l.Reference[j] = byte(i * (255 - j))
		}
		k := l.Keys()
		verifier := Verifier(k.Claim)
		out = append(out, keysVector{
			hex.EncodeToString(l.Reference[:]), hex.EncodeToString(l.Token[:]),
			k.derived, hex.EncodeToString(k.Claim[:]), hex.EncodeToString(verifier[:]),
		})
	}
	return out
}

func goodExtras() (out []extraVector) {
	derived := Link{}.Keys().derived
	add := func(name, typed, normalized string) {
		out = append(out, extraVector{name, typed, normalized, derived, derived + "." + normalized})
	}
	add("words", "correct horse battery staple", "correct horse battery staple")
	add("one character", "x", "x")
	add("dots stay", "a.b.", "a.b.")
	add("case stays", "Correct Horse", "Correct Horse")
	add("surrounding white space", " \t\r\nwords here\n", "words here")
	add("runs of white space", "two  \t\n words", "two words")
	add("every white space character", "a\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000b", "a b")
	add("composed", "\u00e9t\u00e9", "\u00e9t\u00e9")
	add("decomposed", "e\u0301te\u0301", "\u00e9t\u00e9")
	add("two marks in the wrong order", "q\u0307\u0323", "q\u0323\u0307")
	add("Angstrom sign", "\u212b", "\u00c5")
	add("ligature stays (not NFKC)", "\ufb01", "\ufb01")
	add("full-width stays (not NFKC)", "\uff21", "\uff21")
	add("Hangul", "\u1112\u1161\u11ab", "\ud55c")
	add("Persian with zero-width non-joiner", "می\u200cخواهم رمز", "می\u200cخواهم رمز")
	add("Arabic yeh and hamza composed", "\u064a\u0654", "\u0626")
	add("Persian digits stay", "۱۲۳", "۱۲۳")
	add("zero-width space is not white space", "a\u200b b", "a\u200b b")
	add("byte order mark is not white space", "\ufeffa", "\ufeffa")
	add("emoji outside the BMP", "🔑 \U0001f1ee\U0001f1f7", "🔑 \U0001f1ee\U0001f1f7")
	add("ten marks", "a"+strings.Repeat("\u0323", 10), "\u1ea1"+strings.Repeat("\u0323", 9))
	add("1024 bytes", strings.Repeat("ab", 512), strings.Repeat("ab", 512))
	add("1024 bytes once composed", strings.Repeat("e\u0301", 512), strings.Repeat("\u00e9", 512))
	return out
}

func badExtras() []badExtraVector {
	return []badExtraVector{
		{"empty", "", "empty"},
		{"white space only", " \t\u00a0\u3000\n", "empty"},
		{"NUL", "a\u0000b", "characters"},
		{"escape", "\u001b[A", "characters"},
		{"delete", "a\u007f", "characters"},
		{"C1 control", "a\u0080", "characters"},
		{"eleven marks", "a" + strings.Repeat("\u0323", 11), "characters"},
		{"1025 bytes", strings.Repeat("x", 1025), "too-long"},
	}
}

func paddingVectors() (out []paddingVector) {
	for _, n := range []int64{
		1024, 1536, 8191, 8192, 8193, 8704, 9216, 16384, 16896, 17408, 65536, 66048, 67584, 100352,
		1 << 20, 1<<20 + 512, 10_000_384, 1 << 30, 1<<30 + 512, 1<<32 - 512, 1 << 32, 1<<32 + 512, 858_993_459_712,
	} {
		out = append(out, paddingVector{n, padded(n)})
	}
	return out
}

func namesVectors() (out []namesVector) {
	add := func(name string, given ...string) {
		files := make([]File, len(given))
		for i, n := range given {
			files[i].Name = n
		}
		out = append(out, namesVector{name, given, storedNames(files)})
	}
	add("plain", "report.pdf", "message.txt", ".bashrc", "no extension", "...")
	add("Persian", "گزارش محرمانه.pdf", "می\u200cخواهم.txt")
	add("empty and dots", "", ".", "..", "")
	add("traversal", "../../etc/passwd", "/etc/passwd", `..\..\boot.ini`, `C:\x`, "a/b/c")
	add("control characters", "a\x00b", "tab\t.txt", "new\nline", "del\x7f", "c1\u0085", "line\u2028end\u2029")
	add("bidi", "photo\u202egpj.exe", "\u2066x\u2069.txt", "\u200f\u200e\u061c", "\u202ax\u202c")
	add("markup stays", "<img src=x onerror=alert(1)>.svg")
	add("duplicates", "a.txt", "a.txt", "a.txt", "a (2).txt", "A.txt", "b", "b", ".c", ".c")
	add("duplicates once cleaned", "a/b", "a_b", "", "file")
	add("100 bytes", strings.Repeat("x", 96)+".txt")
	add("101 bytes", strings.Repeat("x", 97)+".txt", strings.Repeat("x", 101))
	add("4 KB", strings.Repeat("long ", 800)+".tar.gz")
	add("long and twice", strings.Repeat("y", 120)+".txt", strings.Repeat("y", 130)+".txt")
	add("long Persian, cut at a code point", strings.Repeat("گزارش", 20)+".pdf", "x"+strings.Repeat("گزارش", 20)+".pdf")
	add("long Persian twice", strings.Repeat("ش", 50), strings.Repeat("ش", 50))
	add("emoji, cut at a code point", "xx"+strings.Repeat("🔑", 30)+".png")
	add("extension of 20 and of 21 bytes", strings.Repeat("z", 90)+"."+strings.Repeat("e", 19), strings.Repeat("z", 90)+"."+strings.Repeat("e", 20))
	add("dot at the end", strings.Repeat("w", 110)+".", "v.", "v.")
	return out
}

var persian = "پیام محرمانه: ساعت ۵ می\u200cآیم.\n"

func goodContainers(t *testing.T) (out []containerVector) {
	add := func(name, text string, files ...fileVector) {
		var given []File
		for _, f := range files {
			given = append(given, File{Name: f.Name})
		}
		for i, n := range storedNames(given) {
			files[i].Stored = n
		}
		if files == nil {
			files = []fileVector{}
		}
		v := containerVector{Name: name, Text: text, Files: files}
		var b bytes.Buffer
		if err := writeContainer(&b, v.message(t)); err != nil {
			t.Fatal(err)
		}
		v.Head, v.Length = head(b.Bytes())
		v.SHA256 = fmt.Sprintf("%x", sha256.Sum256(b.Bytes()))
		out = append(out, v)
	}
	f := func(name, content string) fileVector { return fileVector{Name: name, Content: b64([]byte(content))} }
	add("text only", "Meet me at five.")
	add("text in Persian", persian)
	add("text of exactly one block", strings.Repeat("x", 512))
	add("text with NUL, CR and byte order mark", "\ufeffa\x00b\r\n")
	add("no text, one file", "", f("report.pdf", "%PDF"))
	add("no text, empty file", "", f("empty", ""))
	add("text and files", "See the files.", f("a.txt", "first"), f("empty", ""), f("b.bin", "\x00\x01\xff"))
	add("Persian file names", persian, f("گزارش محرمانه.pdf", "x"), f(strings.Repeat("گزارش", 20)+".pdf", "y"))
	add("duplicates", "", f("a.txt", "1"), f("a.txt", "2"), f("message.txt", "3"))
	add("traversal and bidi override", "", f("../../etc/passwd", "1"), f("photo\u202egpj.exe", "2"), f("..", "3"))
	add("fills the floor exactly", strings.Repeat("y", 6656))
	add("one block over the floor", strings.Repeat("y", 6657))
	add("padding above the floor", "", f("big", strings.Repeat("0123456789abcdef", 1100)))
	hundred := make([]fileVector, 100)
	for i := range hundred {
		hundred[i] = f(fmt.Sprintf("%d", i+1), "")
	}
	add("a hundred files", "", hundred...)
	return out
}

// head returns what precedes the zeros at the end of a container.
func head(container []byte) (string, int) {
	return b64(bytes.TrimRight(container, "\x00")), len(container)
}
