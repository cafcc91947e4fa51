package api

import (
	"errors"
	"fmt"
	"testing"
)

// TestCodes pins the statuses: they are the contract, a change is a new version.
func TestCodes(t *testing.T) {
	want := map[Code]int{
		"not_proven": 202, "bad_request": 400, "not_age": 400, "gone": 403, "not_allowed": 403, "not_found": 404,
		"method": 405, "incomplete": 409, "conflict": 409, "channel": 409, "replaced": 409, "length_required": 411, "too_large": 413,
		"unsupported": 415, "range": 416, "busy": 429, "internal": 500, "locked": 503, "full": 507,
	}
	for code, status := range want {
		if code.Status() != status {
			t.Errorf("%s: status %d, want %d", code, code.Status(), status)
		}
		if harmless(code.Message(), "") == "" {
			t.Errorf("%s: the client would not show its own sentence", code)
		}
	}
	if len(refusals) != len(want) {
		t.Errorf("%d codes, want %d", len(refusals), len(want))
	}
	if Code("unknown").Status() != 500 {
		t.Error("an unknown code is not an internal failure")
	}
}

func TestErrorsCompareByCode(t *testing.T) {
	err := fmt.Errorf("sending: %w", &Error{Code: CodeGone, Message: "other words"})
	if !errors.Is(err, ErrGone) || errors.Is(err, ErrLocked) {
		t.Error("errors.Is does not compare the code")
	}
}

func TestHarmless(t *testing.T) {
	key := NewKey()
	for message, ok := range map[string]bool{
		"Parts 1 and 2 are missing.":  true,
		"بخش ۱ کم است":                true,
		"":                            false,
		"\x1b[2Jcleared":              false,
		"two\nlines":                  false,
		"\u202eturned":                false,
		"your key is " + key.Encode(): false,
		"\xff\xfe":                    false,
		fmt.Sprintf("%0201d", 0):      false,
		"see abcdefghijklmnopqrstuvwxyz234567.onion": false,
	} {
		if got := harmless(message, "instead"); (got == message) != ok {
			t.Errorf("%q became %q", message, got)
		}
	}
}
