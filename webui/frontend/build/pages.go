package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template"
)

// pages are the HTML files, and what the layout leaves to each of them.
var pages = []struct{ name, script string }{
	{"send", "send.js"},
	{"open", "open.js"},
	{"control", "control.js"},
	{"write", "write.js"},
	{"return", "return.js"},
	{"inbox", "inbox.js"},
	{"ask", "ask.js"},
	{"answer", "answer.js"},
	{"operator", "operator.js"},
	{"how", "site.js"},
	{"stopped", "site.js"},
	{"notfound", "site.js"},
}

// active finds what the policy of the pages would block: it must not be in the source.
var active = regexp.MustCompile(`(?i)<style|\son[a-z]+\s*=|\sstyle\s*=|<script(?:>|[^>]*>[^<])|javascript:`)

// addPages puts the pages together. The templates are ours and hold no data, so text/template
// does; a visitor always gets the same bytes.
func addPages(front string, assets map[string]string, files map[string][]byte) error {
	folder := filepath.Join(front, "pages")
	for _, p := range pages {
		t, err := template.ParseFiles(filepath.Join(folder, "layout.html"), filepath.Join(folder, "parts.html"), filepath.Join(folder, p.name+".html"))
		if err != nil {
			return err
		}
		var b bytes.Buffer
		data := map[string]string{"Page": p.name, "Style": assets["style.css"], "Script": assets[p.script]}
		if err := t.ExecuteTemplate(&b, "layout.html", data); err != nil {
			return err
		}
		if bad := active.Find(b.Bytes()); bad != nil {
			return fmt.Errorf("%s.html holds %q, which the policy blocks", p.name, bad)
		}
		files[p.name+".html"] = squeeze(b.String())
	}
	return nil
}

// squeeze removes comments, indentation and empty lines: pages go out uncompressed.
func squeeze(html string) []byte {
	html = regexp.MustCompile(`(?s)<!--.*?-->`).ReplaceAllString(html, "")
	var b strings.Builder
	for line := range strings.Lines(html) {
		if line = strings.TrimSpace(line); line != "" {
			b.WriteString(line + "\n")
		}
	}
	return []byte(b.String())
}

// wordsNotice is for the one thing in the bundles that is neither ours nor from npm.
const wordsNotice = `EFF's short word list

The words of fingerprints and passphrases are EFF's second short list, by Joseph
Bonneau, under CC BY 3.0 US.`

// notices collects the licences of the packages in the bundles.
func notices(front string, packages []string) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintln(&b, "The scripts in assets/ contain these packages.")
	for _, name := range slices.Compact(slices.Sorted(slices.Values(packages))) {
		folder := filepath.Join(front, "node_modules", filepath.FromSlash(name))
		licence, err := os.ReadFile(filepath.Join(folder, "LICENSE"))
		if err != nil {
			return nil, fmt.Errorf("no licence of %s: %w", name, err)
		}
		fmt.Fprintf(&b, "\n---- %s\n\n%s\n", name, bytes.TrimSpace(licence))
	}
	fmt.Fprintf(&b, "\n---- %s\n", wordsNotice)
	return b.Bytes(), nil
}
