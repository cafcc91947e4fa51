package onion

// FindSOCKSAt is FindSOCKS on other ports, for tests with a real Tor.
var FindSOCKSAt = findSOCKS
