//go:build embedtor

package onion

import _ "embed"

//go:embed static/tor-arm64.zst
var embeddedTor []byte

//go:embed static/licenses-arm64.zst
var embeddedLicenses []byte
