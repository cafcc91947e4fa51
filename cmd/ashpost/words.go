package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"ashpost/webui/api"
)

// lifetime is a duration in the words of --expires.
type lifetime time.Duration

const (
	shortestLifetime = 5 * time.Minute
	longestLifetime  = 7 * 24 * time.Hour
)

var units = map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}

// UnmarshalText reads a whole number and a unit: 5m, 12h, 3d.
func (l *lifetime) UnmarshalText(text []byte) error {
	d, ok := parseLifetime(text, longestLifetime)
	if !ok {
		return errors.New("a lifetime is 5m to 7d, as in 90m, 12h or 3d")
	}
	*l = lifetime(d)
	return nil
}

func (l lifetime) seconds() int64 { return int64(time.Duration(l) / time.Second) }

// longLifetime is the same for what lies in an inbox.
type longLifetime time.Duration

const longestInInbox = 30 * 24 * time.Hour

// UnmarshalText reads a whole number and a unit.
func (l *longLifetime) UnmarshalText(text []byte) error {
	d, ok := parseLifetime(text, longestInInbox)
	if !ok {
		return errors.New("a lifetime is 5m to 30d, as in 12h, 3d or 30d")
	}
	*l = longLifetime(d)
	return nil
}

func (l longLifetime) seconds() int64 { return int64(time.Duration(l) / time.Second) }

func parseLifetime(text []byte, longest time.Duration) (d time.Duration, ok bool) {
	if len(text) < 2 || len(text) > 6 {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text[:len(text)-1]), 10, 32)
	d = time.Duration(n) * units[text[len(text)-1]]
	return d, err == nil && d >= shortestLifetime && d <= longest
}

// messageSize is a number of bytes in the words of --max-message.
type messageSize int64

const (
	leastMaxMessage = 1 << 20
	mostMaxMessage  = 1 << 30
)

// UnmarshalText reads a whole number and a unit: 20MiB, 1GiB.
func (m *messageSize) UnmarshalText(text []byte) error {
	wrong := errors.New("a size is 1MiB to 1GiB, as in 20MiB")
	if len(text) < 4 {
		return wrong
	}
	number, unit := string(text[:len(text)-3]), string(text[len(text)-3:])
	n, err := strconv.ParseUint(number, 10, 16)
	size := int64(n) * map[string]int64{"MiB": 1 << 20, "GiB": 1 << 30}[unit]
	if err != nil || size < leastMaxMessage || size > mostMaxMessage {
		return wrong
	}
	*m = messageSize(size)
	return nil
}

// secondsWords says a duration in its largest unit that loses little.
func secondsWords(s int64) string {
	for _, u := range []struct {
		size int64
		word string
	}{{86400, "day"}, {3600, "hour"}, {60, "minute"}} {
		if s >= 2*u.size || s%u.size == 0 && s >= u.size {
			return count(s/u.size, u.word)
		}
	}
	return count(s, "second")
}

func count(n int64, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// bytesWords says a size in decimal units, as disks are sold.
func bytesWords(n int64) string {
	if n < 1000 {
		return count(n, "byte")
	}
	size, unit := float64(n), 0
	names := []string{"", "kB", "MB", "GB", "TB"}
	for size >= 1000 && unit < len(names)-1 {
		size, unit = size/1000, unit+1
	}
	if size >= 10 {
		return fmt.Sprintf("%.0f %s", size, names[unit])
	}
	return fmt.Sprintf("%.1f %s", size, names[unit])
}

// cause is why the system refused a file, without the file's name.
func cause(err error) string {
	var p *os.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		return p.Err.Error()
	case errors.As(err, &l):
		return l.Err.Error()
	}
	return err.Error()
}

// transfer shows how much of a message is across.
func (t *tui) transfer(doing string, size int64) api.Progress {
	return func(done int64) {
		t.progress("%s: %d %% of %s", doing, done*100/size, bytesWords(size))
	}
}
