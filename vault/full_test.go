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
