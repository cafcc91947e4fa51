package seal

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

func sealed(t testing.TB, k Keys, extra string, m Message) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Seal(&b, k, extra, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRoundTripProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := Link{
			Service: "http://127.0.0.1:8080", Reference: [16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "reference")),
			Token: NewToken(), Passphrase: rapid.IntRange(0, 9).Draw(t, "passphrase") == 9, // scrypt is slow under -race
		}
		extra := ""
		if l.Passphrase {
			extra = rapid.StringMatching(`[a-zé]{1,9} [a-z]{1,9}`).Draw(t, "extra")
		}
		m, contents := drawMessage(t)
		if m.Check() != nil {
			t.Skip("empty")
		}
		var b bytes.Buffer
		if err := Seal(&b, l.Keys(), extra, m); err != nil {
			t.Fatal(err)
		}
		if int64(b.Len()) != SealedSize(m) {
			t.Fatalf("%d bytes, announced %d", b.Len(), SealedSize(m))
		}
		parsed, err := ParseLink(l.String())
		if err != nil || parsed != l {
			t.Fatalf("link: %v", err)
		}
		r, err := Open(iotest.HalfReader(&b), parsed.Keys(), " "+extra)
		if !l.Passphrase {
			if !errors.Is(err, ErrNoPassphraseNeeded) {
				t.Fatalf("a needless passphrase: %v", err)
			}
			r, err = Open(iotest.HalfReader(&b), parsed.Keys(), "")
		}
		if err != nil {
			t.Fatal(err)
		}
		expect(t, r, m, contents)
	})
}

func drawMessage(t *rapid.T) (m Message, contents [][]byte) {
	m.Text = rapid.String().Draw(t, "text")
	size := rapid.OneOf(rapid.IntRange(0, 1100), rapid.IntRange(64<<10-1600, 64<<10+1600))
	for range rapid.IntRange(0, 4).Draw(t, "files") {
		c := bytes.Repeat([]byte{rapid.Byte().Draw(t, "content")}, size.Draw(t, "size"))
		contents = append(contents, c)
		m.Files = append(m.Files, fileOf(rapid.String().Draw(t, "name"), c))
	}
	return m, contents
}

func expect(t *rapid.T, r *Reader, m Message, contents [][]byte) {
	for i, name := range storedNames(m.Files) {
		a, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(a)
		if err != nil || a.Name != name || a.Size != int64(len(got)) || !bytes.Equal(got, contents[i]) {
			t.Fatalf("attachment %d differs: %v", i, err)
		}
		if text, ok := r.Text(); ok || text != "" {
			t.Fatal("text handed out before the end")
		}
	}
	if _, err := r.Next(); err != io.EOF {
		t.Fatal(err)
	}
	if text, ok := r.Text(); !ok || text != m.Text {
		t.Fatal("text differs")
	}
}

func TestPaddingProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(1, 1<<34).Draw(t, "blocks") * blockSize
		p := padded(n)
		switch {
		case p < n, p < padFloor, p%blockSize != 0:
			t.Fatalf("padded(%d) = %d", n, p)
		case n > padFloor && (p-n)*16 >= n:
			t.Fatalf("padded(%d) = %d costs 1/16 or more", n, p)
		case padded(p) != p:
			t.Fatalf("padded(%d) is not a fixed point", n)
		case padded(n+blockSize) < p:
			t.Fatalf("not monotonic at %d", n)
		}
	})
}

func TestNamesProperty(t *testing.T) {
	name := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ab./]{0,4}`), rapid.StringMatching(`[é🔑ab]{90,120}(\.[a-z]{1,25})?`))
	rapid.Check(t, func(t *rapid.T) {
		var files []File
		for _, n := range rapid.SliceOfN(name, 0, MaxFiles).Draw(t, "names") {
			files = append(files, File{Name: n})
		}
		seen := make(map[string]bool)
		for _, n := range storedNames(files) {
			if !validName(n) || seen[n] {
				t.Fatalf("stored as %q", n)
			}
			seen[n] = true
		}
	})
}

func TestNameOfInvalidUTF8(t *testing.T) {
	if got := cleanName("a\xff\xc3.txt"); got != "a__.txt" {
		t.Errorf("got %q", got)
	}
}

func TestPassphraseOfInvalidUTF8(t *testing.T) {
	if _, err := normalize("a\xff"); err != ErrPassphraseInvalid {
		t.Errorf("got %v", err)
	}
}

func TestSealRefuses(t *testing.T) {
	broken := errors.New("disk error")
	file := func(claimed int64, r io.Reader) Message {
		return Message{Files: []File{{Name: "a", Size: claimed, Open: func() (io.ReadCloser, error) { return io.NopCloser(r), nil }}}}
	}
	cases := []struct {
		name string
		m    Message
		want error
	}{
		{"empty", Message{}, ErrEmpty},
		{"not UTF-8", Message{Text: "\xff"}, ErrText},
		{"long text", Message{Text: strings.Repeat("x", MaxText+1)}, ErrTextTooLong},
		{"many files", Message{Files: make([]File, MaxFiles+1)}, ErrTooManyFiles},
		{"large file", file(MaxFile+1, nil), ErrFileTooLarge},
		{"negative size", file(-1, nil), ErrFileTooLarge},
		{"file shrank", file(5, strings.NewReader("four")), ErrChanged},
		{"file grew", file(3, strings.NewReader("four")), ErrChanged},
		{"file broke", file(5, iotest.ErrReader(broken)), broken},
		{"file broke at its end", file(4, io.MultiReader(strings.NewReader("four"), iotest.ErrReader(broken))), broken},
		{"does not open", Message{Files: []File{{Open: func() (io.ReadCloser, error) { return nil, os.ErrNotExist }}}}, os.ErrNotExist},
	}
	k := mustLink(t, testLink).Keys()
	for _, c := range cases {
		if err := Seal(io.Discard, k, "", c.m); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
	if err := Seal(io.Discard, k, "needless", Message{Text: "x"}); err != ErrNoPassphraseNeeded {
		t.Errorf("needless passphrase: got %v", err)
	}
	if err := Seal(io.Discard, mustLink(t, testLink+".p").Keys(), " ", Message{Text: "x"}); err != ErrPassphraseEmpty {
		t.Errorf("empty passphrase: got %v", err)
	}
}

// A broken connection is not a broken message, wherever it breaks; a cut is.
func TestOpenEverywhereCut(t *testing.T) {
	k := mustLink(t, testLink).Keys()
	whole := sealed(t, k, "", Message{Text: "x", Files: []File{fileOf("a", make([]byte, 70_000))}})
	broken := errors.New("connection lost")
	for _, n := range []int{0, 1, 22, 149, 150, 165, 166, 700, 65717, 65718, 65719, 66000, len(whole) - 1} {
		check := func(tail io.Reader, want error) {
			r, err := Open(io.MultiReader(bytes.NewReader(whole[:n]), tail), k, "")
			if err == nil {
				err = r.Verify()
			}
			if !errors.Is(err, want) {
				t.Errorf("cut at %d: got %v, want %v", n, err, want)
			}
		}
		check(strings.NewReader(""), ErrDamaged)
		check(iotest.ErrReader(broken), broken)
	}
}

func TestReaderSkipsAndMovesOn(t *testing.T) {
	m := Message{Files: []File{fileOf("a", []byte("first")), fileOf("b", []byte("second"))}}
	var b bytes.Buffer
	if err := writeContainer(&b, m); err != nil {
		t.Fatal(err)
	}
	r := readerOf(b.Bytes())
	first, _ := r.Next()
	second, err := r.Next()
	if err != nil || second.Name != "b" {
		t.Fatal(err)
	}
	if _, err := first.Read(make([]byte, 1)); err != errMovedOn {
		t.Errorf("got %v", err)
	}
	if err := r.Verify(); err != nil {
		t.Error(err)
	}
	if _, err := r.Next(); err != io.EOF {
		t.Errorf("after the end: %v", err)
	}
}

// A header bomb costs nothing: the work factor is refused before scrypt, which
// would take 1 GiB for logN 20.
func TestNoWorkBeforeTheLimits(t *testing.T) {
	l := mustLink(t, testLink)
	good := sealed(t, l.Keys(), "", Message{Text: "x"})
	bomb := bytes.Replace(good, []byte(" 10\n"), []byte(" 20\n"), 1)
	if n := allocated(func() { Open(bytes.NewReader(bomb), l.Keys(), "") }); n > 256<<10 {
		t.Errorf("a bomb took %d bytes", n)
	}
}

func TestConstantMemory(t *testing.T) {
	const size = 64 << 20
	k := mustLink(t, testLink).Keys()
	m := Message{Files: []File{{Name: "big", Size: size, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(io.LimitReader(ones{}, size)), nil
	}}}}
	pr, pw := io.Pipe()
	go func() { pw.CloseWithError(Seal(pw, k, "", m)) }()
	var peak uint64
	r, err := Open(pr, k, "")
	if err != nil {
		t.Fatal(err)
	}
	a, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	for buf := make([]byte, 1<<20); ; {
		n, err := io.ReadFull(a, buf)
		if n > 0 && a.left%(16<<20) == 0 {
			peak = max(peak, live())
		}
		if err != nil {
			break
		}
	}
	if err := r.Verify(); err != nil {
		t.Fatal(err)
	}
	if peak > 16<<20 {
		t.Errorf("%d bytes live while streaming %d", peak, size)
	}
}

type ones struct{}

func (ones) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 1
	}
	return len(p), nil
}

func live() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// allocated is the least memory f took in three runs: other goroutines take some
// now and then.
func allocated(f func()) uint64 {
	least := uint64(math.MaxUint64)
	for range 3 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	return least
}
