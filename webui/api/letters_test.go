package api

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"testing"
)

// page is a list of messages of these sizes, the newest with serial 1000.
func page(sizes ...int64) List {
	l := List{Kind: KindReply, Count: len(sizes)}
	for i, size := range sizes {
		l.Messages = append(l.Messages, Listed{Message: Reference{byte(i), 1}, Serial: uint64(1000 - i), Size: size, ExpiresIn: 60})
	}
	return l
}

// with is the answer with files that say whose they are.
func with(l List) []byte {
	out := l.Facts()
	which, _ := l.Carried()
	for _, i := range which {
		out = append(out, bytes.Repeat([]byte{byte(i + 1)}, int(l.Messages[i].Size))...)
	}
	return out
}

func repeated(size int64, n int) []int64 { return slices.Repeat([]int64{size}, n) }

func TestLettersCarried(t *testing.T) {
	for name, c := range map[string]struct {
		sizes []int64
		want  int // files
	}{
		"none":                       {nil, 0},
		"one":                        {[]int64{1}, 1},
		"large ones are passed over": {[]int64{SmallSize + 1, 10, MaxSize, 20}, 2},
		"a hundred of the smallest":  {repeated(10_200, 100), 100},
		"four of the largest":        {repeated(SmallSize, 6), 4},
		"none behind what is left":   {append(repeated(SmallSize-1, 4), 5, 1), 4},
	} {
		l := page(c.sizes...)
		got, err := parseLetters(with(l), 0)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		n := 0
		for i, file := range got.Files {
			if file == nil {
				continue
			}
			n++
			if int64(len(file)) != c.sizes[i] || file[0] != byte(i+1) || file[len(file)-1] != byte(i+1) {
				t.Errorf("%s: file %d is another's", name, i)
			}
		}
		if n != c.want || !bytes.Equal(got.Facts(), l.Facts()) {
			t.Errorf("%s: %d files, %+v", name, n, got.List)
		}
	}
}

func TestLettersDestroyedMeanwhile(t *testing.T) {
	l := page(10, 20, 30)
	answer := with(l)
	clear(answer[len(l.Facts())+10:][:20])
	got, err := parseLetters(answer, 0)
	if err != nil || got.Files[1] != nil || len(got.Files[0]) != 10 || len(got.Files[2]) != 30 {
		t.Errorf("%v, %v", got.Files, err)
	}
}

// TestLettersThatCannotBe: whatever a service says, the client takes no more and no
// other than it asked for.
func TestLettersThatCannotBe(t *testing.T) {
	changed := func(sizes []int64, change func(l *List)) []byte {
		l := page(sizes...)
		change(&l)
		return with(l)
	}
	at := func(i int, b ...byte) []byte {
		answer := with(page(10, 20))
		copy(answer[i:], b)
		return answer
	}
	for name, answer := range map[string][]byte{
		"nothing":           {},
		"half a head":       with(page())[:7],
		"no kind":           at(0, 0),
		"an unknown kind":   at(0, 4),
		"half more":         at(1, 2),
		"more than it has":  at(2, 0, 3),
		"a list too long":   with(page(repeated(1, MaxListed+1)...)),
		"fewer than listed": at(4, 0, 0, 0, 1),
		"more of nothing":   {1, 1, 0, 0, 0, 0, 0, 0},
		"a file too few":    with(page(10, 20))[:8+2*40+10],
		"half a file":       with(page(10, 20))[:8+2*40+29],
		"something behind":  append(with(page(10, 20)), 1),
		"no size":           changed([]int64{1, 2}, func(l *List) { l.Messages[1].Size = 0 }),
		"a size below none": changed([]int64{1, 2}, func(l *List) { l.Messages[0].Size = math.MaxInt64; l.Messages[0].ExpiresIn = -1 }),
		"a huge size":       changed([]int64{1, 2}, func(l *List) { l.Messages[1].Size = MaxSize + 1 }),
		"twice":             changed([]int64{1, 2}, func(l *List) { l.Messages[1].Serial = 1000 }),
		"out of order":      changed([]int64{1, 2}, func(l *List) { l.Messages[0].Serial = 998 }),
		"no serial":         changed([]int64{1, 2}, func(l *List) { l.Messages[1].Serial = 0 }),
		"what was before":   changed([]int64{1}, func(l *List) { l.Messages[0].Serial = 1001 }),
		"one for two":       changed([]int64{1, 2}, func(l *List) { l.Messages[1].Message = l.Messages[0].Message }),
		"no reference":      changed([]int64{1, 2}, func(l *List) { l.Messages[0].Message = Reference{} }),
	} {
		if _, err := parseLetters(answer, 1001); !errors.Is(err, ErrAnswer) {
			t.Errorf("%s: %v", name, err)
		}
	}
	negative := with(page(10))
	negative[8+24] = 0x80
	if _, err := parseLetters(negative, 0); !errors.Is(err, ErrAnswer) {
		t.Errorf("a negative size: %v", err)
	}
	if most := with(page(append(repeated(10_240, 90), repeated(SmallSize, 10)...)...)); len(most) > lettersMost {
		t.Errorf("%d bytes", len(most))
	}
}

// FuzzLetters: what passes is a list that can be, spelled in its one way, and each
// file is as long as the list says.
func FuzzLetters(f *testing.F) {
	f.Add(with(page()), uint64(0))
	f.Add(with(page(10, SmallSize+1, 20)), uint64(1001))
	f.Add(with(page(repeated(3, MaxListed)...)), uint64(0))
	f.Fuzz(func(t *testing.T, answer []byte, before uint64) {
		got, err := parseLetters(answer, before)
		if err != nil {
			if !errors.Is(err, ErrAnswer) {
				t.Error(err)
			}
			return
		}
		size := int64(len(got.Facts()))
		for _, i := range first(got.Carried()) {
			size += got.Messages[i].Size
			if file := got.Files[i]; file != nil && int64(len(file)) != got.Messages[i].Size {
				t.Errorf("file %d has %d bytes", i, len(file))
			}
		}
		if !got.possible(before) || !bytes.HasPrefix(answer, got.Facts()) || size != int64(len(answer)) {
			t.Errorf("taken: %+v", got.List)
		}
	})
}

func first(which []int, _ int64) []int { return which }
