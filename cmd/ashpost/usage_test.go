package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/webui/api"
)

// pasted are the ways a link gets into a wrong place: whole, and in the parts
// that a terminal, a script or a messenger makes of it.
func pasted() map[string]string {
	link := seal.Link{Service: "http://127.0.0.1:1", Reference: [16]byte(random(16)), Token: seal.NewToken()}
	whole := link.String()
	address, fragment, _ := strings.Cut(whole, "#")
	control := seal.ControlLink{Service: link.Service, Reference: link.Reference, ManageKey: api.NewKey()}.String()
	link.Passphrase = true
	return map[string]string{
		"link": whole, "with passphrase": link.String(), "control link": control, "address": address,
		"path": strings.TrimPrefix(whole, link.Service), "fragment": "#" + fragment, "token": fragment,
		"reference": address[strings.LastIndexByte(address, '/')+1:], "no scheme": strings.TrimPrefix(whole, "http://"),
		"quoted": `"` + whole + `"`, "in a sentence": "here: <" + whole + ">, once", "two lines": whole[:60] + "\n" + whole[60:],
		"escaped": strings.ReplaceAll(whole, "#", "%23"), "half": fragment[:len(fragment)/2], "upper case": "HTTP://" + strings.TrimPrefix(whole, "http://"),
	}
}

func random(n int) []byte {
	key := api.NewKey()
	return key[:n]
}

// places are the positions of the command line and the variables of the
// environment that something can be pasted into, made from the table of
// commands, so that a new flag is in it.
type placed struct {
	name string
	args func(string) []string
	env  func(string) string
}

func places(t *testing.T) (all []placed) {
	t.Helper()
	k, err := parser(&tui{out: new(bytes.Buffer), err: new(bytes.Buffer)})
	if err != nil {
		t.Fatal(err)
	}
	at := func(name string, args func(string) []string) { all = append(all, placed{name, args, nil}) }
	at("as a command", func(x string) []string { return []string{x} })
	at("as a flag", func(x string) []string { return []string{"--" + x} })
	for _, c := range k.Model.Leaves(false) {
		path := strings.Fields(strings.TrimPrefix(c.FullPath(), "ashpost"))
		with := func(more ...string) []string { return append(slices.Clone(path), more...) }
		for where, args := range map[string]func(string) []string{
			"before":              func(x string) []string { return append([]string{x}, path...) },
			"behind":              func(x string) []string { return with(x) },
			"behind all":          func(x string) []string { return with("--", "a", x, x) },
			"as a flag":           func(x string) []string { return with("--" + x) },
			"as a flag's name":    func(x string) []string { return with("--" + x + "=1") },
			"as short flags":      func(x string) []string { return with("-" + x) },
			"behind a wrong flag": func(x string) []string { return with("--nosuch=" + x) },
			"joined":              func(x string) []string { return append(slices.Clone(path[:len(path)-1]), c.Name+x) },
		} {
			at(c.FullPath()+" "+where, args)
		}
		for _, f := range c.Flags {
			if f.Name == "help" {
				continue
			}
			at(c.FullPath()+" --"+f.Name+"=", func(x string) []string { return with("--" + f.Name + "=" + x) })
			at(c.FullPath()+" --"+f.Name, func(x string) []string { return with("--"+f.Name, x) })
			at(c.FullPath()+" --"+f.Name+" joined", func(x string) []string { return with("--" + f.Name + x) })
			if len(f.Envs) != 1 && !f.Hidden || f.Hidden && len(f.Envs) > 0 {
				t.Errorf("%s --%s has the variables %v", c.FullPath(), f.Name, f.Envs)
			}
			if len(f.Envs) != 1 {
				continue
			}
			all = append(all, placed{c.FullPath() + " " + f.Envs[0], func(string) []string { return with() },
				func(x string) string { return f.Envs[0] + "=" + x }})
		}
	}
	return all
}

// repeats says whether any run of the secret of eight characters is printed.
func repeats(printed, secret string) bool {
	secret = strings.NewReplacer("http://127.0.0.1:1", "", "HTTP://127.0.0.1:1", "", "here: <", "", ">, once", "", `"`, "").Replace(secret)
	for i := 0; i+8 <= len(secret); i++ {
		if strings.Contains(printed, secret[i:i+8]) {
			return true
		}
	}
	return false
}

// TestParserRepeatsNothing tries everything in every position on the parser.
func TestParserRepeatsNothing(t *testing.T) {
	tried := 0
	k, err := parser(&tui{out: new(bytes.Buffer), err: new(bytes.Buffer)}) // begins anew with each command line
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range places(t) {
		for form, secret := range pasted() {
			k.Exit = func(int) { t.Errorf("%s: %s is taken for --help", p.name, form) }
			if p.env != nil {
				name, value, _ := strings.Cut(p.env(secret), "=")
				t.Setenv(name, value)
			}
			_, err := k.Parse(p.args(secret))
			if p.env != nil {
				name, _, _ := strings.Cut(p.env(secret), "=")
				os.Unsetenv(name)
			}
			if _, wrong := errors.AsType[*kong.ParseError](err); !wrong {
				continue // taken: the commands' own words are tried below
			}
			tried++
			if said := explain(usage(err)); repeats(said.what+said.hint, secret) {
				t.Errorf("%s, %s: %s", p.name, form, said.what)
			}
		}
	}
	if tried < 500 {
		t.Errorf("only %d were wrong: this shows little", tried)
	}
}

// TestCommandsRepeatNothing does the same with the program itself, for what the
// parser takes: nothing of it is printed, whatever becomes of the command. Each
// place is given a link or a token, in turn: hundreds of programs are started here.
func TestCommandsRepeatNothing(t *testing.T) {
	program, err := exec.LookPath("ashpost")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	room := make(chan struct{}, runtime.NumCPU())
	for n, p := range places(t) {
		forms := pasted()
		for _, form := range []string{"link", "token"}[n%2 : n%2+1] {
			args := p.args(forms[form])
			if args[0] == "link" && p.env == nil && slices.Contains(args, forms["link"]) {
				continue // what it is for
			}
			running.Go(func() {
				room <- struct{}{}
				defer func() { <-room }()
				if printed := runAway(t, program, p, args, forms[form]); repeats(printed, forms[form]) {
					t.Errorf("%s, %s: %s", p.name, form, printed)
				}
			})
		}
	}
	running.Wait()
}

// runAway runs the program in a folder of its own, without Tor, until its end.
func runAway(t *testing.T, program string, p placed, args []string, secret string) string {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil { // whatever the umask: serve refuses a socket there, and ends
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Env = dir, []string{"PATH=/nonexistent", "HOME=" + dir, "XDG_DATA_HOME=" + filepath.Join(dir, "share")}
	if p.env != nil {
		cmd.Env = append(cmd.Env, p.env(secret))
	}
	out, err := cmd.CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || exit.ExitCode() < 0) {
		t.Errorf("%s: %v", p.name, err)
	}
	return string(out)
}
