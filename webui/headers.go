package webui

import "net/http"

// policy is one constant for every answer, so that the pages can be vouched
// for as a whole: no nonce, no templating, nothing from elsewhere.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types 'none'"

// permissions denies what a page here never needs. Writing to the clipboard
// stays allowed: the copy buttons use it.
const permissions = "accelerometer=(), autoplay=(), camera=(), clipboard-read=(), display-capture=(), " +
	"encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), " +
	"magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), " +
	"screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()"

const typeHTML = "text/html; charset=utf-8"

// fixed holds the headers of every answer. The nil Date suppresses the clock
// that net/http would add.
var fixed = http.Header{
	"Date":                         nil,
	"Cache-Control":                {"no-store"},
	"Content-Security-Policy":      {policy},
	"Cross-Origin-Embedder-Policy": {"require-corp"},
	"Cross-Origin-Opener-Policy":   {"same-origin"},
	"Cross-Origin-Resource-Policy": {"same-origin"},
	"Permissions-Policy":           {permissions},
	"Referrer-Policy":              {"no-referrer"},
	"X-Content-Type-Options":       {"nosniff"},
}

// immutable is for assets, whose names carry a hash of their content.
const immutable = "public, max-age=31536000, immutable"

// setFixed shares the value slices between answers; Header.Set replaces them
// and nothing here uses Add on these names.
func setFixed(h http.Header) {
	for name, value := range fixed {
		h[name] = value
	}
}
