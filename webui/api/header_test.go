package api

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"strings"
	"testing"

	agetest "c2sp.org/CCTV/age"
)

const (
	ageSalt    = "rF0/NwblUHHTpgQgRpe5CQ"
	ageKey     = "gUjEymFKMVXQEKdMMHL24oYexjE3TIC0O0zGSqJ2aUY"
	ageMAC     = "--- IOXiQYStkoT1mvZW2tFOqZdhRVvj58egABx/sWfZQbc\n"
	ageStanza  = "-> scrypt " + ageSalt + " 10\n" + ageKey + "\n"
	ageHeader  = intro + ageStanza + ageMAC
	agePayload = "a nonce and the tag of one chunk"
)

func grease(n int) string { return strings.Repeat("-> grease\n\n", n) }

func TestParseHeader(t *testing.T) {
	full := strings.Repeat("A", 64) + "\n"
	cases := []struct {
		name, header string
		problem      string // "" when accepted
	}{
		{"scrypt", ageHeader, ""},
		{"20 stanzas", intro + grease(20) + ageMAC, ""},
		{"21 stanzas", intro + grease(21) + ageMAC, "more than 20 stanzas"},
		{"full line and empty line", intro + "-> x y z\n" + full + "\n" + ageMAC, ""},
		{"every visible character", intro + "-> !~ \"#$%\n\n" + ageMAC, ""},
		{"128 arguments", intro + "-> x" + strings.Repeat(" a", 128) + "\n\n" + ageMAC, ""},
		{"129 arguments", intro + "-> x" + strings.Repeat(" a", 129) + "\n\n" + ageMAC, "too many arguments"},
		{"version 2", "age-encryption.org/v2\n" + ageStanza + ageMAC, "not a binary age file"},
		{"armor", "-----BEGIN AGE ENCRYPTED FILE-----\n", "not a binary age file"},
		{"zip", "PK\x03\x04", "not a binary age file"},
		{"CR in the first line", "age-encryption.org/v1\r\n" + ageStanza + ageMAC, "not a binary age file"},
		{"CR in the stanza", intro + "-> scrypt " + ageSalt + " 10\r\n" + ageKey + "\n" + ageMAC, "forbidden character"},
		{"CR in the body", intro + "-> scrypt " + ageSalt + " 10\n" + ageKey + "\r\n" + ageMAC, "canonical base64"},
		{"CR in the closing line", intro + ageStanza + strings.TrimSuffix(ageMAC, "\n") + "\r\n", "MAC"},
		{"no stanzas", intro + ageMAC, "no stanzas"},
		{"no arrow", intro + "scrypt x\n\n" + ageMAC, "opening of a stanza"},
		{"arrow alone", intro + "->\n\n" + ageMAC, "opening of a stanza"},
		{"no space behind the arrow", intro + "->scrypt\n\n" + ageMAC, "opening of a stanza"},
		{"two spaces", intro + "-> a  b\n\n" + ageMAC, "empty"},
		{"space at the end", intro + "-> a \n\n" + ageMAC, "empty"},
		{"UTF-8 argument", intro + "-> é\n\n" + ageMAC, "forbidden character"},
		{"line of 65", intro + "-> a\n" + strings.Repeat("A", 65) + "\n\n" + ageMAC, "longer than 64"},
		{"no short line", intro + "-> a\n" + full + ageMAC, "canonical base64"},
		{"padded base64", intro + "-> a\n" + ageKey + "=\n" + ageMAC, "canonical base64"},
		{"trailing bits", intro + "-> a\n" + ageKey[:42] + "Z\n" + ageMAC, "canonical base64"},
		{"two short lines", intro + "-> a\nAAAA\nAAAA\n" + ageMAC, "opening of a stanza"},
		{"short MAC", intro + ageStanza + "--- IOXiQYSt\n", "MAC"},
		{"MAC without a space", intro + ageStanza + strings.Replace(ageMAC, "--- ", "---", 1), "MAC"},
		{"MAC with two spaces", intro + ageStanza + strings.Replace(ageMAC, "--- ", "---  ", 1), "MAC"},
		{"MAC with a space behind", intro + ageStanza + strings.TrimSuffix(ageMAC, "\n") + " \n", "MAC"},
		{"MAC twice", intro + ageStanza + strings.TrimSuffix(ageMAC, "\n") + " " + ageKey + "\n", "MAC"},
		{"16 KiB", exactly(MaxHeader), ""},
		{"16 KiB and a byte", exactly(MaxHeader + 1), "longer than"},
		{"a line without an end", intro + strings.Repeat("A", MaxHeader), "longer than"},
	}
	for _, c := range cases {
		h, err := ParseHeader([]byte(c.header + agePayload))
		if c.problem == "" {
			if err != nil || h.Size != len(c.header) {
				t.Errorf("%s: size %d, %v", c.name, h.Size, err)
			}
			continue
		}
		var e *HeaderError
		if !errors.As(err, &e) || !strings.Contains(e.Problem, c.problem) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.problem)
		}
	}
}

// exactly returns a valid header of n bytes.
func exactly(n int) string {
	rest := n - len(intro) - len(ageMAC) - len("-> \n\n")
	return intro + "-> " + strings.Repeat("x", rest) + "\n\n" + ageMAC
}

func TestParseHeaderResult(t *testing.T) {
	h, err := ParseHeader([]byte(ageHeader + agePayload))
	if err != nil || len(h.Stanzas) != 1 {
		t.Fatal(err)
	}
	s := h.Stanzas[0]
	body, _ := base64.RawStdEncoding.DecodeString(ageKey)
	if s.Type != "scrypt" || len(s.Args) != 2 || s.Args[0] != ageSalt || s.Args[1] != "10" || !bytes.Equal(s.Body, body) {
		t.Errorf("got %d arguments, %d bytes", len(s.Args), len(s.Body))
	}
}

func TestCheckLink(t *testing.T) {
	scrypt := func(args, body string) string {
		return intro + "-> scrypt" + args + "\n" + body + "\n" + ageMAC + agePayload
	}
	cases := []struct {
		name, file string
		problem    string
	}{
		{"work factor 10", ageHeader + agePayload, ""},
		{"work factor 14", scrypt(" "+ageSalt+" 14", ageKey), ""},
		{"more payload", ageHeader + agePayload + agePayload, ""},
		{"empty", "", "cut off"},
		{"header cut off", ageHeader[:100], "cut off"},
		{"payload cut off", ageHeader + agePayload[:31], "no payload"},
		{"work factor 15", scrypt(" "+ageSalt+" 15", ageKey), "work factor"},
		{"work factor 22", scrypt(" "+ageSalt+" 22", ageKey), "work factor"},
		{"work factor 010", scrypt(" "+ageSalt+" 010", ageKey), "work factor"},
		{"work factor +10", scrypt(" "+ageSalt+" +10", ageKey), "work factor"},
		{"no work factor", scrypt(" "+ageSalt, ageKey), "work factor"},
		{"third argument", scrypt(" "+ageSalt+" 10 x", ageKey), "work factor"},
		{"short salt", scrypt(" "+ageSalt[:20]+" 10", ageKey), "salt"},
		{"salt with trailing bits", scrypt(" "+ageSalt[:21]+"R 10", ageKey), "salt"},
		{"short body", scrypt(" "+ageSalt+" 10", "AAAA"), "32 bytes"},
		{"long body", scrypt(" "+ageSalt+" 10", ageKey[:42]+"UAAAA"), "32 bytes"},
		{"another kind", intro + "-> X25519 " + ageKey + "\n" + ageKey + "\n" + ageMAC + agePayload, "exactly one"},
		{"upper case", intro + "-> Scrypt " + ageSalt + " 10\n" + ageKey + "\n" + ageMAC + agePayload, "exactly one"},
		{"two of them", intro + ageStanza + ageStanza + ageMAC + agePayload, "exactly one"},
		{"another one beside", intro + grease(1) + ageStanza + ageMAC + agePayload, "exactly one"},
	}
	for _, c := range cases {
		err := CheckLink([]byte(c.file))
		if c.problem == "" {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		var e *HeaderError
		if !errors.As(err, &e) || !strings.Contains(e.Problem, c.problem) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.problem)
		}
	}
}

// TestCheckInbox: exactly the inbox's keys, of the post-quantum kind.
func TestCheckInbox(t *testing.T) {
	arg := strings.Repeat("A", 1494)
	stanza := func(kind, args string, body int) string {
		return "-> " + kind + " " + args + "\n" + base64.RawStdEncoding.EncodeToString(make([]byte, body)) + "\n"
	}
	one := stanza("mlkem768x25519", arg, 32)
	whole := func(stanzas ...string) string { return intro + strings.Join(stanzas, "") + ageMAC + agePayload }
	ten := strings.Repeat(one, 10)
	cases := []struct {
		name, file string
		recipients int
		problem    string // "" when accepted
	}{
		{"one", whole(one), 1, ""},
		{"ten", whole(ten), 10, ""},
		{"too few", whole(one), 2, "one stanza for each key"},
		{"too many", whole(one, one), 1, "one stanza for each key"},
		{"eleven", whole(ten, one), 11, "longer than 16384 bytes"},
		{"scrypt", whole(ageStanza), 1, "nothing else"},
		{"scrypt beside", whole(one, ageStanza), 2, "nothing else"},
		{"X25519", whole(stanza("X25519", arg[:43], 32)), 1, "nothing else"},
		{"grease", whole(one, stanza("grease", "x", 0)), 1, "nothing else"},
		{"no argument", whole(strings.Replace(one, " "+arg, "", 1)), 1, "nothing else"},
		{"two arguments", whole(stanza("mlkem768x25519", arg+" "+arg, 32)), 1, "nothing else"},
		{"short key", whole(stanza("mlkem768x25519", arg[:1492], 32)), 1, "1120 bytes"},
		{"long key", whole(stanza("mlkem768x25519", arg+"AA", 32)), 1, "1120 bytes"},
		{"key not canonical", whole(stanza("mlkem768x25519", arg[:1493]+"B", 32)), 1, "1120 bytes"},
		{"body of 31", whole(stanza("mlkem768x25519", arg, 31)), 1, "nothing else"},
		{"body of 33", whole(stanza("mlkem768x25519", arg, 33)), 1, "nothing else"},
		{"no payload", whole(one)[:len(whole(one))-1], 1, "no payload"},
		{"cut off", whole(one)[:1000], 1, "cut off"},
		{"empty", "", 1, "cut off"},
		{"not age", "PK\x03\x04", 1, "not a binary age file"},
	}
	for _, c := range cases {
		err := CheckInbox([]byte(c.file), c.recipients)
		if c.problem == "" && err != nil || c.problem != "" && (err == nil || !strings.Contains(err.Error(), c.problem)) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.problem)
		}
	}
}

// The published vectors of age: what fails beyond the header's form is none of
// the parser's business, all else it decides as age does.
func TestCCTV(t *testing.T) {
	names, err := fs.Glob(agetest.Vectors, "*")
	if err != nil || len(names) < 100 {
		t.Fatalf("%d vectors, %v", len(names), err)
	}
	for _, name := range names {
		expect, armored, file := cctv(t, name)
		h, parseErr := ParseHeader(file)
		linkErr := CheckLink(file)
		structural := armored || name == "empty" || strings.HasPrefix(name, "stanza_") || strings.HasPrefix(name, "hmac_") ||
			strings.HasPrefix(name, "header_") || strings.HasPrefix(name, "version_") ||
			strings.HasSuffix(name, "_not_canonical_body")
		switch {
		case expect == "header failure" || expect == "armor failure":
			if structural && parseErr == nil {
				t.Errorf("%s: parsed", name)
			}
			if linkErr == nil {
				t.Errorf("%s: accepted as a link's file", name)
			}
		case armored:
		case parseErr != nil:
			t.Errorf("%s (%s): %v", name, expect, parseErr)
		case h.Stanzas[0].Type == "scrypt" && expect == "success" && linkErr != nil:
			t.Errorf("%s: %v", name, linkErr)
		}
	}
}

func cctv(t *testing.T, name string) (expect string, armored bool, file []byte) {
	t.Helper()
	b, err := fs.ReadFile(agetest.Vectors, name)
	if err != nil {
		t.Fatal(err)
	}
	head, file, _ := bytes.Cut(b, []byte("\n\n"))
	for line := range strings.SplitSeq(string(head), "\n") {
		field, value, _ := strings.Cut(line, ": ")
		switch field {
		case "expect":
			expect = value
		case "armored":
			armored = true
		case "compressed":
			r, err := zlib.NewReader(bytes.NewReader(file))
			if err != nil {
				t.Fatal(err)
			}
			if file, err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
		}
	}
	return expect, armored, file
}

// Bombs are refused with memory in the order of the limit, whatever their size.
func TestBombs(t *testing.T) {
	wide := strings.Repeat("A", 64) + "\n"
	for name, bomb := range map[string]string{
		"10,000 stanzas":    intro + grease(10_000) + ageMAC,
		"stanza of 64 MiB":  intro + "-> a\n" + strings.Repeat(wide, 1<<20) + "\n" + ageMAC,
		"line of 64 MiB":    intro + strings.Repeat("A", 64<<20),
		"a line of spaces":  intro + "->" + strings.Repeat(" ", 64<<20),
		"many arguments":    intro + "->" + strings.Repeat(" a", 1<<20) + "\n\n" + ageMAC,
		"20 of many":        intro + strings.Repeat("->"+strings.Repeat(" a", 400)+"\n\n", 20) + ageMAC,
		"closing line long": intro + ageStanza + "--- " + strings.Repeat("A", 64<<20) + "\n",
	} {
		b := []byte(bomb)
		n := allocated(func() {
			if CheckLink(b) == nil {
				t.Errorf("%s: accepted", name)
			}
		})
		if n > 16*MaxHeader {
			t.Errorf("%s: %d bytes allocated", name, n)
		}
	}
}

// Every prefix of a header wants more; whatever is refused stays refused.
func FuzzParseHeader(f *testing.F) {
	f.Add([]byte(ageHeader+agePayload), []byte("x"))
	f.Add([]byte(exactly(MaxHeader)), []byte("x"))
	names, _ := fs.Glob(agetest.Vectors, "[hsx]*")
	for _, name := range names {
		b, _ := fs.ReadFile(agetest.Vectors, name)
		_, file, _ := bytes.Cut(b, []byte("\n\n"))
		f.Add(file, []byte("\n"))
	}
	f.Fuzz(func(t *testing.T, b, more []byte) {
		h, err := ParseHeader(b)
		if err == nil {
			if h.Size > len(b) || h.Size > MaxHeader || len(h.Stanzas) == 0 || len(h.Stanzas) > MaxStanzas {
				t.Fatalf("accepted %d bytes, %d stanzas", h.Size, len(h.Stanzas))
			}
			if !bytes.Equal(encode(h, b), b[:h.Size]) {
				t.Fatal("a second spelling of a header")
			}
			for _, n := range []int{0, h.Size / 2, h.Size - 1} {
				if _, err := ParseHeader(b[:n]); !errors.Is(err, ErrShort) {
					t.Fatalf("cut at %d: %v", n, err)
				}
			}
			return
		}
		if _, again := ParseHeader(append(bytes.Clone(b), more...)); !errors.Is(err, ErrShort) && again == nil {
			t.Fatal("refused, then accepted with more")
		}
	})
}

// encode writes a header as age does, with the closing line it had.
func encode(h Header, b []byte) []byte {
	var out bytes.Buffer
	out.WriteString(intro)
	for _, s := range h.Stanzas {
		out.WriteString("-> " + strings.Join(append([]string{s.Type}, s.Args...), " ") + "\n")
		body := base64.RawStdEncoding.EncodeToString(s.Body)
		for ; len(body) >= columns; body = body[columns:] {
			out.WriteString(body[:columns] + "\n")
		}
		out.WriteString(body + "\n")
	}
	out.Write(b[h.Size-len(ageMAC) : h.Size])
	return out.Bytes()
}
