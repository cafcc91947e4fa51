package vault

import (
	"testing"
	"time"

	badger "github.com/dgraph-io/badger/v4"
)

// Chunks that could not be deleted when their message was are found by the next
// maintenance, and those of a process that was killed by the first.
func TestStrayChunks(t *testing.T) {
	dir := t.TempDir() + "/data"
	open := func() *Vault {
		v, err := Open(dir, Options{Slots: 16, Ballast: 1 << 20, FileSystem: func(string) (FileSystem, error) { return FileSystem{Name: "ext4"}, nil }})
		if err != nil {
			t.Fatal(err)
		}
		if err := v.Maintain(); err != nil {
			t.Fatal(err)
		}
		return v
	}
	v := open()
	defer func() { v.Close() }()
	if v.heap.strays.Load() {
		t.Fatal("after a sweep there may still be strays")
	}
	ref, upload, err := v.Reserve()
	if err != nil {
		t.Fatal(err)
	}
	manage := Key{1}
	if _, err := v.Put(ref, upload, make([]byte, 100), Terms{Lifetime: time.Hour, Claim: manage.Verifier(), Manage: manage.Verifier()}); err != nil {
		t.Fatal(err)
	}
	free := v.heap.free
	v.heap.free = func() (int64, error) { return 0, nil }
	if _, err := v.Revoke(ref, manage); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(2 * time.Minute); !v.heap.strays.Load(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a deletion that was not done is not noted")
		}
	}
	v.heap.free = free
	if n := chunksIn(t, v); n != 1 {
		t.Fatalf("%d chunks: the test is blind", n)
	}
	if err := v.Maintain(); err != nil || chunksIn(t, v) != 0 || v.heap.strays.Load() {
		t.Fatalf("%v, %d chunks left", err, chunksIn(t, v))
	}
	if ref, upload, err = v.Reserve(); err != nil {
		t.Fatal(err)
	}
	if err := v.PutPart(ref, upload, 0, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	v.Close() // as after a crash, nobody owns the part
	if v = open(); chunksIn(t, v) != 0 {
		t.Fatalf("%d chunks of the process before", chunksIn(t, v))
	}
}

func chunksIn(t *testing.T, v *Vault) (n int) {
	t.Helper()
	err := v.heap.view(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.IteratorOptions{})
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			n++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
