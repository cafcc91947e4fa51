package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestPlainSwap(t *testing.T) {
	const head = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
	for swaps, plain := range map[string]bool{
		"":   false,
		head: false,
		head + "/dev/zram0                              partition\t8388604\t\t0\t\t100\n":                                                       false,
		head + "/dev/sda2                               partition\t8388604\t\t0\t\t-2\n":                                                        true,
		head + "/swapfile                               file\t\t2097148\t\t0\t\t-2\n":                                                           true,
		head + "/dev/dm-1                               partition\t8388604\t\t0\t\t-2\n":                                                        false,
		head + "/dev/zram0                              partition\t1\t\t0\t\t100\n/var/swap                               file\t1\t\t0\t\t-2\n": true,
	} {
		if got := plainSwap(swaps, func(path string) bool { return path == "/dev/dm-1" }); got != plain {
			t.Errorf("%v for\n%s", got, swaps)
		}
	}
}

func TestStatusSaysSwap(t *testing.T) {
	for _, on := range []bool{false, true} {
		var out bytes.Buffer
		if err := (report{State: "open", Swap: on}).print(&tui{out: &out}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), swapWarning) != on {
			t.Errorf("swap %v:\n%s", on, &out)
		}
	}
}
