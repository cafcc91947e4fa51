package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// homes: each dependency has one home, so that replacing it, or reading what
// it is trusted with, is the work of one package.
var homes = []struct {
	dependency string
	homes      []string
	tests      []string // of these packages may use it too
	reason     string
}{
	{"github.com/dgraph-io/badger", []string{"ashpost/vault"}, nil, "only the vault knows that chunks lie in Badger, and that Badger does not destroy"},
	{"github.com/cretz/bine", []string{"ashpost/onion"}, nil, "its control connection deadlocks when two use it"},
	{"github.com/klauspost/compress", []string{"ashpost/onion", "ashpost/webui", "ashpost/webui/frontend/build"}, nil, "what is embedded is compressed, Tor and pages: answers never are"},
	{"github.com/labstack/echo", []string{"ashpost/webui"}, nil, "one place decides what a request may reach"},
	{"filippo.io/age", []string{"ashpost/cmd/ashpost/internal/seal", "ashpost/webui/api/channel"}, []string{"ashpost/cmd/ashpost", "ashpost/cmd/ashpost/internal/e2e", "ashpost/webui", "ashpost/webui/api"}, "who cannot import age cannot decrypt: the service's packages must not; their tests are its owners, too"},
	{"github.com/btcsuite/btcd/btcutil", []string{"ashpost/cmd/ashpost/internal/seal"}, nil, "one place spells identities"},
	{"github.com/tyler-smith/go-bip39", nil, []string{"ashpost/cmd/ashpost/internal/seal"}, "linked, it would bring eight word lists nobody uses: tests compare with it"},
	{"github.com/alecthomas/kong", []string{"ashpost/cmd/ashpost"}, nil, "flags are read once, at the edge"},
	{"golang.org/x/term", []string{"ashpost/cmd/ashpost"}, nil, "only commands talk to a terminal"},
	{"rsc.io/qr", []string{"ashpost/cmd/ashpost"}, nil, "a QR code of a link holds the token: never on a server"},
	{"filippo.io/edwards25519", []string{"ashpost/onion"}, nil, "arithmetic on keys is for addresses alone"},
	{"github.com/chromedp", []string{"ashpost/webui/webtest"}, nil, "browsers are for tests"},
	{"github.com/coder/websocket", []string{"ashpost/webui/webtest"}, nil, "browsers are for tests"},
	{"github.com/evanw/esbuild", []string{"ashpost/webui/frontend/build"}, nil, "the bundle is committed: the service builds nothing"},
	{"github.com/CycloneDX", []string{"ashpost/cmd/sbom"}, nil, "bills of materials are for releases"},
	{"golang.org/x/time", []string{"ashpost/webui"}, nil, "what visitors may do is decided where they arrive"},
	{"github.com/coreos/go-systemd", []string{"ashpost/cmd/ashpost"}, nil, "what the system hands over is taken once, at the edge"},
	{"golang.org/x/net", []string{"ashpost/onion", "ashpost/webui/webtest"}, nil, "SOCKS is how the onion is reached, and nothing else is reached"},
}

// layers: what each package may import of ours.
var layers = map[string]struct {
	may    []string
	reason string
}{
	"ashpost/vault":                     {nil, "the vault decides alone what exists; it knows no request and no user"},
	"ashpost/onion":                     {nil, "Tor is given a socket, not a service"},
	"ashpost/webui/api":                 {[]string{"ashpost/webui/api/channel"}, "the wire contract is read by both sides and imports neither"},
	"ashpost/webui/api/channel":         {nil, "a layer of encryption knows no route and no message"},
	"ashpost/webui":                     {[]string{"ashpost/vault", "ashpost/webui/api", "ashpost/webui/api/channel"}, "pages and handlers hold no key and no decryption"},
	"ashpost/cmd/ashpost/internal/seal": {[]string{"ashpost/webui/api"}, "the end-to-end format; of the wire it shares the parser of age headers"},
	"ashpost/vault/vaulttest":           {[]string{"ashpost/vault"}, "a test helper knows its parent"},
	"ashpost/onion/tortest":             {[]string{"ashpost/onion"}, "a test helper knows its parent"},
	"ashpost/webui/webtest":             {nil, "drives browsers, whatever they look at"},
	"ashpost/webui/frontend/build":      {nil, "bundles files"},
	"ashpost/cmd/demo":                  {[]string{"ashpost/onion", "ashpost/onion/tortest"}, "starts ashpost as a user does"},
	"ashpost/cmd/sbom":                  {[]string{"ashpost/onion"}, "reads the lock of the embedded Tor"},
	"ashpost/cmd/ashpost":               {[]string{"ashpost/vault", "ashpost/onion", "ashpost/webui", "ashpost/webui/api", "ashpost/cmd/ashpost/internal/seal"}, "the only place where the parts meet"},
	"ashpost/cmd/ashpost/internal/e2e":  {nil, "uses what was built, as a user does; its tests use the test helpers"},
}

type pkg struct {
	ImportPath   string
	Dir          string
	GoFiles      []string
	Imports      []string
	TestImports  []string
	XTestImports []string
	Deps         []string
}

func goList(t *testing.T) (pkgs []pkg) {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,GoFiles,Imports,TestImports,XTestImports,Deps", "ashpost/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
}

func TestDependenciesHaveOneHome(t *testing.T) {
	for _, p := range goList(t) {
		for _, h := range homes {
			at := func(imported string) bool {
				return imported == h.dependency || strings.HasPrefix(imported, h.dependency+"/")
			}
			uses := slices.ContainsFunc(p.Imports, at)
			tests := slices.ContainsFunc(slices.Concat(p.TestImports, p.XTestImports), at)
			home := slices.Contains(h.homes, p.ImportPath)
			if uses && !home || tests && !home && !slices.Contains(h.tests, p.ImportPath) {
				t.Errorf("%s imports %s, whose home is %s: %s", p.ImportPath, h.dependency, h.homes, h.reason)
			}
		}
	}
}

func TestLayers(t *testing.T) {
	for _, p := range goList(t) {
		rule, known := layers[p.ImportPath]
		if !known {
			t.Errorf("%s has no place in the table of layers: say what it may import, and why", p.ImportPath)
		}
		for _, imported := range p.Imports {
			if strings.HasPrefix(imported, "ashpost/") && !slices.Contains(rule.may, imported) {
				t.Errorf("%s imports %s: %s", p.ImportPath, imported, rule.reason)
			}
		}
	}
}

// What the service is made of cannot decrypt messages, however indirectly: the
// channel alone has age, for its openings and challenges, and neither passphrases
// nor files. A challenge is answered by whoever has the identity: not here.
func TestServiceCannotDecrypt(t *testing.T) {
	for _, p := range goList(t) {
		switch p.ImportPath {
		case "ashpost/vault", "ashpost/onion":
			for _, d := range p.Deps {
				if strings.HasPrefix(d, "filippo.io/age") {
					t.Errorf("%s depends on %s", p.ImportPath, d)
				}
			}
		case "ashpost/webui/api/channel":
			for _, file := range p.GoFiles {
				text, err := os.ReadFile(filepath.Join(p.Dir, file))
				if err != nil {
					t.Fatal(err)
				}
				for _, use := range ageUse.FindAllString(string(text), -1) {
					if !slices.Contains(channelUses, use) {
						t.Errorf("the channel uses %s: it opens openings, with identities it made itself, and nothing else", use)
					}
				}
			}
		}
	}
}

var (
	ageUse      = regexp.MustCompile(`\bage\.[A-Z]\w*`)
	channelUses = []string{"age.Identity", "age.Encrypt", "age.Decrypt", "age.HybridIdentity", "age.GenerateHybridIdentity", "age.ParseHybridRecipient", "age.HybridRecipient"}
)
