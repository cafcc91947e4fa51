package main

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"ashpost/cmd/ashpost/internal/seal"
)

const testPassphrase = "correct horse battery staple and more"

var shownOnce = regexp.MustCompile(`(?m)^  ([a-z]+(?:-[a-z]+){12,})\r?$`)

// TestNewKeyOnATerminal: the passphrase is shown once, on the terminal, and what
// is typed later is not shown.
func TestNewKeyOnATerminal(t *testing.T) {
	key := filepath.Join(t.TempDir(), "new.key")
	s := begin(t, "inbox", "create", "--key", key)
	s.answer("Press Enter when you have it.", "\n")
	shown, code := s.end()
	made := shownOnce.FindStringSubmatch(shown)
	if code != 0 || made == nil || strings.Count(shown, made[1]) != 1 {
		t.Fatalf("exit code %d: %s", code, shown)
	}
	if at := strings.Index(shown, made[1]); at < strings.Index(shown, aside) || at > strings.Index(shown, back) || !strings.Contains(shown, aside) {
		t.Errorf("the passphrase can be found by scrolling up: %q", shown)
	}
	public := shown[strings.LastIndex(shown, "age1pq1"):]

	s = begin(t, "inbox", "create", "--key", key)
	s.answer("Passphrase of the key file:", "wrong words\n")
	s.sees("that passphrase does not open the key file")
	s.answer("Passphrase of the key file:", made[1]+"\n")
	again, code := s.end()
	if code != 0 || !strings.HasSuffix(again, public) || strings.Contains(again, made[1]) || strings.Contains(again, "wrong words") {
		t.Errorf("exit code %d: %s", code, again)
	}
}

// TestInterruptedNewKey: whoever interrupts while the passphrase is shown has it,
// and a whole key file.
func TestInterruptedNewKey(t *testing.T) {
	key := filepath.Join(t.TempDir(), "new.key")
	s := begin(t, "inbox", "create", "--key", key)
	s.answer("Press Enter when you have it.", "\x03")
	shown, code := s.end()
	made := shownOnce.FindStringSubmatch(shown)
	if code != exitInterrupted || made == nil {
		t.Fatalf("exit code %d: %s", code, shown)
	}
	file, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seal.ReadKeyFile(file, made[1]); err != nil {
		t.Error(err)
	}
}

// TestAliasAsksOnATerminal: a name is trusted by a person's word alone, typed
// while the text comes from elsewhere.
func TestAliasAsksOnATerminal(t *testing.T) {
	p := owning(t)
	p.run("", "inbox", "alias", "desk", p.inbox, "--data", p.data)
	for word, want := range map[string]int{"yes": 0, "no": exitRefused} {
		text := p.file("text", "through a name\n")
		s := onTerminal(t, "sh", "-c", `ashpost inbox write "$1" <"$2"`, "sh", p.service+"/to/desk", text)
		s.answer(`Type "yes" to go on`, word+"\n")
		if shown, code := s.end(); code != want || !strings.Contains(shown, "the operator's word") {
			t.Errorf("%s: exit code %d: %s", word, code, shown)
		}
	}
	if got := p.run("", "inbox", "read", p.inbox, "--key", p.key, "--passphrase-file", p.passphrase); got != "through a name\n" {
		t.Errorf("%q", got)
	}
}

// owner is somebody with an inbox at a service of their own.
type owner struct {
	*testing.T
	dir, data, service, inbox, key, passphrase string
}

func owning(t *testing.T) *owner {
	t.Helper()
	dir := t.TempDir()
	p := &owner{T: t, dir: dir, data: filepath.Join(dir, "data"), key: filepath.Join(dir, "my key")}
	address, stop := startService(t.Fatalf, p.data)
	t.Cleanup(func() { stop() })
	p.service = "http://" + address
	p.passphrase = p.file("pass", testPassphrase+"\n")
	p.inbox = strings.TrimSpace(p.run("", "inbox", "create", p.service, "--key", p.key, "--passphrase-file", p.passphrase))
	return p
}

func (p *owner) file(name, content string) string {
	p.Helper()
	path := filepath.Join(p.dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		p.Fatal(err)
	}
	return path
}

func (p *owner) run(stdin string, args ...string) string {
	p.Helper()
	out, complaint, code := typed(p.T, stdin, args...)
	if code != 0 {
		p.Fatalf("%s: exit code %d: %s", args[:2], code, complaint)
	}
	return out
}

// TestExportOpensOffline: what was exported opens with the key file, the age
// command and tar, by the very line that is printed.
func TestExportOpensOffline(t *testing.T) {
	p := owning(t)
	report := p.file("report.txt", "report")
	p.run("The text.\n", "inbox", "write", p.inbox, "--attach", report)
	p.run("Another.\n", "inbox", "write", p.inbox)
	offline := filepath.Join(p.dir, "offline")
	p.run("", "inbox", "read", p.inbox, "--export", offline, "--key", p.key, "--passphrase-file", p.passphrase)
	files, err := filepath.Glob(filepath.Join(offline, "message-*.age"))
	if err != nil || len(files) != 2 {
		t.Fatalf("%v, %v", files, err)
	}
	p.run("", "inbox", "read", p.inbox, "1", "--export", offline, "--key", p.key, "--passphrase-file", p.passphrase)
	line := p.run("", "inbox", "read", p.inbox, "1", "--export", offline, "--key", p.key, "--passphrase-file", p.passphrase)
	if want := "age -d -i '" + p.key + "' 'message-1 (3).age' | tar -xv\n"; line != want {
		t.Fatalf("%q, want %q", line, want)
	}
	withAge(t)
	s := onTerminal(t, "sh", "-c", "cd '"+offline+"' && "+line)
	s.answer("Enter passphrase", testPassphrase+"\n")
	if shown, code := s.end(); code != 0 {
		t.Fatalf("exit code %d: %s", code, shown)
	}
	for name, want := range map[string]string{"message.txt": "The text.\n", "files/report.txt": "report"} {
		if got, err := os.ReadFile(filepath.Join(offline, name)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// withAge puts the age command of the module in go.mod before all others:
// distributions may have one that knows no post-quantum keys.
func withAge(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", dir, "filippo.io/age/cmd/age").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// TestDamagedNotebook: a person may begin a new one, and nobody else does. The list
// was shown either way.
func TestDamagedNotebook(t *testing.T) {
	for word, replaced := range map[string]int32{"new": 1, "no": 0} {
		f := newFakeInbox()
		inboxLies["badnotebook"].prepare(f)
		var put atomic.Int32
		server := f.serve(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/notebook") {
				put.Add(1)
			}
			f.truth(w, r)
		})
		key := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(key, []byte(f.line), 0o600); err != nil {
			t.Fatal(err)
		}
		s := begin(t, "inbox", "list", f.address, "--key", key)
		s.sees("the notebook of this inbox is damaged")
		s.answer(`Type "new" to go on`, word+"\n")
		if shown, code := s.end(); code != 0 || put.Load() != replaced {
			t.Errorf("%s: exit code %d, replaced %d times: %s", word, code, put.Load(), shown)
		}
		server.Close()
	}
}

// TestListingWords: one line a message, without a word of what is in it.
func TestListingWords(t *testing.T) {
	var out bytes.Buffer
	r := listing{Count: 3, More: true, LastUse: "2026-01-02", Messages: []listedLetter{
		{Number: 7, Size: 9876, ExpiresIn: 30 * 86400, Time: 1_700_000_000, Standing: firstContact, who: "acorn acid acme …"},
		{Number: 3, Size: 1 << 30, ExpiresIn: 60, Standing: notOpened},
	}}
	if err := r.print(&tui{out: &out, err: &out}); err != nil {
		t.Fatal(err)
	}
	want := "    7  2023-11-14  first contact               acorn acid acme …            9.9 kB  30 days left\n" +
		"    3              large: not opened yet                                    1.1 GB  1 minute left\n" +
		"ashpost: 3 messages in all; for older ones: --before 3\n"
	if out.String() != want {
		t.Errorf("%s\nwant\n%s", &out, want)
	}
}
