//go:build !embedtor

package onion

// `make binary` builds with the tag.
var (
	embeddedTor, embeddedLicenses []byte
	embeddedLock                  string
)
