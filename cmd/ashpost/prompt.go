package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// maxLine is longer than any link or passphrase.
const maxLine = 4096

// errNoTerminal says that nobody can be asked.
var errNoTerminal = errors.New("there is no terminal to ask on")

// asks says whether somebody can be asked. A program whose standard input and
// error are both elsewhere runs in a script, also where a terminal started it.
func (t *tui) asks() bool { return t.inTerminal || t.errTerminal }

// secret asks on the terminal for a line that is not shown. The terminal is
// opened anew: standard input may hold the link.
func (t *tui) secret(ctx context.Context, question string) (string, error) {
	if !t.asks() {
		return "", errNoTerminal
	}
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return "", errNoTerminal
	}
	defer tty.Close()
	t.clear()
	fd := int(tty.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", errNoTerminal
	}
	io.WriteString(tty, question+" ")
	line, err := await(ctx, func() ([]byte, error) { return term.ReadPassword(fd) })
	if ctx.Err() != nil {
		term.Restore(fd, before) // else the shell would stay without echo
	}
	io.WriteString(tty, "\n")
	return string(line), err
}

// confirmOnTerminal asks for a word to be typed where standard input holds
// something else.
func (t *tui) confirmOnTerminal(ctx context.Context, word string) error {
	typed, err := t.secret(ctx, "Type \""+word+"\" to go on (it is not shown):")
	if err == nil && strings.TrimSpace(typed) != word {
		err = refused("not confirmed; nothing was changed", "")
	}
	return err
}

// A terminal that knows them keeps nothing of what was shown between these.
const aside, back = "\x1b[?1049h\x1b[H", "\x1b[?1049l"

// showOnce shows a secret on the terminal itself, never in what a script may
// redirect, and waits until it was taken down. Then nobody finds it by scrolling up.
func (t *tui) showOnce(ctx context.Context, what, secret string) error {
	tty, err := os.OpenFile("/dev/tty", os.O_WRONLY, 0)
	if err != nil {
		return errNoTerminal
	}
	defer tty.Close()
	t.clear()
	if _, err := io.WriteString(tty, aside+what+"\n\n  "+secret+"\n\n"); err != nil {
		return err
	}
	defer io.WriteString(tty, back)
	_, err = t.secret(ctx, "Press Enter when you have it.")
	return err
}

// await runs a read that cannot be interrupted. When ctx ends first the read is
// left behind; the program is about to end.
func await[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		value, err := read()
		done <- outcome{value, err}
	}()
	select {
	case o := <-done:
		return o.value, o.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// input reads standard input, at most limit bytes and one more to tell.
func (t *tui) input(ctx context.Context, limit int64) ([]byte, error) {
	return await(ctx, func() ([]byte, error) { return io.ReadAll(io.LimitReader(t.in, limit+1)) })
}

// inputLine reads the first line of the standard input.
func (t *tui) inputLine(ctx context.Context) (string, error) {
	return await(ctx, func() (string, error) { return firstLine(t.in) })
}

// firstLine reads the first line of a source, without its end.
func firstLine(r io.Reader) (string, error) {
	line, err := bufio.NewReaderSize(io.LimitReader(r, maxLine), maxLine).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// fileLine reads the first line of a file.
func fileLine(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	return firstLine(f)
}

// passphraseFile reads a passphrase: the first line of the file.
func passphraseFile(name string) (string, error) {
	line, err := fileLine(name)
	if err != nil {
		return "", &failure{exitRefused, "the passphrase file cannot be read: " + cause(err), "Nothing was sent.", err}
	}
	return line, nil
}
