package onion

import "strings"

// longestEvent bounds what is parsed; tor's own events are far shorter.
const longestEvent = 16 << 10

// An event is one asynchronous line of the control port: its type, the words
// that follow and the KEY=value arguments. bine's own split breaks quoted
// values, so lines are parsed here. Relays can influence some values.
type event struct {
	kind  string
	words []string
	args  map[string]string
}

// word is the nth word after the type, or "".
func (e event) word(n int) string {
	if n < len(e.words) {
		return e.words[n]
	}
	return ""
}

// parseEvent reads a line as control-spec section 4.1 has it, without the reply
// code. A malformed value ends the parse; what was read before it is kept.
func parseEvent(line string) event {
	e := event{args: map[string]string{}}
	if len(line) > longestEvent {
		return e
	}
	for line = strings.TrimLeft(line, " "); line != ""; line = strings.TrimLeft(line, " ") {
		word, rest, _ := strings.Cut(line, " ")
		key, _, isArg := strings.Cut(word, "=")
		switch {
		case e.kind == "":
			e.kind = word
		case !isArg || !isKey(key):
			e.words = append(e.words, word)
		default:
			value, after, ok := parseValue(line[len(key)+1:])
			if !ok {
				return e
			}
			e.args[key], rest = value, after
		}
		line = rest
	}
	return e
}

// isKey tells a KEY=value from a relay's $FINGERPRINT=name.
func isKey(s string) bool {
	return s != "" && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

// parseValue takes a quoted string or a plain word off the front of s.
func parseValue(s string) (value, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		value, rest, _ = strings.Cut(s, " ")
		return value, rest, true
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"':
			return b.String(), s[i+1:], true
		case '\\':
			if i++; i == len(s) {
				return "", "", false
			}
		}
		b.WriteByte(s[i])
	}
	return "", "", false
}
