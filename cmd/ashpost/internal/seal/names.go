package seal

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	maxName      = 100 // the name field of ustar
	maxExtension = 20
)

// forbidden lists what no stored name holds: separators, control characters,
// line breaks, and the marks that make "gpj.exe" read as "exe.jpg".
func forbidden(r rune) bool {
	switch {
	case r == '/' || r == '\\',
		r < 0x20, r >= 0x7f && r <= 0x9f,
		r == 0x61c, r == 0x200e, r == 0x200f,
		r >= 0x2028 && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return true
	}
	return false
}

// validName says whether a writer could have stored this name.
func validName(name string) bool {
	return name != "" && name != "." && name != ".." && len(name) <= maxName &&
		utf8.ValidString(name) && !strings.ContainsFunc(name, forbidden)
}

// storedNames returns the names under which files are stored, in order.
func storedNames(files []File) []string {
	taken := make(map[string]bool, len(files))
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = storedName(f.Name, taken)
		taken[names[i]] = true
	}
	return names
}

func storedName(name string, taken map[string]bool) string {
	clean := cleanName(name)
	stem, extension := splitName(clean)
	for n := 2; taken[clean]; n++ {
		suffix := fmt.Sprintf(" (%d)", n) + extension
		clean = cut(stem, maxName-len(suffix)) + suffix
	}
	return clean
}

func cleanName(name string) string {
	var b strings.Builder
	for i, w := 0, 0; i < len(name); i += w {
		var r rune
		r, w = utf8.DecodeRuneInString(name[i:])
		if forbidden(r) || r == utf8.RuneError && w == 1 {
			b.WriteByte('_')
		} else {
			b.WriteString(name[i : i+w])
		}
	}
	stem, extension := splitName(b.String())
	clean := cut(stem, maxName-len(extension)) + extension
	if clean == "" || clean == "." || clean == ".." {
		return "file"
	}
	return clean
}

// splitName splits off the extension with its dot, if it is short and not all
// there is.
func splitName(name string) (stem, extension string) {
	dot := strings.LastIndexByte(name, '.')
	if dot <= 0 || len(name)-dot > maxExtension {
		return name, ""
	}
	return name[:dot], name[dot:]
}

// cut shortens s to at most n bytes at the edge of a code point.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
