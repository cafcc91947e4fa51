package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ashpost": main})
}

// TestScripts runs the program as a user types it. Beside testscript's own
// commands there are:
//
//	serve [FLAG…]    starts a service in preview; sets SERVICE
//	fake KIND        starts a service that lies (fake_test.go); sets SERVICE and LINK
//	fakeinbox KIND   the same with an inbox (fakeinbox_test.go); sets INBOX and writes its key file, "key"
//	code N CMD ARG…  runs CMD, which must end with exit code N
//	let VAR [KEY]    sets VAR to the last standard output, or to KEY of its JSON, as in a.0.b
//	save FILE VAR    writes a variable into a file, as one line
//	address DATA     makes an onion address in a data folder, as Tor would
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
			"serve":     serve,
			"fake":      startFake,
			"fakeinbox": startFakeInbox,
			"code":      code,
			"let":       let,
			"save":      save,
			"address":   makeAddress,
		},
	})
}

func serve(ts *testscript.TestScript, neg bool, args []string) {
	address, stop := startService(ts.Fatalf, ts.MkAbs("data"), args...)
	ts.Defer(func() { ts.Logf("[serve]\n%s", stop()) })
	ts.Setenv("SERVICE", "http://"+address)
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
		var object any
		ts.Check(json.Unmarshal([]byte(value), &object))
		for key := range strings.SplitSeq(args[1], ".") {
			switch in := object.(type) {
			case map[string]any:
				object = in[key]
			case []any:
				i, err := strconv.Atoi(key)
				ts.Check(err)
				object = in[i]
			}
		}
		value = ""
		if object != nil {
			value = fmt.Sprint(object)
		}
	}
	if value == "" {
		ts.Fatalf("there is nothing to take")
	}
	ts.Setenv(args[0], value)
}

func save(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(ts.Getenv(args[1])+"\n"), 0o600))
}
