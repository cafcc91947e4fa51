// Command build makes webui/dist from webui/frontend: bundled, hashed and precompressed
// assets, and pages with the assets' names written in. It uses esbuild as a library, so the
// only thing taken from npm is source code, which `npm ci` puts into node_modules.
//
//	go run ./webui/frontend/build           write webui/dist
//	go run ./webui/frontend/build -check    fail if webui/dist is not what the sources give
//	go run ./webui/frontend/build -test     bundle the tests and run them with node, beside a
//	                                        service of this module
//
// Guaranteed: the same sources and the same Go give the same bytes, in any folder, on any
// machine. Not guaranteed: that node_modules is what the lock file says; `npm ci` sees to it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

func main() {
	check := flag.Bool("check", false, "compare webui/dist with the sources instead of writing it")
	test := flag.Bool("test", false, "bundle the tests and run them with node")
	flag.Parse()
	if err := run(*check, *test); err != nil {
		fmt.Fprintln(os.Stderr, "build: error:", err)
		os.Exit(1)
	}
}

func run(check, test bool) error {
	front, err := frontend()
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(front, "node_modules", "age-encryption")); err != nil {
		return fmt.Errorf("node_modules is missing: run `npm ci --ignore-scripts` in webui/frontend")
	}
	if test {
		return runTests(front)
	}
	files, err := build(front)
	if err != nil {
		return err
	}
	dist := filepath.Join(front, "..", "dist")
	if check {
		return compare(dist, files)
	}
	return write(dist, files)
}

// frontend finds webui/frontend beside this source file, or below the working folder when
// the build was made with trimmed paths.
func frontend() (string, error) {
	_, source, _, _ := runtime.Caller(0)
	for _, dir := range []string{filepath.Join(filepath.Dir(source), ".."), filepath.Join("webui", "frontend")} {
		if _, err := os.Stat(filepath.Join(dir, "package.json")); err == nil {
			return filepath.Abs(dir)
		}
	}
	return "", errors.New("webui/frontend not found: run this from the project's folder")
}
