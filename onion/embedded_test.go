package onion

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sys/unix"
)

func installed(t testing.TB) Tor {
	t.Helper()
	tor, err := FindTor("../build/tor")
	if err != nil {
		t.Fatal(err)
	}
	return tor
}

func packed(t *testing.T, path string) []byte {
	t.Helper()
	program, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := zstd.NewWriter(nil, zstd.WithSingleSegment(true)) // with its size, as the zstd program does
	if err != nil {
		t.Fatal(err)
	}
	half := len(program) / 2 // several frames, as the build makes them
	return w.EncodeAll(program[half:], w.EncodeAll(program[:half], nil))
}

// embedInstead has another program inside until the test ends.
func embedInstead(t *testing.T, path string) {
	t.Helper()
	tor, lock := embeddedTor, embeddedLock
	embeddedTor, embeddedLock, embedded = packed(t, path), "", sync.OnceValues(fromMemory)
	t.Cleanup(func() { embeddedTor, embeddedLock, embedded = tor, lock, sync.OnceValues(fromMemory) })
}

// The distribution's tor needs its libraries but runs from memory like any.
func TestInMemory(t *testing.T) {
	tor := installed(t)
	f, err := inMemory(packed(t, tor.Path))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Fd() < lowestDescriptor {
		t.Errorf("descriptor %d is where a child's may be", f.Fd())
	}
	if _, err := f.WriteAt([]byte("#!"), 0); !errors.Is(err, unix.EPERM) {
		t.Errorf("it can be written to: %v", err)
	}
	if err := f.Truncate(0); !errors.Is(err, unix.EPERM) {
		t.Errorf("it can be cut: %v", err)
	}
	memory := Tor{Path: f.Name(), LibDir: tor.LibDir}
	if err := memory.examine(); err != nil || memory.Version != tor.Version || memory.Modules != tor.Modules {
		t.Fatalf("%+v, %v", memory, err)
	}

	dir := t.TempDir()
	s, err := New(Config{Dir: dir, Target: filepath.Join(dir, "web.sock"), Tor: memory})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.prepare(); err != nil {
		t.Fatal(err)
	}
	l, err := memory.launch(t.Context(), dir, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	env, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", l.child.cmd.Process.Pid))
	if want := strings.Join(memory.Environ(), "\x00") + "\x00"; err != nil || string(env) != want {
		t.Errorf("the environment of tor is %q, %v", env, err)
	}
	// Nothing is killed here: tor ends with the connection.
	l.hangUp()
	<-l.child.gone
	if l.close() != nil {
		t.Errorf("tor ended with %v", l.close())
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, name := range files {
		if strings.Contains(name, "control") || strings.Contains(name, "cookie") {
			t.Errorf("there is a %s", name)
		}
	}
}

// A script does not run from memory, as nothing does on a system that forbids
// it; then the file has its turn, then the disk.
func TestPlaces(t *testing.T) {
	t.Setenv("PATH", "/bin:/usr/bin")
	disk := standIn(t, "0.4.9.13", "pow: yes")
	embedInstead(t, filepath.Join(standIn(t, "0.4.9.12", "pow: yes"), "usr/bin/tor"))
	dir := filepath.Join(t.TempDir(), "tor")
	for range 2 { // the second finds the first's file
		tor, err := ChooseTor(dir, disk)
		if err != nil || tor.Place != InFile || tor.Version != "0.4.9.12" || tor.Why == "" || tor.Path != filepath.Join(dir, "tor") {
			t.Fatalf("%+v, %v", tor, err)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "tor")); err != nil || info.Mode() != 0o700 {
		t.Errorf("the file: %v, %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 {
		t.Errorf("left behind: %q", left)
	}
	if tor, err := Embedded(""); err == nil {
		t.Errorf("without a folder: %+v", tor)
	}
	nowhere := filepath.Join(disk, "usr/bin/tor", "below a file")
	if tor, err := ChooseTor(nowhere, disk); err != nil || tor.Place != OnDisk || tor.Version != "0.4.9.13" || !strings.Contains(tor.Why, "embedded") {
		t.Errorf("%+v, %v", tor, err)
	}
	t.Setenv("PATH", "")
	if tor, err := ChooseTor(nowhere, t.TempDir()); err == nil || !strings.Contains(err.Error(), "embedded") || !strings.Contains(err.Error(), "tor is missing") {
		t.Errorf("%+v, %v", tor, err)
	}
}

func TestNotEmbedded(t *testing.T) {
	if len(embeddedTor) != 0 {
		t.Skip("a Tor is inside this test")
	}
	if _, err := Embedded(t.TempDir()); !errors.Is(err, ErrNotEmbedded) {
		t.Error(err)
	}
	if texts, err := Licenses(); texts != "" || err != nil || Components() != nil {
		t.Errorf("%q, %v, %v", texts, err, Components())
	}
	disk := standIn(t, "0.4.9.13", "pow: yes")
	if tor, err := ChooseTor("", disk); err != nil || tor.Place != OnDisk || tor.Why != "" {
		t.Errorf("%+v, %v", tor, err)
	}
}

// A damaged Tor is an error, not a crash.
func TestDamaged(t *testing.T) {
	good := packed(t, os.Args[0])
	frames, _, err := cut(good)
	if err != nil || len(frames) != 2 {
		t.Fatalf("%d frames, %v", len(frames), err)
	}
	second := len(frames[0].packed)
	vast := bytes.Clone(good)
	vast[8] = 0xff // the highest byte of the frame's size, after magic and descriptor
	for name, bad := range map[string][]byte{
		"nothing": nil, "no frame": good[8:], "more after the last": append(bytes.Clone(good), 0),
		"cut": good[:second/2], "cut in the second": good[:len(good)-1], "cut in its head": good[:second+3], "cut before its block": good[:second+9],
		"altered": append(bytes.Clone(good[:len(good)-9]), make([]byte, 9)...), "the first altered": append(append(bytes.Clone(good[:second-9]), make([]byte, 9)...), good[second:]...),
		"of a vast size": vast,
	} {
		if f, err := inMemory(bad); err == nil {
			f.Close()
			t.Errorf("%s is taken", name)
		}
	}
}

// What was built is what the lock says, for every architecture that was.
func TestBuiltIsTheLocks(t *testing.T) {
	lock, err := os.ReadFile("static/tor.lock")
	if err != nil {
		t.Fatal(err)
	}
	for _, arch := range []string{"amd64", "arm64"} {
		tor, err := os.ReadFile("static/tor-" + arch + ".zst")
		if errors.Is(err, os.ErrNotExist) {
			t.Logf("no Tor was built for %s: make binary ARCH=%[1]s", arch)
			continue
		}
		program, err := decompress(tor, nil)
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("\nbinary %s %x\n", arch, sha256.Sum256(program)); !bytes.Contains(lock, []byte(want)) {
			t.Errorf("the lock lacks %q", want)
		}
		packed, err := os.ReadFile("static/licenses-" + arch + ".zst")
		if err != nil {
			t.Fatal(err)
		}
		texts, err := decompress(packed, nil)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(lock)) {
			f := strings.Fields(line)
			if f[0] == "library" && f[1] == arch && !bytes.Contains(texts, []byte("==== "+f[2]+":"+arch+" "+f[3]+"\n")) {
				t.Errorf("no licence of %s", f[2])
			}
		}
	}
}

// The embedded Tor runs from memory and knows what it is.
func TestEmbedded(t *testing.T) {
	if len(embeddedTor) == 0 {
		t.Skip("no Tor is inside this test: make test-binary")
	}
	tor, err := Embedded("")
	if err != nil || tor.Place != InMemory || tor.Modules != "pow" {
		t.Fatalf("%+v, %v", tor, err)
	}
	version, err := tor.ask(t.Context(), "--version")
	if err != nil || parseVersion(version) != tor.Version {
		t.Errorf("the lock says %s, tor itself %q, %v", tor.Version, version, err)
	}
	if c := Components(); c[0].Name != "tor" || !strings.HasPrefix(c[0].Version, tor.Version+"-") || len(c) < 8 {
		t.Errorf("it is made of %+v", c)
	}
}

// BenchmarkStart is the time from nothing to an authenticated control
// connection: unpacked into memory, and run from a file.
func BenchmarkStart(b *testing.B) {
	if len(embeddedTor) == 0 {
		b.Skip("no Tor is inside this test: make test-binary")
	}
	dir := b.TempDir()
	file, err := fromFile(dir)
	if err != nil {
		b.Fatal(err)
	}
	s, err := New(Config{Dir: dir, Target: filepath.Join(dir, "web.sock"), Tor: file})
	if err != nil {
		b.Fatal(err)
	}
	if err := s.prepare(); err != nil {
		b.Fatal(err)
	}
	begin := func(b *testing.B, t Tor) {
		ctx, end := context.WithCancel(b.Context())
		l, err := t.launch(ctx, dir, io.Discard)
		b.StopTimer()
		if err != nil {
			b.Fatal(err)
		}
		end()
		l.close()
		b.StartTimer()
	}
	b.Run("file", func(b *testing.B) {
		for range b.N {
			begin(b, file)
		}
	})
	b.Run("memory", func(b *testing.B) {
		for range b.N {
			f, err := inMemory(embeddedTor)
			if err != nil {
				b.Fatal(err)
			}
			begin(b, Tor{Path: f.Name()})
			f.Close()
		}
	})
}
