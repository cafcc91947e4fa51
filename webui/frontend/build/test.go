package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// runTests bundles each test file for node and runs them all, beside a running service. Node
// 18 and later will do.
func runTests(front string) error {
	tests, err := filepath.Glob(filepath.Join(front, "test", "*.test.ts"))
	if err != nil || len(tests) == 0 {
		return errors.Join(err, errors.New("no tests found"))
	}
	dir, err := os.MkdirTemp("", "ashpost-frontend-test-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	result := api.Build(api.BuildOptions{
		AbsWorkingDir: front,
		EntryPoints:   tests,
		Outdir:        dir,
		OutExtension:  map[string]string{".js": ".mjs"},
		Inject:        []string{filepath.Join(front, "test", "setup.ts")},
		Bundle:        true,
		Format:        api.FormatESModule,
		Platform:      api.PlatformNode,
		Target:        api.ES2022,
		Sourcemap:     api.SourceMapInline,
		Write:         true,
		LogLevel:      api.LogLevelSilent,
	})
	if len(result.Errors) > 0 {
		return errors.New(strings.Join(api.FormatMessages(result.Errors, api.FormatMessagesOptions{}), ""))
	}
	built, err := filepath.Glob(filepath.Join(dir, "*.test.mjs"))
	if err != nil {
		return err
	}
	program := filepath.Join(dir, "ashpost")
	address, stop, err := startService(front, program, dir)
	if err != nil {
		return err
	}
	defer stop()
	node := exec.Command("node", append([]string{"--enable-source-maps", "--test"}, built...)...)
	node.Dir = front
	node.Env = append(os.Environ(), "ASHPOST_TEST_SERVICE="+address, "ASHPOST_TEST_PROGRAM="+program)
	node.Stdout, node.Stderr = os.Stdout, os.Stderr
	return node.Run()
}
