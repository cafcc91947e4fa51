package vault_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
)

// slotKeys reads the keys of the live slots: with them, and only with them,
// the sealed chunks open.
func slotKeys(t *testing.T, dir string) [][]byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "slots"))
	if err != nil {
		t.Fatal(err)
	}
	var keys [][]byte
	for o := 4096; o < len(b); o += 256 {
		if k := b[o+32 : o+64]; !bytes.Equal(k, make([]byte, 32)) {
			keys = append(keys, k)
		}
	}
	return keys
}

// count says how many of the markers lie anywhere in the file.
func count(t *testing.T, path string, markers [][]byte) (n int) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range markers {
		if bytes.Contains(b, m) {
			n++
		}
	}
	return n
}

// The data folder and the raw image of its file system, before and after
// messages end in each of the four ways: while they live, their keys are
// there and their plain ciphertext is not; afterwards no key is left
// anywhere, so nothing that remains opens what remains.
func TestNothingRemainsThatOpens(t *testing.T) {
	image, dir, sync := mountImage(t)
	v := openOn(t, dir)
	var markers [][]byte
	ends := map[string]func(m *vaulttest.Message){
		"acknowledged": func(m *vaulttest.Message) {
			if err := v.Acknowledge(m.Ref, m.Reader); err != nil {
				t.Fatal(err)
			}
		},
		"revoked": func(m *vaulttest.Message) {
			if _, err := v.Revoke(m.Ref, m.Manage); err != nil {
				t.Fatal(err)
			}
		},
		"lease ended": func(*vaulttest.Message) {},
		"expired":     func(*vaulttest.Message) {},
	}
	end := make(map[*vaulttest.Message]string)
	for how := range ends {
		for range 25 {
			m := v.Stored(t, 3000)
			markers = append(markers, m.Data[:64])
			if how != "expired" {
				if _, err := v.Claim(m.Ref, m.Claim, m.Reader.Verifier()); err != nil {
					t.Fatal(err)
				}
			}
			end[m] = how
		}
	}
	keys := slotKeys(t, dir)
	sync()
	if n := count(t, image, keys); n != len(keys) || n != 100 {
		t.Fatalf("while they live, %d of %d keys are on the image: the test is blind", n, len(keys))
	}
	for m, how := range end {
		ends[how](m)
	}
	v.Clock.Advance(time.Hour)
	if err := v.Maintain(); err != nil {
		t.Fatal(err)
	}
	sync()
	if n := count(t, image, keys); n != 0 {
		t.Errorf("%d keys are left on the image", n)
	}
	if n := count(t, image, markers); n != 0 {
		t.Errorf("%d messages lie on the image as they were sent", n)
	}
	v.Close()
	scanFolder(t, dir, append(keys, markers...))
}

func openOn(t *testing.T, dir string) *vaulttest.Vault {
	t.Helper()
	v := &vaulttest.Vault{Clock: vaulttest.NewClock(), Layer: new(vaulttest.Layer), Dir: dir}
	o := vaulttest.Options(v.Clock, v.Layer)
	opened, err := vault.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	v.Vault = opened
	t.Cleanup(func() { v.Close() })
	if err := v.Maintain(); err != nil {
		t.Fatal(err)
	}
	return v
}

func scanFolder(t *testing.T, dir string, markers [][]byte) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() && count(t, path, markers) > 0 {
			t.Errorf("%s holds what should be gone", e.Name())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// mountImage makes an ext4 file system in a file and returns the file, a
// folder on it, and a function that brings everything written to the file.
// Where mounting is not allowed the slot file itself stands for the image.
func mountImage(t *testing.T) (image, dir string, sync func()) {
	t.Helper()
	base := t.TempDir()
	image, mount := filepath.Join(base, "image"), filepath.Join(base, "mount")
	err := errors.Join(os.Mkdir(mount, 0o700), os.WriteFile(image, nil, 0o600), os.Truncate(image, 256<<20))
	if err != nil {
		t.Fatal(err)
	}
	mkfs, err := exec.LookPath("mkfs.ext4")
	if err != nil {
		mkfs = "/sbin/mkfs.ext4"
	}
	if out, err := exec.Command(mkfs, "-q", "-F", image).CombinedOutput(); err != nil {
		t.Fatalf("mkfs.ext4: %v %s", err, out)
	}
	if out, err := exec.Command("mount", "-o", "loop", image, mount).CombinedOutput(); err != nil {
		t.Logf("no loop mount here (%s): the slot file stands for the image", bytes.TrimSpace(out))
		dir = filepath.Join(base, "data")
		return filepath.Join(dir, "slots"), dir, func() {}
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", mount).CombinedOutput(); err != nil {
			t.Errorf("umount: %v %s", err, out)
		}
	})
	return image, filepath.Join(mount, "data"), func() {
		if out, err := exec.Command("sync", "-f", mount).CombinedOutput(); err != nil {
			t.Fatalf("sync: %v %s", err, out)
		}
	}
}

// Badger's files without the slot file open nothing.
func TestChunksWithoutSlotsOpenNothing(t *testing.T) {
	v := vaulttest.New(t)
	m := v.Stored(t, 100)
	v.Close()
	if err := os.Remove(filepath.Join(v.Dir, "slots")); err != nil {
		t.Fatal(err)
	}
	v.Reopen(t)
	gone(t, v, m)
}
