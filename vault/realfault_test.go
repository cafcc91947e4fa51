package vault_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
)

// faultFolder and faultKind, when set, make TestRealFaultOfTheDisk the process
// under which the disk fails.
const (
	faultFolder = "ASHPOST_FAULT_FOLDER"
	faultKind   = "ASHPOST_FAULT_KIND"
)

// realFaults are done to a mounted ext4, beneath the slots and Badger's files
// alike. A device-mapper target would do the same; few machines that run tests
// have it, and ext4 can be told to fail.
var realFaults = map[string]func(mount string) error{
	// Every read and write answers EIO, as if the device were gone.
	"EIO": func(mount string) error {
		const shutdown, withoutJournal = 0x8004587d, 2 // EXT4_IOC_SHUTDOWN
		f, err := os.Open(mount)
		if err != nil {
			return err
		}
		defer f.Close()
		return unix.IoctlSetPointerInt(int(f.Fd()), shutdown, withoutJournal)
	},
	// The file system finds a fault in itself and turns read-only.
	"EROFS": func(mount string) error {
		if out, err := exec.Command("mount", "-o", "remount,errors=remount-ro", mount).CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		var st unix.Stat_t
		if err := unix.Stat(mount, &st); err != nil {
			return err
		}
		device, err := os.Readlink(fmt.Sprintf("/sys/dev/block/%d:%d", unix.Major(st.Dev), unix.Minor(st.Dev)))
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join("/sys/fs/ext4", filepath.Base(device), "trigger_fs_error"), []byte("1"), 0)
	},
}

// The disk fails while Badger and the slots are being written. The vault locks
// and its process goes on to its own end; on the mended disk everything that
// was acknowledged as stored is there, and nothing that was destroyed.
func TestRealFaultOfTheDisk(t *testing.T) {
	if dir := os.Getenv(faultFolder); dir != "" {
		worksUntilItFails(dir, realFaults[os.Getenv(faultKind)])
		return
	}
	for kind := range realFaults {
		t.Run(kind, func(t *testing.T) {
			mount, dir := ownDisk(t)
			cmd := exec.Command(os.Args[0], "-test.run=^TestRealFaultOfTheDisk$")
			cmd.Env = append(os.Environ(), faultFolder+"="+dir, faultKind+"="+kind)
			var complaint bytes.Buffer
			cmd.Stderr = &complaint
			out, err := cmd.Output()
			mapped := strings.Contains(complaint.String(), "unexpected fault address")
			switch {
			case mapped: // see the package's non-guarantees; what follows holds all the same
				t.Log("the fault came under a mapped page of Badger's: the kernel ended the process")
			case err != nil || !bytes.HasSuffix(out, []byte("\nended\n")):
				t.Errorf("the process: %v\n%.2000s", err, &complaint)
			}
			mountAgain(t, mount)
			checkAfterFault(t, dir, out)
		})
	}
}

// mountAgain is what mends: the same image, mounted anew.
func mountAgain(t *testing.T, mount string) {
	t.Helper()
	image := filepath.Join(filepath.Dir(mount), "image")
	if out, err := exec.Command("umount", mount).CombinedOutput(); err != nil {
		t.Fatalf("umount: %v %s", err, out)
	}
	fsck, err := exec.LookPath("e2fsck")
	if err != nil {
		fsck = "/sbin/e2fsck"
	}
	out, err := exec.Command(fsck, "-fy", image).CombinedOutput() // 1: mended
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || exit.ExitCode() != 1) {
		t.Fatalf("e2fsck: %v %s", err, out)
	}
	if out, err := exec.Command("mount", "-o", "loop", image, mount).CombinedOutput(); err != nil {
		t.Fatalf("mount: %v %s", err, out)
	}
}

func checkAfterFault(t *testing.T, dir string, said []byte) {
	t.Helper()
	last := make(map[string]string)
	for lines := bufio.NewScanner(bytes.NewReader(said)); lines.Scan(); {
		what, message, _ := strings.Cut(lines.Text(), " ")
		switch what {
		case "created", "erasing", "erased":
			last[message] = what
		}
	}
	v := openedOn(t, dir)
	if err := v.Maintain(); err != nil || !v.Status().Open {
		t.Fatalf("locked on the mended disk: %v %+v", err, v.Status())
	}
	stored, erased := 0, 0
	for line, what := range last {
		m := parseFault(t, line)
		c, err := v.Claim(m.Ref, m.Claim, m.Reader.Verifier())
		switch {
		case what == "created" && (err != nil || !bytes.Equal(c.Content, m.Data)):
			t.Errorf("what was stored is lost: %v", err)
		case what == "erased" && err == nil:
			t.Error("what was destroyed is back")
		case what == "created":
			stored++
		case what == "erased":
			erased++
		}
	}
	if stored < 20 || erased < 10 {
		t.Errorf("%d stored, %d erased: the test is blind", stored, erased)
	}
}

// parseFault rebuilds a message from what the process said: reference, keys
// and the size of content that its keys determine.
func parseFault(t *testing.T, line string) *vaulttest.Message {
	t.Helper()
	size, rest, _ := strings.Cut(line, " ")
	n, err := strconv.Atoi(size)
	if err != nil {
		t.Fatal(err)
	}
	m := parseMessage(t, rest+" 00")
	m.Data = bytes.Repeat(m.Claim[:1], n)
	return m
}

// worksUntilItFails creates and destroys until the disk fails beneath it, and
// says what was answered.
func worksUntilItFails(dir string, fault func(mount string) error) {
	must := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	clock := vaulttest.NewClock()
	v, err := vault.Open(dir, vaulttest.Options(clock, new(vaulttest.Layer)))
	must(err)
	must(v.Maintain())
	var out sync.Mutex
	lines := 0
	say := func(what string, m *vaulttest.Message) {
		out.Lock()
		defer out.Unlock()
		fmt.Printf("%s %d %x %x %x %x\n", what, len(m.Data), m.Ref, m.Claim, m.Manage, m.Reader)
		if lines++; lines == 150 {
			must(fault(filepath.Dir(dir)))
		}
	}
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			for n := worker; ; n++ {
				m := vaulttest.Draw([]int{200, 100 << 10}[n%2])
				m.Terms.Lifetime = 24 * time.Hour
				m.Data = bytes.Repeat(m.Claim[:1], len(m.Data))
				err := m.Put(v)
				if err == nil {
					say("created", m)
					if n%3 != 0 {
						continue
					}
					say("erasing", m)
					if _, err = v.Revoke(m.Ref, m.Manage); err == nil {
						say("erased", m)
						continue
					}
				}
				if !errors.Is(err, vault.ErrLocked) && !errors.Is(err, vault.ErrNotProven) {
					must(err)
				}
				return
			}
		})
	}
	all.Wait()
	if s := v.Status(); s.Open || v.Maintain() == nil {
		must(fmt.Errorf("not locked: %+v", s))
	}
	if os.Getenv(faultKind) == "EIO" {
		_ = v.Close() // Badger cannot save what it has, and is not waited for
	}
	fmt.Println("ended")
	os.Exit(0)
}
