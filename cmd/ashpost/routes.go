package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// defaultRoute names a device by which everything else is reached, or nothing.
// It reads the kernel's tables: to try a connection would tell somebody.
func defaultRoute(proc string) (device string, err error) {
	four, err := os.ReadFile(filepath.Join(proc, "route"))
	if err != nil {
		return "", err
	}
	six, _ := os.ReadFile(filepath.Join(proc, "ipv6_route")) // there is none without IPv6
	if device = defaultRoute4(string(four)); device == "" {
		device = defaultRoute6(string(six))
	}
	return device, nil
}

// Flags of a route (linux/route.h).
const (
	routeUp     = 0x1
	routeReject = 0x200
)

// defaultRoute4 reads lines of: device, destination, gateway, flags, three
// numbers, mask, …
func defaultRoute4(table string) string {
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		if len(f) >= 8 && f[1] == "00000000" && f[7] == "00000000" && routeWorks(f[3], f[0]) {
			return f[0]
		}
	}
	return ""
}

// defaultRoute6 reads lines of: destination, its length, source, its length,
// gateway, three numbers, flags, device.
func defaultRoute6(table string) string {
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		if len(f) == 10 && strings.Trim(f[0], "0") == "" && f[1] == "00" && routeWorks(f[8], f[9]) {
			return f[9]
		}
	}
	return ""
}

func routeWorks(flags, device string) bool {
	n, err := strconv.ParseUint(flags, 16, 32)
	return err == nil && n&routeUp != 0 && n&routeReject == 0 && device != "lo"
}
