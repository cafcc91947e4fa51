package main

import (
	"bufio"
	"errors"
	"os/exec"
	"path/filepath"
	"regexp"
)

var previewAddress = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// startService builds the program of this module and starts the service for the tests, without
// Tor, on a port of its own.
func startService(front, program, dir string) (address string, stop func(), err error) {
	build := exec.Command("go", "build", "-o", program, "./cmd/ashpost")
	build.Dir = filepath.Join(front, "..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		return "", nil, errors.New(string(out))
	}
	serve := exec.Command(program, "serve", "--data", filepath.Join(dir, "data"),
		"--no-tor", "--preview", "127.0.0.1:0", "--volatile-if-needed")
	said, err := serve.StderrPipe()
	if err != nil {
		return "", nil, err
	}
	if err := serve.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		serve.Process.Kill()
		serve.Wait()
	}
	lines, heard := bufio.NewScanner(said), ""
	for lines.Scan() {
		heard += lines.Text() + "\n"
		if address = previewAddress.FindString(lines.Text()); address != "" {
			go func() {
				for lines.Scan() { // so that it never waits for somebody to listen
				}
			}()
			return address, stop, nil
		}
	}
	stop()
	return "", nil, errors.New("the service did not start: " + heard)
}
