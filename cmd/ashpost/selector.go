package main

import (
	"slices"
	"strconv"
	"strings"

	"ashpost/webui/api"
)

// selector is what a person names messages by: a number of the list, a range of
// them, an id, or nothing for the newest.
type selector struct {
	first, last uint64 // by number; last is 0 where the newest is the first to look at
	id          api.Reference
}

// takes says whether a message is meant. Without anything said, every one is.
func (s selector) takes(l api.Listed) bool {
	if s.id != (api.Reference{}) {
		return l.Message == s.id
	}
	return l.Serial >= s.first && (s.last == 0 || l.Serial <= s.last)
}

// parseSelector parses 7, 3-9 or an id.
func parseSelector(text string) (s selector, err error) {
	if text == "" {
		return s, nil
	}
	if s.id, err = api.ParseReference(strings.TrimPrefix(text, "/")); err == nil {
		return s, nil
	}
	first, last, isRange := strings.Cut(text, "-")
	if !isRange {
		last = first
	}
	var ok, ok2 bool
	s.first, ok = number(first)
	s.last, ok2 = number(last)
	if !ok || !ok2 || s.first > s.last {
		return s, notNamed()
	}
	return s, nil
}

// slashed puts a slash before an id that begins with a hyphen, and would be taken
// for a flag: whoever takes an id takes it with the slash that it has in a link.
func slashed(args []string) []string {
	args = slices.Clone(args)
	for i, arg := range args {
		if arg == "--" {
			break // behind it nothing is a flag
		}
		if _, err := api.ParseReference(arg); err == nil && arg[0] == '-' {
			args[i] = "/" + arg
		}
	}
	return args
}

func notNamed() error {
	return &failure{code: exitUsage, what: "this does not name a message", hint: "A message is named by its number in ashpost inbox list, as in 7; to destroy, also several, as in 3-9."}
}

// number is one that the list can show.
func number(text string) (n uint64, ok bool) {
	n, err := strconv.ParseUint(text, 10, 63)
	return n, err == nil && n > 0
}
