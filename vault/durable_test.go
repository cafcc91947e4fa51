package vault

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// dirty says whether the kernel still has to write any of the given bytes.
func dirty(t *testing.T, f *os.File, off, n int64) bool {
	t.Helper()
	var s unix.Cachestat_t
	err := unix.Cachestat(uint(f.Fd()), &unix.CachestatRange{Off: uint64(off), Len: uint64(n)}, &s, 0)
	if err != nil {
		t.Skipf("cachestat: %v", err)
	}
	return s.Dirty+s.Writeback > 0
}

// logs finds values in Badger's logs. It remembers how far each was searched.
type logs struct {
	dir  string
	from map[string]int64
}

// unwritten says whether a value lies in a log with pages that are not written.
func (l *logs) unwritten(t *testing.T, value []byte) (found, unwritten bool) {
	t.Helper()
	var paths []string
	for _, pattern := range []string{"*.mem", "*.vlog"} {
		some, err := filepath.Glob(filepath.Join(l.dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, some...)
	}
	buf := make([]byte, 2*chunkSize)
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			continue // became a table meanwhile
		}
		defer f.Close()
		n, _ := f.ReadAt(buf, l.from[path])
		i := bytes.Index(buf[:n], value[:4096])
		if i < 0 {
			continue
		}
		// The pages that it shares with its neighbours are theirs too.
		start := l.from[path] + int64(i)
		end := start + int64(len(value))
		l.from[path] = end
		return true, dirty(t, f, start+4096, end-start-2*4096)
	}
	return false, false
}

// tellsDirty says whether the file system of the tests tells written pages from
// others: one in memory does not.
func tellsDirty(t *testing.T) bool {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(make([]byte, 8192)); err != nil {
		t.Fatal(err)
	}
	return dirty(t, f, 0, 8192)
}

// When put returns, the kernel has nothing left to write of its chunks: also
// when Badger has begun a new log, and after a delete, which nobody syncs.
func TestChunksAreSyncedWhenPutReturns(t *testing.T) {
	if !tellsDirty(t) {
		t.Skip("the temporary folder is in memory")
	}
	dir := t.TempDir()
	h := newHeap(dir, newPatience(newLatch(func() time.Duration { return 0 })), &folder{dir: t.TempDir()})
	h.free = func() (int64, error) { return minFree, nil }
	if err := h.open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.close(); err != nil {
			t.Error(err)
		}
	})
	l, seen := &logs{dir: dir, from: make(map[string]int64)}, 0
	for n := range 280 {
		c := sealedChunk{value: make([]byte, 60<<10)} // 210 of them: 8 MiB fit a log
		if n%4 == 0 {
			c.value = make([]byte, chunkSize) // 70 of them: a value log ends at 16 MiB
		}
		rand.Read(c.value)
		binary.BigEndian.PutUint32(c.name[16:], uint32(n+1))
		if err := h.delete(chunkDrop{names: make([]chunkName, 1)}); err != nil {
			t.Fatal(err)
		}
		if err := h.put([]sealedChunk{c}, time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		found, late := l.unwritten(t, c.value)
		if late {
			t.Fatalf("chunk %d is not on the disk", n)
		}
		if found {
			seen++
		}
	}
	if seen < 140 {
		t.Fatalf("only %d chunks were found: the test is blind", seen)
	}
}
