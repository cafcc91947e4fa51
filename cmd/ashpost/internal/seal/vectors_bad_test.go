package seal

import (
	"bytes"
	"fmt"
	"strings"
)

// pad finishes entries to a container.
func pad(entries ...[]byte) []byte {
	b := bytes.Join(entries, nil)
	n := int64(len(b)) + 2*blockSize
	return append(b, make([]byte, padded(n)-int64(len(b)))...)
}

func entry(prefix, name, content string) []byte {
	b := append(header(prefix, name, int64(len(content))), content...)
	return append(b, make([]byte, roundUp(int64(len(content)))-int64(len(content)))...)
}

// edit changes a field of the first header and mends its checksum.
func edit(b []byte, off int, field string) []byte {
	b = bytes.Clone(b)
	copy(b[off:], field)
	copy(b[148:], "        ")
	sum := 0
	for _, c := range b[:blockSize] {
		sum += int(c)
	}
	copy(b[148:], fmt.Sprintf("%06o\x00 ", sum))
	return b
}

// set changes bytes and mends nothing.
func set(b []byte, off int, value string) []byte {
	b = bytes.Clone(b)
	copy(b[off:], value)
	return b
}

// inherited are names that every object of JavaScript knows.
var inherited = []string{"constructor", "toString", "__proto__"}

func badContainers() (out []badContainer) {
	add := func(name string, b []byte) {
		h, n := head(b)
		out = append(out, badContainer{name, h, n})
	}
	text := entry("", "message.txt", "some text")
	file := entry("files", "a.txt", "some content")
	good := pad(text, file)
	mended := func(name string, off int, field string) { add(name, pad(edit(text, off, field), file)) }
	one := func(prefix, name string) {
		add(prefix+"/"+strings.ToValidUTF8(name, "?"), pad(entry(prefix, name, "x")))
	}

	add("empty", nil)
	add("shorter than a block", good[:511])
	add("nothing but zeros", make([]byte, 8192))
	add("checksum", set(good, 148, "000000"))
	add("checksum with spaces", set(good, 148, " "))
	add("magic", pad(edit(text, 257, "USTAR\x00"), file))
	mended("GNU magic", 257, "ustar  \x00")
	mended("symbolic link", 156, "2")
	mended("hard link", 156, "1")
	mended("directory", 156, "5")
	mended("device", 156, "3")
	mended("old regular file", 156, "\x00")
	mended("PAX header", 156, "x")
	mended("global PAX header", 156, "g")
	mended("GNU long name", 156, "L")
	mended("sparse file", 156, "S")
	mended("link target", 157, "x")
	mended("mode 0755", 100, "0000755")
	mended("uid", 108, "0001750")
	mended("gid", 116, "0001750")
	mended("mtime", 136, "00000000001")
	mended("user name", 265, "root")
	mended("group name", 297, "root")
	mended("device number", 329, "0000001")
	mended("bytes behind the prefix", 500, "x")
	mended("bytes behind the name", 20, "x")
	mended("size in decimal digits", 124, "00000000009")
	mended("size with a space at the end", 124, "0000000011 ")
	mended("size without leading zeros", 124, "11\x00")
	mended("size with a sign", 124, "-0000000011")
	mended("size in base 256", 124, "\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x09")
	mended("size too large by a block", 124, "00000001011")
	mended("size too small", 124, "00000000010")
	mended("size far beyond the end", 124, "77777777777")
	add("text not first", pad(file, text))
	add("text twice", pad(text, text))
	add("empty text", pad(entry("", "message.txt", ""), file))
	add("text not UTF-8", pad(entry("", "message.txt", "a\xff")))
	add("text too long", pad(entry("", "message.txt", strings.Repeat("\x00", MaxText+1))))
	add("file outside files", pad(entry("", "a.txt", "x")))
	for _, name := range inherited { // a lookup by name may find these in JavaScript
		add("outside files: "+name, pad(text, entry("", name, "x")))
	}
	one("file", "a.txt")
	one("/files", "a.txt")
	one("files/..", "a.txt")
	one("files", "")
	one("files", ".")
	one("files", "..")
	one("files", "../a")
	one("files", "/etc/passwd")
	one("files", `a\b`)
	one("files", "tab\t")
	one("files", "del\x7f")
	one("files", "photo\u202egpj.exe")
	one("files", "isolate\u2066")
	one("files", "line\u2028")
	one("files", "not UTF-8 \xff")
	one("files", strings.Repeat("x", 98)+"\xe2\x80")
	add("same name twice", pad(file, file))
	add("101 files", pad(manyEntries(101)...))
	add("zero block between entries", pad(text, make([]byte, 512), file))
	add("one closing block, then bytes", set(good, 2*512+2*512+600, "x"))
	add("byte in the padding of the text", set(good, 1023, "x"))
	add("byte in the padding of a file", set(good, 2047, "\x01"))
	add("last byte of the padding", set(good, 8191, "\x01"))
	add("no closing blocks", append(bytes.Clone(text), file...))
	add("padding too short by a block", good[:8192-512])
	add("padding too short by a byte", good[:8191])
	add("padding too long by a byte", append(bytes.Clone(good), 0))
	add("padding too long by a block", append(bytes.Clone(good), make([]byte, 512)...))
	add("trailing garbage", append(bytes.Clone(good), "garbage"...))
	add("not padded at all", append(append(bytes.Clone(text), file...), make([]byte, 1024)...))
	add("cut off inside a file", good[:512*3+4])
	return out
}

func manyEntries(n int) (entries [][]byte) {
	for i := range n {
		entries = append(entries, entry("files", fmt.Sprint(i), ""))
	}
	return entries
}
