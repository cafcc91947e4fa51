package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// accept lets through an answer with the wanted status; any other is a refusal
// or a breach, and its body is closed.
func accept(ctx context.Context, resp *http.Response, want int) error {
	if len(resp.Header["Content-Encoding"]) > 0 {
		resp.Body.Close()
		return breach("it is compressed")
	}
	if resp.StatusCode == want {
		return nil
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 == 3 {
		return breach("it leads elsewhere")
	}
	e := new(Error)
	if err := readJSON(ctx, resp, e); err != nil {
		if errors.Is(err, ErrAnswer) {
			return breach("status " + strconv.Itoa(resp.StatusCode) + " without a reason")
		}
		return err
	}
	if _, known := refusals[e.Code]; !known || e.Code.Status() != resp.StatusCode {
		return breach("status " + strconv.Itoa(resp.StatusCode) + " does not fit its reason")
	}
	e.Message = harmless(e.Message, e.Code.Message())
	if n, err := ParseNumber(resp.Header.Get("Retry-After")); err == nil && n < 1<<20 {
		e.RetryAfter = time.Duration(n) * time.Second
	}
	return e
}

// token matches anything long enough to be a reference, a key or an address.
var token = regexp.MustCompile(`[A-Za-z0-9_-]{20,}`)

// harmless keeps a service's sentence only if it can neither drive a terminal
// nor carry a secret into somebody's log.
func harmless(message, instead string) string {
	if !printable(message) || token.MatchString(message) {
		return instead
	}
	return message
}

// printable says whether a text is short and cannot drive a terminal.
func printable(text string) bool {
	odd := func(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }
	return text != "" && len(text) <= 200 && !strings.ContainsFunc(text, odd)
}

// readJSON reads a bounded JSON body.
func readJSON(ctx context.Context, resp *http.Response, into any) error {
	if !typed(resp, TypeJSON) {
		return breach("it is not JSON")
	}
	if resp.ContentLength > MaxJSON {
		return breach("it is too long")
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxJSON+1))
	switch {
	case err != nil:
		return broken(ctx, err)
	case len(body) > MaxJSON:
		return breach("it is too long")
	case json.Unmarshal(body, into) != nil:
		return breach("it is not the expected JSON")
	}
	return nil
}

// typed checks the content type; the only parameter allowed is UTF-8.
func typed(resp *http.Response, want string) bool {
	kind, params, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil || kind != want || len(resp.Header["Content-Type"]) != 1 {
		return false
	}
	for name, value := range params {
		if name != "charset" || !strings.EqualFold(value, "utf-8") {
			return false
		}
	}
	return true
}

// ParseNumber reads a whole number as the headers of the contract spell it:
// decimal digits, no sign, no leading zero.
func ParseNumber(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != s {
		return 0, errors.New("not a whole number")
	}
	return n, nil
}

// number reads a header that must be there once.
func number(h http.Header, name string) (int64, error) {
	values := h[name]
	if len(values) != 1 {
		return 0, breach(name + " is missing")
	}
	n, err := ParseNumber(values[0])
	if err != nil {
		return 0, breach(name + " is not a number")
	}
	return n, nil
}
