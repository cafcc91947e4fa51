package vault_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
)

// Where overwriting is overwriting a vault opens; elsewhere it says why not,
// unless it keeps its slots in memory.
func TestFileSystems(t *testing.T) {
	cases := []struct {
		system vault.FileSystem
		why    string // part of the reason; empty when accepted
	}{
		{vault.FileSystem{Name: "ext4"}, ""},
		{vault.FileSystem{Name: "ext3"}, ""},
		{vault.FileSystem{Name: "ext2"}, ""},
		{vault.FileSystem{Name: "xfs"}, ""},
		{vault.FileSystem{Name: "ext4", JournalsAll: true}, "journal"},
		{vault.FileSystem{Name: "ext3", JournalsAll: true}, "journal"},
		{vault.FileSystem{Name: "btrfs"}, "keeps the old"},
		{vault.FileSystem{Name: "f2fs"}, "keeps the old"},
		{vault.FileSystem{Name: "zfs"}, "keeps the old"},
		{vault.FileSystem{Name: "bcachefs"}, "keeps the old"},
		{vault.FileSystem{Name: "overlay"}, "keeps the old"},
		{vault.FileSystem{Name: "tmpfs"}, "is memory"},
		{vault.FileSystem{Name: "nfs4"}, "another machine"},
		{vault.FileSystem{Name: "cifs"}, "another machine"},
		{vault.FileSystem{Name: "fuse.sshfs"}, "another machine"},
		{vault.FileSystem{Name: "fuseblk"}, "another machine"},
		{vault.FileSystem{Name: "vfat"}, "not known to overwrite"},
		{vault.FileSystem{Name: "ext5"}, "not known to overwrite"},
		{vault.FileSystem{}, "cannot be told"},
	}
	for _, c := range cases {
		t.Run(c.system.Name+" "+c.why, func(t *testing.T) {
			o := vaulttest.Options(vaulttest.NewClock(), new(vaulttest.Layer))
			o.FileSystem = func(string) (vault.FileSystem, error) {
				if c.system.Name == "" {
					return c.system, errors.New("no /proc")
				}
				return c.system, nil
			}
			dir := filepath.Join(t.TempDir(), "data")
			v, err := vault.Open(dir, o)
			var refusal *vault.UnsuitableError
			switch {
			case c.why == "":
				if err != nil || v.Status().FileSystem != c.system.Name {
					t.Fatalf("%v", err)
				}
				v.Close()
			case !errors.As(err, &refusal) || !strings.Contains(refusal.Why, c.why) || refusal.Do == "" || !refusal.InMemory:
				t.Fatalf("%v, want %q", err, c.why)
			case strings.Contains(refusal.Why+refusal.Do, dir):
				t.Fatal("the refusal names the folder")
			}
			if _, err := os.Stat(filepath.Join(dir, "slots")); (err == nil) != (c.why == "") {
				t.Fatalf("the slot file: %v", err)
			}
			o.Volatile = true
			if v, err = vault.Open(dir, o); err != nil {
				t.Fatalf("volatile: %v", err)
			}
			v.Close()
		})
	}
}

// Real file systems, asked through the kernel. Those that cannot be made or
// mounted here are skipped.
func TestRealFileSystems(t *testing.T) {
	for name, c := range map[string]struct {
		mkfs   []string
		tune   []string // tune2fs(8)
		mount  string
		attr   string // given to the folder by chattr(1)
		refuse string
	}{
		"ext4":                     {mkfs: []string{"mkfs.ext4", "-q", "-F"}},
		"ext2":                     {mkfs: []string{"mkfs.ext2", "-q", "-F"}},
		"xfs":                      {mkfs: []string{"mkfs.xfs", "-q", "-f"}},
		"ext4 data=journal":        {mkfs: []string{"mkfs.ext4", "-q", "-F"}, mount: ",data=journal", refuse: "journal"},
		"ext4 journals by default": {mkfs: []string{"mkfs.ext4", "-q", "-F"}, tune: []string{"tune2fs", "-o", "journal_data"}, refuse: "journal"},
		"ext4 chattr +j":           {mkfs: []string{"mkfs.ext4", "-q", "-F"}, attr: "+j", refuse: "journal"},
		"btrfs":                    {mkfs: []string{"mkfs.btrfs", "-q", "-f"}, refuse: "keeps the old"},
		"f2fs":                     {mkfs: []string{"mkfs.f2fs", "-q", "-f"}, refuse: "keeps the old"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(mounted(t, c.mkfs, c.tune, c.mount), "data")
			if c.attr != "" {
				tool(t, "mkdir", "-m", "700", dir)
				if out, err := exec.Command("chattr", c.attr, dir).CombinedOutput(); err != nil {
					t.Skipf("the attribute cannot be given here: %s", out)
				}
			}
			v, err := vault.Open(dir, vault.Options{Slots: 1024, Clock: vaulttest.NewClock().Clock()})
			if err == nil {
				defer v.Close()
			}
			var refusal *vault.UnsuitableError
			if c.refuse != "" {
				if !errors.As(err, &refusal) || !strings.Contains(refusal.Why, c.refuse) {
					t.Fatalf("%v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			s := v.Status()
			if want, _, _ := strings.Cut(name, " "); s.FileSystem != want || s.Storage != vault.StorageDisk || s.Volatile {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestTmpfsIsRefused(t *testing.T) {
	dir, err := os.MkdirTemp("/dev/shm", "ashpost-")
	if err != nil {
		t.Skipf("no tmpfs here: %v", err)
	}
	defer os.RemoveAll(dir)
	var refusal *vault.UnsuitableError
	if _, err := vault.Open(dir, vault.Options{}); !errors.As(err, &refusal) || !strings.Contains(refusal.Why, "is memory") {
		t.Fatalf("%v", err)
	}
}

// mounted makes a file system in a file, mounts it and returns where.
func mounted(t *testing.T, mkfs, tune []string, options string) string {
	t.Helper()
	if _, err := exec.LookPath(mkfs[0]); err != nil {
		t.Skip(err)
	}
	base := t.TempDir()
	image, mount := filepath.Join(base, "image"), filepath.Join(base, "mount")
	err := errors.Join(os.Mkdir(mount, 0o700), os.WriteFile(image, nil, 0o600), os.Truncate(image, 512<<20))
	if err != nil {
		t.Fatal(err)
	}
	tool(t, append(mkfs, image)...)
	if tune != nil {
		tool(t, append(tune, image)...)
	}
	if out, err := exec.Command("mount", "-o", "loop"+options, image, mount).CombinedOutput(); err != nil {
		t.Skipf("cannot be mounted here: %s", out)
	}
	t.Cleanup(func() { tool(t, "umount", mount) })
	return mount
}

func tool(t *testing.T, command ...string) {
	t.Helper()
	if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
		t.Errorf("%s: %v %s", command[0], err, out)
	}
}

// Dumps leave out the folder and what is made in it, where the file system
// knows how.
func TestNoDump(t *testing.T) {
	const noDump = 0x40
	v := vaulttest.Locked(t)
	for _, name := range []string{"", "slots"} {
		f, err := os.Open(filepath.Join(v.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		flags, err := unix.IoctlGetUint32(int(f.Fd()), unix.FS_IOC_GETFLAGS)
		f.Close()
		if err != nil {
			t.Skipf("no attributes here: %v", err)
		}
		if flags&noDump == 0 {
			t.Errorf("%q would be dumped", name)
		}
	}
}

// Containers keep their folders on overlays.
func TestOverlayIsRefused(t *testing.T) {
	base := t.TempDir()
	for _, name := range []string{"lower", "upper", "work", "merged"} {
		if err := os.Mkdir(filepath.Join(base, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	options := "lowerdir=" + base + "/lower,upperdir=" + base + "/upper,workdir=" + base + "/work"
	if out, err := exec.Command("mount", "-t", "overlay", "overlay", "-o", options, base+"/merged").CombinedOutput(); err != nil {
		t.Skipf("cannot be mounted here: %s", out)
	}
	t.Cleanup(func() { tool(t, "umount", base+"/merged") })
	var refusal *vault.UnsuitableError
	if _, err := vault.Open(base+"/merged/data", vault.Options{}); !errors.As(err, &refusal) || !strings.Contains(refusal.Why, "overlay") {
		t.Fatalf("%v", err)
	}
}
