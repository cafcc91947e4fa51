package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// keyHolder is somebody with a key file, at the published service.
type keyHolder struct {
	*testing.T
	key, passphrase string
}

func holding(t *testing.T, dir, name string) keyHolder {
	t.Helper()
	k := keyHolder{t, filepath.Join(dir, name+".key"), filepath.Join(dir, "passphrase")}
	if err := os.WriteFile(k.passphrase, []byte("correct horse battery staple and more\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return k
}

// does runs a command of an inbox over Tor.
func (k keyHolder) does(stdin, command string, args ...string) result {
	k.Helper()
	args = append([]string{"inbox", command, "--socks", world.socks, "--key", k.key, "--passphrase-file", k.passphrase}, args...)
	r := ashpost(k.T, stdin, args...)
	if r.code != 0 {
		k.Fatalf("%s: %+v", command, r)
	}
	return r
}

// A whole conversation over Tor: owner sessions, and letters over circuits of
// their own. What the service has on its disk meanwhile holds neither text.
func TestConversationOnTheCommandLine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	journalist, source := holding(t, dir, "journalist"), holding(t, dir, "source")
	inbox := strings.TrimSpace(journalist.does("", "create", world.service.address()).out)
	if r := ashpost(t, "", "inbox", "create", "--key", source.key, "--passphrase-file", source.passphrase); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	source.does(secret, "write", inbox)
	var got struct {
		ID, Text, Standing, From string
	}
	if err := json.Unmarshal([]byte(journalist.does("", "read", "--json", inbox).out), &got); err != nil {
		t.Fatal(err)
	}
	if got.Text != secret || got.Standing != "first-contact" {
		t.Fatalf("%+v", got)
	}
	journalist.does("an answer", "reply", inbox, got.ID)
	if r := source.does("", "read", got.From); r.out != "an answer" || !strings.Contains(r.err, "from your conversation") {
		t.Errorf("%+v", r)
	}
	if r := ashpost(t, "", "inbox", "list", "--socks", world.socks, "--key", source.key, "--passphrase-file", source.passphrase, inbox); r.code != 3 {
		t.Errorf("another key: %+v", r)
	}
	for name, holds := range everything(t, world.service.data) {
		if strings.Contains(holds, "station") || strings.Contains(holds, "an answer") {
			t.Errorf("%s holds a text", name)
		}
	}
	source.does("end\n", "end", got.From)
	journalist.does("end\n", "end", inbox)
}

// everything reads the files of a folder.
func everything(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || !info.Mode().IsRegular() {
			return nil // files of the store come and go
		}
		if content, err := os.ReadFile(path); err == nil {
			all[info.Name()] = string(content)
		}
		return nil
	})
	if err != nil || len(all) == 0 {
		t.Fatalf("%d files, %v", len(all), err)
	}
	return all
}
