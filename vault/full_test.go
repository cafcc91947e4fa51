package vault_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
)

// fillDisk leaves left bytes free on the file system of dir and returns what
// gives the space back.
func fillDisk(t *testing.T, dir string, left int64) func() {
	t.Helper()
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "filler")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := unix.Fallocate(int(f.Fd()), 0, 0, int64(st.Bavail)*int64(st.Bsize)-left); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

// Somebody else fills the disk: new messages are refused, reading, erasing and
// proving go on, a restart works, and with space again all is as before.
func TestDiskFullOfOthersFiles(t *testing.T) {
	image, dir, _ := mountImage(t)
	if filepath.Dir(image) == dir {
		t.Skip("needs a file system of its own: run as root")
	}
	v := &vaulttest.Vault{Clock: vaulttest.NewClock(), Layer: new(vaulttest.Layer), Dir: dir}
	o := vaulttest.Options(v.Clock, v.Layer)
	o.Ballast = 64 << 20
	open := func() {
		opened, err := vault.Open(dir, o)
		if err != nil {
			t.Fatal(err)
		}
		v.Vault = opened
	}
	open()
	t.Cleanup(func() { v.Close() })
	if err := v.Maintain(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "ballast")); err != nil {
		t.Fatal("no ballast was taken")
	}
	read, revoked, stays := v.Stored(t, 300<<10), v.Stored(t, 1000), v.Stored(t, 1000)
	empty := fillDisk(t, filepath.Dir(dir), 1<<20)

	want(t, "put", vaulttest.Draw(1000).Put(v.Vault), vault.ErrFull)
	if _, err := v.Claim(read.Ref, read.Claim, read.Reader.Verifier()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(readAll(t, v, read, read.Reader), read.Data) {
		t.Fatal("read back differs")
	}
	if err := v.Acknowledge(read.Ref, read.Reader); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Revoke(revoked.Ref, revoked.Manage); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the ballast gives way, and restarts find room
		if err := v.Maintain(); err != nil {
			t.Fatal(err)
		}
		want(t, "put", vaulttest.Draw(1000).Put(v.Vault), vault.ErrFull)
		v.Close()
		open()
	}
	empty()
	if err := v.Maintain(); err != nil {
		t.Fatal(err)
	}
	gone(t, v, read)
	gone(t, v, revoked)
	if _, err := v.State(stays.Ref, stays.Manage); err != nil {
		t.Fatal(err)
	}
	v.Stored(t, 1000)
}

// From 80 % on nothing new is taken, whether it is the slots, the quota or the
// disk that fills up. What was begun ends, and everything else goes on.
func TestNothingNewFromEightyPercent(t *testing.T) {
	for _, c := range []struct {
		name        string
		slots, size int
		quota       int64
		disk        int64 // left for messages; 0: plenty
		fit         int   // messages before the first refusal
	}{
		{name: "slots", slots: 10, size: 10, quota: 1 << 20, fit: 8},
		{name: "quota", slots: 100, size: 1000, quota: 5000, fit: 4},
		{name: "disk", slots: 100, size: 1 << 20, quota: 1 << 30, disk: 20 << 20, fit: 14},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir() + "/data"
			if c.disk > 0 {
				_, dir = ownDisk(t)
			}
			v := &vaulttest.Vault{Clock: vaulttest.NewClock(), Layer: new(vaulttest.Layer), Dir: dir}
			o := vaulttest.Options(v.Clock, v.Layer)
			o.Slots, o.Quota = c.slots, c.quota
			opened, err := vault.Open(dir, o)
			if err != nil {
				t.Fatal(err)
			}
			v.Vault = opened
			t.Cleanup(func() { v.Close() })
			if err := v.Maintain(); err != nil {
				t.Fatal(err)
			}
			if c.disk > 0 {
				fillDisk(t, filepath.Dir(dir), 64<<20+c.disk)
			}
			begun := vaulttest.Draw(c.size)
			if begun.Ref, begun.Upload, err = v.Reserve(); err != nil {
				t.Fatal(err)
			}
			var all []*vaulttest.Message
			for v.Status().Filled < vault.FullAt {
				all = append(all, v.Stored(t, c.size))
			}
			// How much of it Badger's own files take of a disk is its affair.
			if n := len(all); n != c.fit && (c.disk == 0 || n < 6 || n > c.fit) {
				t.Fatalf("full at %d messages, want %d", n, c.fit)
			}
			_, _, err = v.Reserve()
			want(t, "a new one", err, vault.ErrFull)
			if _, err := v.Put(begun.Ref, begun.Upload, begun.Data, begun.Terms); err != nil {
				t.Fatalf("what was begun: %v", err)
			}
			for i, m := range append(all, begun) {
				if _, err := v.Claim(m.Ref, m.Claim, m.Reader.Verifier()); err != nil {
					t.Fatalf("message %d: %v", i, err)
				}
				if !bytes.Equal(readAll(t, v, m, m.Reader), m.Data) {
					t.Fatalf("message %d: read back differs", i)
				}
				if err := v.Acknowledge(m.Ref, m.Reader); err != nil {
					t.Fatalf("message %d: %v", i, err)
				}
			}
			if err := v.Maintain(); err != nil || v.Status().Filled >= vault.FullAt {
				t.Fatalf("still full: %v %+v", err, v.Status())
			}
			v.Stored(t, c.size)
		})
	}
}

// Uploads under way count as well.
func TestUploadsUnderWayFill(t *testing.T) {
	o := vaulttest.Options(vaulttest.NewClock(), new(vaulttest.Layer))
	o.Quota = 10 * vault.PartSize
	v := openWith(t, o)
	part := make([]byte, vault.PartSize)
	for n := range 2 { // a quarter of the quota is for uploads
		ref, upload, err := v.Reserve()
		if err != nil {
			t.Fatal(err)
		}
		if err := v.PutPart(ref, upload, 0, part); err != nil {
			t.Fatal(err)
		}
		if got := v.Status().Filled; got != 10*(n+1) {
			t.Fatalf("%d parts fill %d %%", n+1, got)
		}
	}
}
