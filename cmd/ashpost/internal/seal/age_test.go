package seal

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
)

// The promise of FORMAT.md: `age -d message.age | tar -xf -` opens a message.
// age reads passphrases from a terminal only, so it gets one.
func TestStandardToolsOpen(t *testing.T) {
	for _, name := range []string{"age", "tar"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Fatalf("%s is missing: apt-get install %s", name, name)
		}
	}
	m := Message{Text: persian, Files: []File{
		fileOf("گزارش محرمانه.pdf", []byte("%PDF")),
		fileOf(strings.Repeat("گزارش", 20)+".pdf", bytes.Repeat([]byte("x"), 200_000)),
		fileOf("empty", nil),
		fileOf("../../empty", nil),
	}}
	for _, c := range []struct{ name, link, extra string }{
		{"link", testLink, ""},
		{"extra passphrase", testLink + ".p", testExtra},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := mustLink(t, c.link).Keys()
			passphrase, err := k.AgePassphrase(c.extra)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			file := filepath.Join(dir, "message.age")
			if err := os.WriteFile(file, sealed(t, k, c.extra, m), 0o600); err != nil {
				t.Fatal(err)
			}
			into := filepath.Join(dir, "out")
			if err := os.Mkdir(into, 0o700); err != nil {
				t.Fatal(err)
			}
			ageToTar(t, file, passphrase, into)
			checkUnpacked(t, into, m)
		})
	}
}

func ageToTar(t *testing.T, file, passphrase, into string) {
	t.Helper()
	ageTo(t, file, passphrase, exec.Command("tar", "-xf", "-", "-C", into))
}

// ageTo has age open a file into another program.
func ageTo(t *testing.T, file, passphrase string, next *exec.Cmd) {
	t.Helper()
	ageWith(t, passphrase, next, "age", "-d", file)
}

// ageWith runs some age on a terminal of its own, into another program.
func ageWith(t *testing.T, passphrase string, next *exec.Cmd, command ...string) {
	t.Helper()
	terminal, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	pipeOut, pipeIn, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	age := exec.Command(command[0], command[1:]...)
	age.Stdin, age.Stderr, age.Stdout = tty, tty, pipeIn
	age.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	var complaints bytes.Buffer
	next.Stdin, next.Stderr = pipeOut, &complaints
	if err := age.Start(); err != nil {
		t.Fatal(err)
	}
	if err := next.Start(); err != nil {
		t.Fatal(err)
	}
	tty.Close()
	pipeIn.Close()
	pipeOut.Close()
	typed := make(chan string, 1)
	go func() { typed <- typeAtPrompt(terminal, passphrase) }()
	if err := age.Wait(); err != nil {
		t.Errorf("age: %v\n%s", err, <-typed)
	}
	if err := next.Wait(); err != nil || complaints.Len() > 0 {
		t.Errorf("%s: %v\n%s", next.Path, err, complaints.String())
	}
}

// typeAtPrompt answers the first prompt and returns what the terminal showed
// until age closed it.
func typeAtPrompt(terminal *os.File, passphrase string) string {
	var shown []byte
	buf := make([]byte, 1024)
	answered := false
	for {
		n, err := terminal.Read(buf)
		shown = append(shown, buf[:n]...)
		if err != nil {
			return string(shown)
		}
		if !answered && bytes.Contains(shown, []byte("passphrase")) {
			answered = true
			terminal.WriteString(passphrase + "\n")
		}
	}
}

func checkUnpacked(t *testing.T, dir string, m Message) {
	t.Helper()
	if text, err := os.ReadFile(filepath.Join(dir, "message.txt")); err != nil || string(text) != m.Text {
		t.Errorf("text: %v", err)
	}
	for i, name := range storedNames(m.Files) {
		path := filepath.Join(dir, "files", name)
		info, err := os.Stat(path)
		if err != nil {
			t.Errorf("attachment %d: %v", i, err)
			continue
		}
		if info.Size() != m.Files[i].Size || info.Mode() != 0o600 {
			t.Errorf("attachment %d: %d bytes, mode %v", i, info.Size(), info.Mode())
		}
	}
	entries, err := os.ReadDir(filepath.Join(dir, "files"))
	if err != nil || len(entries) != len(m.Files) {
		t.Errorf("%d files, want %d (%v)", len(entries), len(m.Files), err)
	}
}
