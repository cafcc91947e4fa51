// Package e2e holds the tests that use Ashpost as people do: the built binary,
// a real Tor network on loopback, real browsers in separate profiles.
//
// Shown here: that the parts meet. Not shown: the public Tor network, Tor
// Browser itself, a real phone.
//
// Screenshots are kept in build/screenshots, to be looked at.
package e2e
