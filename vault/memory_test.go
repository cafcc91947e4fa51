package vault

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"unsafe"
)

// Both kinds of memory are locked, begin as zeros, and keep to their bounds.
func TestMemory(t *testing.T) {
	const size = 64 << 10
	for name, open := range map[string]func(int) ([]byte, error){"memfd_secret": secretMemory, "mlock": lockedMemory} {
		t.Run(name, func(t *testing.T) {
			b, err := open(size)
			if err != nil {
				t.Skipf("not here: %v", err)
			}
			m := &memory{b: b}
			defer m.wipe()
			clear(b) // a page of memfd_secret is there once it was touched
			if got := lockedKB(t); got < size>>10 {
				t.Errorf("%d kB of the process are locked, want %d at least", got, size>>10)
			}
			page := make([]byte, size)
			if n, err := m.ReadFresh(page, headerSize); n != size || err != nil || !bytes.Equal(page, make([]byte, size)) {
				t.Errorf("read %d, %v: does not begin as zeros", n, err)
			}
			last := offset(size/slotSize - 1)
			if n, err := m.WriteAt(bytes.Repeat([]byte{7}, slotSize), last); n != slotSize || err != nil {
				t.Errorf("the last slot: %d %v", n, err)
			}
			if n, err := m.ReadAt(page[:slotSize], last); n != slotSize || err != nil || page[0] != 7 || page[slotSize-1] != 7 {
				t.Errorf("the last slot reads: %d %v", n, err)
			}
			if name == "memfd_secret" && reachable(t, &b[0]) {
				t.Error("the kernel reads it for others")
			}
			for _, off := range []int64{-1, 0, headerSize - 1, last + 1, last + slotSize} {
				if n, err := m.WriteAt(page[:slotSize], off); n != 0 || err == nil {
					t.Errorf("a write at %d, outside: %d %v", off, n, err)
				}
			}
			if err := m.wipe(); err != nil {
				t.Fatal(err)
			}
			if _, err := m.ReadAt(page[:1], headerSize); err == nil || m.wipe() != nil {
				t.Errorf("after the end: %v", err)
			}
		})
	}
}

// reachable says whether the kernel reads memory of this process for whoever may
// look into it, such as a debugger.
func reachable(t *testing.T, p *byte) bool {
	t.Helper()
	mem, err := os.Open("/proc/self/mem")
	if err != nil {
		t.Skip(err)
	}
	defer mem.Close()
	read := func(p *byte) bool {
		_, err := mem.ReadAt(make([]byte, 1), int64(uintptr(unsafe.Pointer(p))))
		return err == nil
	}
	if !read(new(byte)) {
		t.Skip("this process may not look into itself: the test is blind")
	}
	return read(p)
}

// lockedKB is what the kernel says is locked of this process.
func lockedKB(t *testing.T) (kb int) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Skip(err)
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "Locked:"); ok {
			kb += number(rest)
		}
	}
	return kb
}

func number(s string) (n int) {
	for _, c := range s {
		if c >= '0' && c <= '9' {
			n = n*10 + int(c-'0')
		}
	}
	return n
}
