//go:build embedtor

package onion

import _ "embed"

//go:embed static/tor.lock
var embeddedLock string
