package main

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"strings"

	"rsc.io/qr"
)

type pageCmd struct {
	File string `arg:"" help:"The file to make, or a folder to make index.html in. Nothing is replaced."`
	dataFlag
}

// Help is shown by --help.
func (pageCmd) Help() string {
	return "One file without scripts that loads nothing: put it on your own web site, over HTTPS, as it is. " +
		"It shows the address, its QR code and words, and how to reach it safely. " +
		"Publish the words elsewhere too, on paper for example: who changes the page cannot change those."
}

//go:embed page.html
var pageText string

// pageStyle is in the page; the page's policy allows it by its hash alone.
//
//go:embed page.css
var pageStyle string

func (c *pageCmd) Run(t *tui) error {
	a, err := c.readAddress()
	if err != nil {
		return err
	}
	page, err := landingPage(a)
	if err != nil {
		return err
	}
	name := c.File
	if st, err := os.Stat(name); err == nil && st.IsDir() {
		name = filepath.Join(name, "index.html")
	}
	if err := writeNew(name, page, 0o644); err != nil {
		return err
	}
	t.say("written; its words, to publish elsewhere too: %s", a.Words)
	return nil
}

func landingPage(a address) ([]byte, error) {
	code, err := qr.Encode(a.URL, qr.M)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(pageStyle))
	// html/template would make the program a megabyte larger.
	page := strings.NewReplacer(
		"{{URL}}", html.EscapeString(a.URL), "{{WORDS}}", html.EscapeString(a.Words), "{{QR}}", svgQR(code),
		"{{STYLE}}", pageStyle, "{{STYLESUM}}", base64.StdEncoding.EncodeToString(sum[:]),
	).Replace(pageText)
	return []byte(page), nil
}

// svgQR draws a code, a square a module, with the margin that readers need.
func svgQR(code *qr.Code) string {
	const margin = 4
	var path strings.Builder
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+margin, y+margin)
			}
		}
	}
	side := code.Size + 2*margin
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="The address as a QR code" viewBox="0 0 %d %d" shape-rendering="crispEdges">`+
		`<path fill="#fff" d="M0 0h%[1]dv%[2]dH0z"/><path d="%[3]s"/></svg>`, side, side, path.String())
}
