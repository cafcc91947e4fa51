package onion_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// apt lists every source package as one file and fetches it, except what a test
// keeps from it.
const apt = `#!/bin/sh
for last; do :; done
file=${last%%=*}.tar
case " $* " in
*" --print-uris "*) echo "'http://a.example/$file' $file 5 SHA256:$(echo good | sha256sum | cut -d ' ' -f 1)" ;;
*" source "*)
	case $last in
	$LACKS=*) echo "E: Failed to fetch http://a.example/$file  $WHY" && exit 100 ;;
	$HALF=*) printf go >"$file" ;;
	*) echo good >"$file" ;;
	esac ;;
*" download "*) shift; for last; do case $last in *:*=*) echo deb >"${last%%:*}.deb" ;; esac; done ;;
esac
`

// A release has the sources that are owed, or there is none; what else the
// archive lacks is named.
func TestSources(t *testing.T) {
	if release, _ := os.ReadFile("/etc/os-release"); !strings.Contains(string(release), "VERSION_CODENAME=") {
		t.Skip("not Debian, nor a descendant of it")
	}
	bin := t.TempDir()
	for name, text := range map[string]string{"apt-get": apt, "apt-cache": "#!/bin/sh\n", "apt-config": "#!/bin/sh\n"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name           string
		env            []string
		fails, missing string
	}{
		{"all there", nil, "", ""},
		{"one is not in the archive", []string{"LACKS=openssl", "WHY=404  Not Found"}, "", "openssl.tar"},
		{"one is owed", []string{"LACKS=glibc", "WHY=404  Not Found"}, "no release: LGPL-2.1", ""},
		{"Tor's own", []string{"LACKS=tor", "WHY=404  Not Found"}, "no release: GPL-3", ""},
		{"the network is bad", []string{"LACKS=openssl", "WHY=Connection timed out"}, "source of openssl could not be fetched", ""},
		{"one came by half", []string{"HALF=zlib"}, "", "zlib.tar"},
		{"one that is owed came by half", []string{"HALF=libseccomp"}, "no release: LGPL-2.1", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dest := t.TempDir()
			cmd := exec.Command("/bin/sh", "static/sources.sh", dest)
			cmd.Env = append([]string{"PATH=" + bin + ":/usr/bin:/bin", "LACKS=-", "HALF=-"}, c.env...)
			out, err := cmd.CombinedOutput()
			if c.fails != "" {
				if err == nil || !strings.Contains(string(out), c.fails) {
					t.Fatalf("%v: %s", err, out)
				}
				return
			}
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			said, _ := os.ReadFile(filepath.Join(dest, "MISSING.txt"))
			if c.missing == "" {
				if len(said) != 0 {
					t.Errorf("missing: %s", said)
				}
				return
			}
			source := strings.TrimSuffix(c.missing, ".tar")
			if !strings.Contains(string(said), "\n  "+source+" ") || !strings.Contains(string(said), ": "+c.missing+"\n") || !strings.Contains(string(out), c.missing) {
				t.Errorf("it says %s, and in the file %s", out, said)
			}
			if _, err := os.Stat(filepath.Join(dest, c.missing)); err == nil {
				t.Error("half a file is kept")
			}
			if libraries, _ := filepath.Glob(filepath.Join(dest, "*-dev.deb")); len(libraries) != 1 {
				t.Errorf("in its place: %q", libraries)
			}
		})
	}
}
