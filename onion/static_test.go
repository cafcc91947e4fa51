package onion_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What the scripts make of a machine's package sources: Debian's own, with
// source packages, for the suite of the lock.
func TestDebianSources(t *testing.T) {
	for _, c := range []struct{ name, script, in, out string }{
		{"a line", "oneline.awk", "deb http://a.example/debian here main contrib\n",
			"deb http://a.example/debian there main\ndeb-src http://a.example/debian there main\n"},
		{"a line with options", "oneline.awk", "deb [arch=amd64 signed-by=/k.gpg] http://a.example/debian here-updates main\n",
			"deb [ signed-by=/k.gpg] http://a.example/debian there-updates main\ndeb-src [ signed-by=/k.gpg] http://a.example/debian there-updates main\n"},
		{"lines that are not meant", "oneline.awk", "# deb http://a here main\ndeb-src http://a here main\ndeb http://other stable main\ndeb http://a here contrib\n", ""},
		{"a paragraph", "deb822.awk", "Types: deb\n# why\nURIs: http://a.example/debian\nSuites: here here-updates\nComponents: main contrib\nSigned-By: /k.gpg\n",
			"Types: deb deb-src\nComponents: main\nURIs: http://a.example/debian\nSuites: there there-updates\nSigned-By: /k.gpg\n\n"},
		{"one key inside", "deb822.awk", "Types: deb\nURIs: http://a\nSuites: here\nArchitectures: amd64\nComponents: main\nSigned-By:\n -----BEGIN\n .\n x\n",
			"Types: deb deb-src\nComponents: main\nURIs: http://a\nSuites: there\nSigned-By:\n -----BEGIN\n .\n x\n\n"},
		{"paragraphs that are not meant", "deb822.awk", "Types: deb\nURIs: http://a\nSuites: here\nComponents: main\nEnabled: no\n\nTypes: deb\nURIs: http://b\nSuites: stable\nComponents: main\n", ""},
	} {
		file := filepath.Join(t.TempDir(), "sources")
		if err := os.WriteFile(file, []byte(c.in), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("awk", "-v", "from=here", "-v", "to=there", "-f", "static/"+c.script, file).CombinedOutput()
		if err != nil || string(out) != c.out {
			t.Errorf("%s: %v\n%s", c.name, err, out)
		}
	}
}

func TestBuildSaysWhatIsMissing(t *testing.T) {
	bin := t.TempDir()
	for _, name := range []string{"dirname", "mkdir", "cat", "awk", "sha256sum", "cut", "id", "dpkg", "apt-get"} {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Skipf("%s is missing", name)
		}
		if err := os.Symlink(path, filepath.Join(bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "give an architecture"},
		{[]string{"riscv64", t.TempDir()}, "give an architecture"},
		{[]string{"amd64"}, "give a folder"},
		{[]string{"amd64", t.TempDir()}, "sudo apt-get install --no-install-recommends mmdebstrap"},
	} {
		cmd := exec.Command("/bin/sh", append([]string{"static/build.sh"}, c.args...)...)
		cmd.Env = []string{"PATH=" + bin}
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.HasPrefix(string(out), "static-tor: error: ") || !strings.Contains(string(out), c.want) || strings.Count(string(out), "\n") != 1 {
			t.Errorf("%q: %v: %s", c.args, err, out)
		}
	}
}
