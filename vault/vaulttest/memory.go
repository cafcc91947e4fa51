package vaulttest

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Memory is what a process holds: in all, and anonymous, in bytes.
type Memory struct{ All, Anonymous int64 }

// MemoryOf reads the kernel's account of a process.
func MemoryOf(t testing.TB, pid int) (m Memory) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return m // it has ended
	}
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		into := map[string]*int64{"VmRSS": &m.All, "RssAnon": &m.Anonymous}[name]
		if into == nil {
			continue
		}
		kb, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
		if err != nil {
			t.Error(err)
		}
		*into = kb << 10
	}
	return m
}

// WatchMemory looks every millisecond until the returned function is called,
// which gives the most anonymous memory that was seen.
func WatchMemory(t testing.TB, pid int) func() int64 {
	ended, most := make(chan struct{}), make(chan int64)
	go func() {
		var peak int64
		for {
			peak = max(peak, MemoryOf(t, pid).Anonymous)
			select {
			case <-ended:
				most <- peak
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	return func() int64 { close(ended); return <-most }
}
