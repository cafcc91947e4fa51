package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// A message opens without any program of ours but `ashpost link`: the claim is
// one HTTP request with the claim key it prints, and what comes back opens
// with Debian's age and tar.
func TestStandardToolsOpenALink(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, filepath.Join(dir, "data"), "--no-tor", "--preview", "127.0.0.1:0")
	url := strings.TrimSuffix(s.says(t, "ashpost: preview on this machine: "), "/")
	link := strings.TrimSpace(ashpost(t, secret, "send", "--service", url).out)
	var keys struct {
		Passphrase string `json:"age_passphrase"`
		ClaimKey   string `json:"claim_key"`
	}
	if err := json.Unmarshal([]byte(ashpost(t, link, "link", "--json").out), &keys); err != nil {
		t.Fatal(err)
	}
	_, reference, _ := strings.Cut(link, "/m/")
	reference, _, _ = strings.Cut(reference, "#")
	file := filepath.Join(dir, "message.age")
	claimInto(t, file, url+"/api/v1/messages/"+reference+"/claim", keys.ClaimKey)
	text := filepath.Join(dir, "message.txt")
	opened := typedToAge(t, file, keys.Passphrase, dir)
	if got, err := os.ReadFile(text); err != nil || string(got) != secret {
		t.Errorf("%v, %q; the terminal showed: %s", err, got, strings.ReplaceAll(opened, keys.Passphrase, "…"))
	}
}

// claimInto is what curl would do.
func claimInto(t *testing.T, file, url, key string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Ashpost-Reader", strings.Repeat("A", 43)) // a verifier that no key has: nobody acknowledges
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s %v", answer.Status, err)
	}
	if err := os.WriteFile(file, body, 0o600); err != nil {
		t.Fatal(err)
	}
}

// typedToAge runs age into tar on a terminal of its own, because age takes a
// passphrase from a terminal only, and returns what the terminal showed.
func typedToAge(t *testing.T, file, passphrase, into string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `age -d "$1" | tar -xf - -C "$2"`, "sh", file, into)
	terminal, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	if err := terminal.SetDeadline(time.Now().Add(3 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	var shown strings.Builder
	buf := make([]byte, 256)
	for answered := false; ; {
		n, err := terminal.Read(buf)
		shown.Write(buf[:n])
		if !answered && strings.Contains(shown.String(), "passphrase") {
			answered = true
			if _, err := io.WriteString(terminal, passphrase+"\n"); err != nil {
				t.Fatal(err)
			}
		}
		if err != nil { // the terminal closes with its last program
			break
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("age and tar: %v", err)
	}
	return shown.String()
}
