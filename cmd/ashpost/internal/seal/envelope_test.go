package seal

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
)

func enclosed(t *testing.T, content string, to Openers, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	envelope, err := Enclose([]byte(content), to)
	if err != nil {
		t.Fatal(err)
	}
	return envelope
}

func TestEnvelopeByPassphrase(t *testing.T) {
	to, err := ForPassphrase("a pass phrase")
	envelope := enclosed(t, "content", to, err)
	if needs, err := NeedsPassphrase(envelope); !needs || err != nil {
		t.Errorf("%v, %v", needs, err)
	}
	if got, err := DiscloseByPassphrase(envelope, "a pass phrase"); string(got) != "content" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := DiscloseByPassphrase(envelope, "another"); !errors.Is(err, ErrWrongPassphrase) {
		t.Errorf("another passphrase: %v", err)
	}
	if _, err := ForPassphrase(""); !errors.Is(err, ErrPassphraseEmpty) {
		t.Errorf("no passphrase: %v", err)
	}
	// 2^21 would take two gigabytes: refused before any work.
	bomb := bytes.Replace(envelope, []byte(" 18\n"), []byte(" 21\n"), 1)
	if _, err := DiscloseByPassphrase(bomb, "a pass phrase"); !errors.Is(err, ErrEnvelope) {
		t.Errorf("a bomb: %v", err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "envelope.age")
	if err := os.WriteFile(file, envelope, 0o600); err != nil {
		t.Fatal(err)
	}
	if out := byAge(t, file, "a pass phrase"); out != "content" {
		t.Errorf("age opens it as %q", out)
	}
}

func TestEnvelopeByRecipient(t *testing.T) {
	one, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	two, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	for name, pair := range map[string][2]string{
		"X25519": {one.Recipient().String(), one.String()},
		"hybrid": {two.Recipient().String(), two.String()},
	} {
		to, err := ForRecipients([]string{pair[0]})
		envelope := enclosed(t, "content", to, err)
		if needs, err := NeedsPassphrase(envelope); needs || err != nil {
			t.Errorf("%s: %v, %v", name, needs, err)
		}
		if got, err := DiscloseByIdentities(envelope, strings.NewReader("# mine\n"+pair[1]+"\n")); string(got) != "content" || err != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		envelope[len(envelope)-1] ^= 1
		if _, err := DiscloseByIdentities(envelope, strings.NewReader(pair[1])); !errors.Is(err, ErrEnvelope) {
			t.Errorf("%s, damaged: %v", name, err)
		}
	}
	to, err := ForRecipients([]string{one.Recipient().String()})
	envelope := enclosed(t, "content", to, err)
	if _, err := DiscloseByIdentities(envelope, strings.NewReader(two.String())); !errors.Is(err, ErrNoIdentity) {
		t.Errorf("another identity: %v", err)
	}
	if _, err := DiscloseByIdentities(envelope, strings.NewReader("nonsense")); !errors.Is(err, ErrIdentity) {
		t.Errorf("no identity: %v", err)
	}
	for _, bad := range [][]string{nil, {""}, {"age1nonsense"}, {one.String()}} {
		if _, err := ForRecipients(bad); !errors.Is(err, ErrRecipient) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// Whatever is not an age file is refused in words that repeat nothing of it.
func FuzzEnvelope(f *testing.F) {
	f.Add([]byte("age-encryption.org/v1\n-> X25519 a\n"))
	f.Add([]byte(""))
	f.Fuzz(func(t *testing.T, file []byte) {
		_, err := DiscloseByIdentities(file, strings.NewReader("AGE-SECRET-KEY-1QQPSYQYSQYPQYQVPSQYPQYQVPSQYPQYQVPSQYPQYQVPSQGS8XKP"))
		if err == nil {
			t.Error("it opens")
		}
		NeedsPassphrase(file)
	})
}

// byAge opens a file with the age tool.
func byAge(t *testing.T, file, passphrase string) string {
	t.Helper()
	if _, err := exec.LookPath("age"); err != nil {
		t.Fatal("age is missing: apt-get install age")
	}
	var out bytes.Buffer
	cat := exec.Command("cat")
	cat.Stdout = &out
	ageTo(t, file, passphrase, cat)
	return out.String()
}
