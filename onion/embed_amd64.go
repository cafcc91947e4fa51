//go:build embedtor

package onion

import _ "embed"

//go:embed static/tor-amd64.zst
var embeddedTor []byte

//go:embed static/licenses-amd64.zst
var embeddedLicenses []byte
