package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

const aLink = "http://127.0.0.1:1/m/AAAAAAAAAAAAAAAAAAAAAA#1AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// A session is the program on a terminal of its own.
type session struct {
	*testing.T
	cmd               *exec.Cmd
	control, terminal *os.File
	read              chan byte // what the terminal shows
	shown             strings.Builder
}

func begin(t *testing.T, args ...string) *session {
	t.Helper()
	return onTerminal(t, "ashpost", args...)
}

func onTerminal(t *testing.T, program string, args ...string) *session {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	s := &session{T: t, cmd: exec.CommandContext(ctx, program, args...), read: make(chan byte, 64<<10)}
	var err error
	if s.control, s.terminal, err = pty.Open(); err != nil {
		t.Fatal(err)
	}
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = s.terminal, s.terminal, s.terminal
	s.cmd.SysProcAttr = &unix.SysProcAttr{Setsid: true, Setctty: true}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	context.AfterFunc(ctx, func() { s.terminal.Close() }) // else the reader below would wait for ever
	go func() {
		defer close(s.read)
		for one := make([]byte, 1); ; {
			if _, err := s.control.Read(one); err != nil {
				return
			}
			s.read <- one[0]
		}
	}()
	return s
}

// sees reads the terminal until it shows the words.
func (s *session) sees(words string) {
	s.Helper()
	for before := s.shown.Len(); !strings.Contains(s.shown.String()[before:], words); {
		one, open := <-s.read
		if !open {
			s.Fatalf("%q does not appear: %s", words, s.shown.String())
		}
		s.shown.WriteByte(one)
	}
}

// answer waits for a question and types an answer once the echo is off.
func (s *session) answer(question, typed string) {
	s.Helper()
	s.sees(question)
	for echoes(s.T, s.terminal) {
		time.Sleep(time.Millisecond) // polling: a terminal tells nobody of its settings
	}
	if _, err := io.WriteString(s.control, typed); err != nil {
		s.Fatal(err)
	}
}

// end waits for the program and returns all it showed, with the exit code.
func (s *session) end() (string, int) {
	s.Helper()
	err := s.cmd.Wait()
	if !echoes(s.T, s.terminal) {
		s.Error("the terminal is left without echo")
	}
	return s.rest(err)
}

// rest is end for a program that was ended so roughly that it leaves the
// terminal as it is.
func (s *session) rest(err error) (string, int) {
	s.Helper()
	s.terminal.Close()
	for one := range s.read { // ends when the last of the terminal is closed and read
		s.shown.WriteByte(one)
	}
	s.control.Close()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return s.shown.String(), exit.ExitCode()
	}
	if err != nil {
		s.Fatal(err)
	}
	return s.shown.String(), 0
}

func echoes(t *testing.T, terminal *os.File) bool {
	t.Helper()
	settings, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return settings.Lflag&unix.ECHO != 0
}

func TestWhatIsTypedIsNotShown(t *testing.T) {
	s := begin(t, "link")
	s.answer("Secret link", aLink+"\n")
	shown, code := s.end()
	if code != 0 || !strings.Contains(shown, "age passphrase: ") {
		t.Errorf("exit code %d: %s", code, shown)
	}
	if strings.Contains(shown, "/m/") {
		t.Error("the link is shown")
	}
}

func TestInterruptedPrompt(t *testing.T) {
	s := begin(t, "link")
	s.answer("Secret link", "\x03")
	if shown, code := s.end(); code != exitInterrupted || strings.Contains(shown, "error") {
		t.Errorf("exit code %d: %s", code, shown)
	}
}

// TestGivingUpKeepsTheMessage: it is claimed, so there is no other try.
func TestGivingUpKeepsTheMessage(t *testing.T) {
	f, dir, s := atPassphrase(t)
	s.answer("passphrase:", "\x03")
	if shown, code := s.end(); code != exitInterrupted || !strings.Contains(shown, "was kept as") {
		t.Errorf("exit code %d: %s", code, shown)
	}
	f.keptIn(t, dir)
}

// atPassphrase claims a message and answers the first question wrongly.
func atPassphrase(t *testing.T) (*fake, string, *session) {
	f := faked(t, lies["guarded"].prepare, nil)
	dir := t.TempDir()
	s := begin(t, "open", "--out", dir)
	s.answer("Secret link", f.link.String()+"\n")
	s.answer("passphrase:", "wrong words\n")
	return f, dir, s
}

func (f *fake) keptIn(t *testing.T, dir string) {
	t.Helper()
	if kept, err := os.ReadFile(filepath.Join(dir, "message.age")); err != nil || !bytes.Equal(kept, f.file) {
		t.Errorf("the message is not kept: %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("%v, %v", left, err)
	}
}

// TestHangingUpKeepsTheMessage: a window that is closed, or a connection to a
// remote machine that breaks, is no reason to lose what nobody else can get.
func TestHangingUpKeepsTheMessage(t *testing.T) {
	t.Run("signal", func(t *testing.T) {
		f, dir, s := atPassphrase(t)
		s.answer("passphrase:", "") // once the echo is off
		if err := s.cmd.Process.Signal(unix.SIGHUP); err != nil {
			t.Fatal(err)
		}
		if shown, code := s.end(); code != exitInterrupted || !strings.Contains(shown, "was kept as") {
			t.Errorf("exit code %d: %s", code, shown)
		}
		f.keptIn(t, dir)
	})
	t.Run("shell", func(t *testing.T) { // which passes on what it got, after the kernel did
		f, dir, s := atPassphrase(t)
		s.answer("passphrase:", "") // once the echo is off
		go func() {
			for s.cmd.Process.Signal(unix.SIGHUP) == nil {
			}
		}()
		if shown, code := s.end(); code != exitInterrupted || !strings.Contains(shown, "was kept as") {
			t.Errorf("exit code %d: %s", code, shown)
		}
		f.keptIn(t, dir)
	})
	t.Run("terminal", func(t *testing.T) {
		f, dir, s := atPassphrase(t)
		s.answer("passphrase:", "") // once the echo is off
		s.control.Close()
		io.WriteString(s.terminal, "x") // the reader lets go of it with this
		err := s.cmd.Wait()
		if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != exitInterrupted && exit.ExitCode() != exitOther {
			t.Errorf("ended with %v", err)
		}
		s.terminal.Close()
		for range s.read {
		}
		f.keptIn(t, dir)
	})
}

// TestSilenceAfterReading: no answer to the acknowledgement holds the text back
// for ten seconds, not for ever, and it is said that nothing is confirmed.
func TestSilenceAfterReading(t *testing.T) {
	t.Parallel()
	f := faked(t, nil, func(r *http.Request) { <-r.Context().Done() })
	s := begin(t, "open", "--out", t.TempDir())
	start := time.Now()
	s.answer("Secret link", f.link.String()+"\n")
	s.sees("true text")
	if waited := time.Since(start); waited < patience || waited > patience+time.Minute { // what is beyond is the machine's load
		t.Errorf("the text appears after %v", waited)
	}
	s.sees("Waiting for the service")
	if _, err := io.WriteString(s.control, "\x03"); err != nil {
		t.Fatal(err)
	}
	if shown, code := s.end(); code != 0 || !strings.Contains(shown, "did not confirm") {
		t.Errorf("exit code %d: %s", code, shown)
	}
}

// faked starts a service that is honest but for its message and how it takes an
// acknowledgement.
func faked(t *testing.T, message func(*fake), acknowledged func(*http.Request)) *fake {
	f := newFake()
	server := httptest.NewUnstartedServer(f.throughChannel(func(w http.ResponseWriter, r *http.Request) {
		if acknowledged != nil && strings.HasSuffix(r.URL.Path, "/acknowledge") {
			acknowledged(r)
		}
		f.truth(w, r)
	}))
	f.prepare("http://"+server.Listener.Addr().String(), message)
	server.Start()
	t.Cleanup(server.Close)
	return f
}

// TestQuitAtAPrompt: Ctrl-\ is an interruption like Ctrl-C. No stack is printed,
// whose values are the link's, and nothing is lost.
func TestQuitAtAPrompt(t *testing.T) {
	t.Run("before the claim", func(t *testing.T) {
		f := faked(t, lies["guarded"].prepare, nil)
		s := begin(t, "open", "--out", t.TempDir())
		s.answer("Secret link", f.link.String()+"\n")
		s.answer("passphrase:", "\x1c")
		shown, code := s.end()
		if noStacks(t, shown); code != exitInterrupted {
			t.Errorf("exit code %d", code)
		}
	})
	t.Run("after the claim", func(t *testing.T) {
		f, dir, s := atPassphrase(t)
		s.answer("passphrase:", "\x1c")
		shown, code := s.end()
		if noStacks(t, shown); code != exitInterrupted {
			t.Errorf("exit code %d", code)
		}
		f.keptIn(t, dir)
	})
	t.Run("again and again", func(t *testing.T) {
		s := begin(t, "link")
		s.answer("Secret link", "")
		go func() {
			for s.cmd.Process.Signal(unix.SIGQUIT) == nil {
			}
		}()
		shown, code := s.rest(s.cmd.Wait())
		if noStacks(t, shown); code != exitInterrupted {
			t.Errorf("exit code %d", code)
		}
	})
}
