package main

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"ashpost/webui/api"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ashpost": main})
}

// TestScripts runs the program as a user types it. Beside testscript's own
// commands there are:
//
//	serve [FLAG…]    starts a service in preview; sets SERVICE
//	fake KIND        starts a service that lies (fake_test.go); sets SERVICE and LINK
//	code N CMD ARG…  runs CMD, which must end with exit code N
//	let VAR [KEY]    sets VAR to the last standard output, or to KEY of its JSON
//	save FILE VAR    writes a variable into a file, as one line
func TestScripts(t *testing.T) {
	t.Cleanup(func() {
		goleak.VerifyNone(t, goleak.IgnoreTopFunction("github.com/golang/glog.(*fileSink).flushDaemon"))
	})
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("LC_ALL", "C.UTF-8")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve": serve,
			"fake":  startFake,
			"code":  code,
			"let":   let,
			"save":  save,
		},
	})
}

func serve(ts *testscript.TestScript, neg bool, args []string) {
	address, stop := startService(ts.Fatalf, ts.MkAbs("data"), args...)
	ts.Defer(func() { ts.Logf("[serve]\n%s", stop()) })
	ts.Setenv("SERVICE", "http://"+address)
}

// startService runs a service in preview and waits until it is open. The
// function it returns ends it and gives what it printed.
func startService(fatal func(string, ...any), data string, flags ...string) (address string, stop func() string) {
	r := startProcess(fatal, exec.Command("ashpost"), data, flags...)
	return r.address, func() string { return r.end(syscall.SIGTERM) }
}

// running is a service in another process.
type running struct {
	*exec.Cmd
	address string
	printed strings.Builder
	ended   chan error
}

// startProcess is startService for a command that is prepared in its user, its
// environment or its working folder.
func startProcess(fatal func(string, ...any), cmd *exec.Cmd, data string, flags ...string) *running {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fatal("%v", err)
	}
	r := &running{Cmd: cmd, address: l.Addr().String(), ended: make(chan error, 1)}
	l.Close()
	cmd.Args = append(cmd.Args, "serve", "--no-tor", "--preview", r.address, "--data", data, "--volatile-if-needed")
	cmd.Args = append(cmd.Args, flags...)
	cmd.Stdout, cmd.Stderr = &r.printed, &r.printed
	if err := cmd.Start(); err != nil {
		fatal("%v", err)
	}
	go func() { r.ended <- cmd.Wait() }()
	if !opens("http://"+r.address, r.ended) {
		fatal("the service does not open: %s", r.end(syscall.SIGTERM))
	}
	return r
}

// end sends a signal, waits for the end and gives what was printed. It can be
// called again.
func (r *running) end(with os.Signal) string {
	r.Process.Signal(with)
	r.ended <- <-r.ended
	return r.printed.String()
}

// opens waits for a service that is starting up in another process.
func opens(service string, ended chan error) bool {
	client, err := api.NewClient(service, loopback)
	if err != nil {
		return false
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		if s, err := client.Service(ctx); err == nil && s.State == api.Open {
			return true
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return false
		case err := <-ended:
			ended <- err
			return false
		}
	}
}

func code(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func let(ts *testscript.TestScript, neg bool, args []string) {
	value := strings.TrimSpace(ts.ReadFile("stdout"))
	if len(args) > 1 {
		var object map[string]any
		ts.Check(json.Unmarshal([]byte(value), &object))
		value, _ = object[args[1]].(string)
	}
	if value == "" {
		ts.Fatalf("there is nothing to take")
	}
	ts.Setenv(args[0], value)
}

func save(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(ts.Getenv(args[1])+"\n"), 0o600))
}
