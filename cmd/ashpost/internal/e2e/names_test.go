package e2e

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/webui/api"
	"ashpost/webui/webtest"
)

// evil is what every hostile text would run.
const evil = `window.owned=1;location='http://stranger.example/'`

// storable are names that a sender may give a file, though they are made for
// harm. The contents are too.
var storable = []named{
	{`<img src=x onerror=window.owned=1>`, "a"},
	{`"><script>window.owned=1<!--.txt`, "b"},
	{`' onmouseover='window.owned=1' x='.txt`, "c"},
	{`<svg onload=window.owned=1>.txt`, "d"},
	{`&lt;img src=x onerror=window.owned=1&gt;`, "e"},
	{`javascript:window.owned=1`, "f"},
	{`..%2f..%2fevil`, "g"},
	{`{{constructor.constructor('window.owned=1')()}}`, "h"},
	{`...`, "i"},
	{`.bashrc`, "j"},
	{"  a  .txt", "k"},
	{`con.txt`, "l"},
	{`a;b|c$(touch evil).sh`, "m"},
	{strings.Repeat("ﷺ", 32) + ".txt", "n"}, // 100 bytes, wide, from right to left
	{strings.Repeat("W", 100), "o"},
	{"\u00a0", "q"},
	{"\u200b", "r"},
	{" .txt", "s"},
	{" a", "t"},
	{"~", "u"},
	{". .", "v"},
	{" ", "w"},
	{"  ", "x"},
	{"مدارک محرمانه.txt", "p"},
	{`picture.svg`, `<svg xmlns="http://www.w3.org/2000/svg" onload="` + evil + `"><script>` + evil + `</script></svg>`},
	{`page.html`, `<!doctype html><script>` + evil + `</script><meta http-equiv=refresh content="0;url=http://stranger.example/">`},
	{`page.xhtml`, `<html xmlns="http://www.w3.org/1999/xhtml"><script>` + evil + `</script></html>`},
}

// TestHostileNames: what a stranger calls and puts into a file is text on the
// page, and a download and nothing else when it is saved.
func TestHostileNames(t *testing.T) {
	for name, k := range kinds {
		t.Run(name, func(t *testing.T) {
			reader := arrive(t, k, webtest.Options{Width: 390, Height: 844})
			// Chromium drops the eleventh download within a second.
			for some := range slices.Chunk(storable, 9) {
				reader.savesHostile(some)
			}
		})
	}
}

type named struct{ name, content string }

// savesHostile opens a message with these files and saves each.
func (p *person) savesHostile(files []named) {
	p.t.Helper()
	m := seal.Message{Text: "see the files"}
	var names []string
	for _, f := range files {
		names = append(names, f.name)
		m.Files = append(m.Files, seal.File{Name: f.name, Size: int64(len(f.content)), Open: func() (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader(f.content)), nil
		}})
	}
	link := upload(p.t, func(l seal.Link) []byte {
		var file bytes.Buffer
		check(p.t, seal.Seal(&file, l.Keys(), "", m))
		return file.Bytes()
	})
	if text := p.opens(link); text != m.Text {
		p.t.Errorf("read %q", text)
	}
	p.showsNames(names)
	for i, f := range files {
		p.clicks(fmt.Sprintf("#files li:nth-child(%d) button", i+1))
		path, err := p.WaitDownload(p.ctx())
		p.must(err)
		if content, err := os.ReadFile(path); err != nil || string(content) != f.content || filepath.Dir(path) != p.Downloads() {
			p.t.Errorf("%q is saved as %q: %q, %v", f.name, path, content, err)
		}
	}
	p.staysHarmless(link)
}

// showsNames: each name is in its line as it is, and made no element.
func (p *person) showsNames(want []string) {
	p.t.Helper()
	raw, err := p.Eval(p.ctx(), `Array.from(document.querySelectorAll('#files .name'), e => e.textContent)`)
	p.must(err)
	var got []string
	if err := json.Unmarshal(raw, &got); err != nil || !slices.Equal(got, want) {
		p.t.Errorf("the page shows %q, want %q, %v", got, want, err)
	}
	if made := p.reads(`Array.from(document.querySelectorAll('#files .name *, #files :not(li, span, button)'), e => e.outerHTML).join()`); made != "" {
		p.t.Errorf("names became elements: %s", made)
	}
	if wide := p.reads(`'' + (document.documentElement.scrollWidth - document.documentElement.clientWidth)`); wide != "0" {
		p.t.Errorf("the page is wider than its window by %s", wide)
	}
	p.shoots("names")
}

// staysHarmless: no script ran, and the page is where it was.
func (p *person) staysHarmless(link string) {
	p.t.Helper()
	path, _, _ := strings.Cut(link, "#")
	if got := p.reads(`location.href + ' ' + typeof window.owned`); got != path+" undefined" {
		p.t.Errorf("the page is now %q", got)
	}
}

// TestHostileNamesOfTheSender: names are as hostile to whoever is given a file
// to pass on. They are shown as they are, and stored clean.
func TestHostileNamesOfTheSender(t *testing.T) {
	given := []string{`<img src=x onerror=window.owned=1>`, "a\x01\x1b[2J\x7fb.txt", "turned \u202etxt.exe", `..\..\evil.txt`,
		"\u2066isolated\u2069.txt", `" autofocus onfocus="window.owned=1`, "line\nbreak.txt", strings.Repeat("l", 255)}
	stored := []string{`<img src=x onerror=window.owned=1>`, "a__[2J_b.txt", "turned _txt.exe", `.._.._evil.txt`,
		"_isolated_.txt", `" autofocus onfocus="window.owned=1`, "line_break.txt", strings.Repeat("l", 100)}
	dir := t.TempDir()
	var paths []string
	for _, name := range given {
		paths = append(paths, filepath.Join(dir, name))
		if err := os.WriteFile(paths[len(paths)-1], []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, k := range kinds {
		t.Run(name, func(t *testing.T) {
			sender := arrive(t, k, webtest.Options{Width: 390, Height: 844})
			sender.goes(world.service.address() + "/")
			sender.must(sender.SetFiles(sender.ctx(), "#pick", paths...))
			sender.waits("#protect:enabled")
			sender.showsNames(given)
			sender.staysHarmless(world.service.address() + "/")
			sender.clicks("#protect")
			link := sender.link()
			reader := arrive(t, k, webtest.Options{Width: 390, Height: 844})
			reader.opens(link)
			reader.showsNames(stored)
			reader.staysHarmless(link)
		})
	}
}

// TestForgedNames: names that no writer of ours stores, in a file that the link
// opens all the same. Nothing of the message is shown.
func TestForgedNames(t *testing.T) {
	forged := map[string]string{
		"parent":     "files/../../x",
		"absolute":   "/tmp/x",
		"elsewhere":  "x.txt",
		"backslash":  `files/..\..\x`,
		"control":    "files/a\x01b",
		"escape":     "files/\x1b]0;owned\x07",
		"turned":     "files/photo\u202egpj.exe",
		"C1":         "files/a\u009bb",
		"4 KB":       "files/" + strings.Repeat("n", 4096),
		"dots":       "files/..",
		"folder":     "files/a/b",
		"not UTF-8":  "files/\xff\xfe",
		"line break": "files/a\nb",
	}
	for name, k := range kinds {
		t.Run(name, func(t *testing.T) {
			reader := arrive(t, k, webtest.Options{Width: 390, Height: 844})
			for kind, name := range forged {
				link := upload(t, func(l seal.Link) []byte { return forge(t, l, name) })
				reader.goes(link)
				reader.waits("#open:enabled")
				reader.clicks("#open")
				reader.waits("#failed")
				reader.sees("The message is damaged")
				if shown := reader.reads(`document.querySelector('#files').innerHTML + document.querySelector('#text').textContent`); shown != "" {
					t.Errorf("%s: the page shows %s", kind, shown)
				}
				reader.staysHarmless(link)
			}
			if saved, err := os.ReadDir(reader.Downloads()); err == nil && len(saved) > 0 {
				t.Errorf("saved unasked: %v", saved)
			}
		})
	}
}

// forge makes a file around a container that archive/tar writes.
func forge(t testing.TB, l seal.Link, name string) []byte {
	t.Helper()
	var container, file bytes.Buffer
	w := tar.NewWriter(&container)
	h := &tar.Header{Name: name, Mode: 0o600, Size: 4, Typeflag: tar.TypeReg}
	check(t, w.WriteHeader(h))
	_, err := io.WriteString(w, "evil")
	check(t, err)
	check(t, w.Close())
	passphrase, err := l.Keys().AgePassphrase("")
	check(t, err)
	recipient, err := age.NewScryptRecipient(passphrase)
	check(t, err)
	recipient.SetWorkFactor(api.LinkWorkFactor)
	e, err := age.Encrypt(&file, recipient)
	check(t, err)
	_, err = e.Write(append(container.Bytes(), make([]byte, 8192-container.Len()%8192)...))
	check(t, err)
	check(t, e.Close())
	return file.Bytes()
}

// upload puts the file that make gives for a new link into the service, through
// its preview, and returns the link that leads to it through Tor.
func upload(t testing.TB, make func(seal.Link) []byte) string {
	t.Helper()
	preview := strings.TrimSuffix(world.service.says(t, "ashpost: preview on this machine: "), "/")
	client, err := api.NewClient(preview, func(ctx context.Context, network, _ string) (net.Conn, error) {
		u, err := url.Parse(preview)
		if err != nil {
			return nil, err
		}
		return new(net.Dialer).DialContext(ctx, network, u.Host)
	})
	check(t, err)
	defer client.Close()
	reserved, err := client.Reserve(t.Context())
	check(t, err)
	link := seal.Link{Service: world.service.address(), Reference: reserved.Reference, Token: seal.NewToken()}
	file := make(link)
	claim := link.Keys().Claim
	terms := api.Terms{ExpiresIn: 600, Reading: api.Once, Claim: api.Key(claim).Verifier(), Manage: api.NewKey().Verifier()}
	_, err = client.UploadStream(t.Context(), reserved, bytes.NewReader(file), int64(len(file)), terms, func(int64) {})
	check(t, err)
	return link.String()
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
