package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"golang.org/x/term"
)

// Rules for what is printed:
//
//   - Standard output holds the result and nothing else: the link, the text, JSON.
//   - Everything for the eye goes to standard error, as "ashpost: …".
//   - An error is "ashpost: error: …", in one sentence without a full stop. If a
//     next step is known, "ashpost: hint: …" follows, in whole sentences.
//   - Neither ever holds a link, reference, key, passphrase or content.
//   - Progress and remarks appear only when standard error is a terminal.
//     Warnings and the names of saved files always appear.
//   - What a stranger wrote is shown on a terminal without the characters that
//     steer one; into a pipe or a file it goes unchanged.

// tui is the terminal, or what stands in for one.
type tui struct {
	in       *os.File
	out, err io.Writer

	inTerminal, outTerminal, errTerminal bool

	line bool // a progress line stands on the terminal
}

func newTUI() *tui {
	return &tui{
		in: os.Stdin, out: os.Stdout, err: os.Stderr,
		inTerminal:  term.IsTerminal(int(os.Stdin.Fd())),
		outTerminal: term.IsTerminal(int(os.Stdout.Fd())),
		errTerminal: term.IsTerminal(int(os.Stderr.Fd())),
	}
}

// fail prints an error with its hint, if there is one, and returns the exit code.
func (t *tui) fail(err error) int {
	if err == nil {
		return 0
	}
	f := explain(err)
	t.say("error: %s", f.what)
	if f.hint != "" {
		t.hint(f.hint)
	}
	return f.code
}

// say prints one line for the eye.
func (t *tui) say(format string, args ...any) {
	t.clear()
	fmt.Fprintf(t.err, "ashpost: "+format+"\n", args...)
}

func (t *tui) warn(text string) { t.say("warning: %s", text) }
func (t *tui) hint(text string) { t.say("hint: %s", text) }

// remark prints a line that only a person at a terminal needs.
func (t *tui) remark(format string, args ...any) {
	if t.errTerminal {
		t.say(format, args...)
	}
}

// progress replaces the progress line.
func (t *tui) progress(format string, args ...any) {
	if t.errTerminal {
		fmt.Fprintf(t.err, "\r\x1b[K"+format, args...)
		t.line = true
	}
}

// block prints lines that are already made up, such as a QR code.
func (t *tui) block(lines string) {
	t.clear()
	fmt.Fprint(t.err, lines)
}

// clear takes the progress line away.
func (t *tui) clear() {
	if t.line {
		fmt.Fprint(t.err, "\r\x1b[K")
		t.line = false
	}
}

// result prints a line of the result.
func (t *tui) result(line string) error {
	t.clear()
	_, err := fmt.Fprintln(t.out, line)
	return written(err)
}

// json prints the result for scripts, on one line.
func (t *tui) json(v any) error {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	return t.text(b.String())
}

// text prints what a stranger wrote.
func (t *tui) text(s string) error {
	t.clear()
	if t.outTerminal {
		s = strings.Map(visible, s)
		if !strings.HasSuffix(s, "\n") {
			s += "\n"
		}
	}
	_, err := io.WriteString(t.out, s)
	return written(err)
}

func written(err error) error {
	if err != nil {
		return &failure{code: exitOther, what: "the result could not be written to standard output", cause: err}
	}
	return nil
}

// visible replaces what steers a terminal or turns the reading direction: a
// text must not rewrite the screen or the line above it.
func visible(r rune) rune {
	switch {
	case r == '\n' || r == '\t':
		return r
	case unicode.IsControl(r), r == 0x061c, r == 0x200e, r == 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return unicode.ReplacementChar
	}
	return r
}
