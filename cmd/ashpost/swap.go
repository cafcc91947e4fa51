package main

import (
	"os"
	"path/filepath"
	"strings"
)

// swapWarning is said where memory may be written to a disk. The keys of
// messages pass through ordinary memory: Go's heap cannot be locked in parts, and
// locking the whole process would lock every file that Badger maps.
const swapWarning = "swap is on and not known to be encrypted: what is in memory can get to the disk; turn it off (swapoff -a), encrypt it, or use zram"

// swapsToDisk says whether the system may write memory to a disk in the clear.
func swapsToDisk() bool {
	swaps, err := os.ReadFile("/proc/swaps")
	return err == nil && plainSwap(string(swaps), encrypted)
}

// plainSwap reads /proc/swaps: a heading, then a line for each area, with its
// path first. Compressed memory (zram) is no disk. A file counts: what lies
// below it cannot be told.
func plainSwap(swaps string, encrypted func(device string) bool) bool {
	lines := strings.Split(strings.TrimSpace(swaps), "\n")
	for _, line := range lines[1:] {
		path, _, _ := strings.Cut(line, " ")
		path, _, _ = strings.Cut(path, "\t")
		if !strings.HasPrefix(filepath.Base(path), "zram") && !encrypted(path) {
			return true
		}
	}
	return false
}

// encrypted recognises dm-crypt, whose devices say so in their name.
func encrypted(path string) bool {
	device, err := filepath.EvalSymlinks(path)
	if err != nil {
		return false
	}
	uuid, err := os.ReadFile(filepath.Join("/sys/class/block", filepath.Base(device), "dm/uuid"))
	return err == nil && strings.HasPrefix(string(uuid), "CRYPT-")
}
