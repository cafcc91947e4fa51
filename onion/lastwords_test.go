package onion

import (
	"context"
	"io"
	"os/exec"
	"testing"
)

// What tor said counts, unless it was killed and had only warned before.
func TestHowTorEnded(t *testing.T) {
	killed := exec.Command("/bin/sh", "-c", "kill -9 $$").Run()
	failed := exec.Command("/bin/sh", "-c", "exit 1").Run()
	const warning, mistake = "Nov 22 12:00:00.000 [warn] a warning\n", "Nov 22 12:00:00.000 [err] an error\n"
	for _, c := range []struct {
		printed  string
		how, err error
		want     string
	}{
		{"", killed, io.EOF, "signal: killed"},
		{"", nil, io.EOF, "EOF"},
		{"", nil, nil, ""},
		{warning, failed, io.EOF, "a warning"},
		{warning, nil, context.Canceled, "a warning"},
		{"", context.Canceled, errHungUp, "tor hung up"},
		{warning, killed, io.EOF, "signal: killed"},
		{warning, errHangs, errHangs, "tor does not answer"},
		{mistake + warning, killed, io.EOF, "an error"},
	} {
		var w lastWords
		io.WriteString(&w, c.printed)
		w.ended(c.how)
		w.ended(c.err)
		if got := w.String(); got != c.want {
			t.Errorf("%q, %v, %v: %q", c.printed, c.how, c.err, got)
		}
	}
}
