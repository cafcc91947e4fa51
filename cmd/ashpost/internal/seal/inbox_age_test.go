package seal

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// buildAge builds the age command of the module in go.mod: distributions may
// still have one that knows no post-quantum keys.
func buildAge(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "age")
	if out, err := exec.Command("go", "build", "-o", path, "filippo.io/age/cmd/age").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// The promise of INBOX.md: `age -d -i key.txt letter.age | tar -xf -` opens a
// letter, and the key file is one that age opens by itself.
func TestStandardToolsOpenLetters(t *testing.T) {
	tool := buildAge(t)
	dir := t.TempDir()
	place := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	to := keysOf(0, 1)
	address := InboxAddress{Service: testOnion, ID: to.ID()}.String()
	passphrase := NewPassphrase(KeyFileWords)
	protected, err := WriteKeyFile(person(0), address, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	m := Message{Text: persian, Files: []File{fileOf("a.txt", []byte("content"))}}
	var letter bytes.Buffer
	if err := SealLetter(&letter, to, Letter{Head: Head{To: to.ID(), Time: time.Now()}, Message: m}); err != nil {
		t.Fatal(err)
	}
	file := place("letter.age", letter.Bytes())
	key := place("key.age", protected)
	into := filepath.Join(dir, "out")
	if err := os.Mkdir(into, 0o700); err != nil {
		t.Fatal(err)
	}
	ageWith(t, passphrase, exec.Command("tar", "-xf", "-", "-C", into), tool, "-d", "-i", key, file)
	checkUnpacked(t, into, m)

	var content bytes.Buffer
	cat := exec.Command("cat")
	cat.Stdout = &content
	ageWith(t, passphrase, cat, tool, "-d", key)
	want := []string{"# Ashpost key file. Keep it secret.", "# inbox: " + address, "# public key: " + person(0).Recipient(), identityLine(seedOf(0)), ""}
	if content.String() != strings.Join(want, "\n") {
		t.Error("the key file has another content")
	}
	if id, err := ReadKeyFile(content.Bytes(), ""); err != nil || id.Seed() != seedOf(0) {
		t.Errorf("its content: %v", err)
	}
}
