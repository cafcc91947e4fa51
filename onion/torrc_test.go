package onion

import "testing"

const golden = `DataDirectory "/data/my \"tor\" #1"
HiddenServiceDir "/data/my \"tor\" #1/hs"
HiddenServicePort "80 unix:\"/run/a b/web.sock\""
HiddenServicePoWDefensesEnabled 1
HiddenServiceMaxStreams 32
HiddenServiceMaxStreamsCloseCircuit 1
HiddenServiceExportCircuitID haproxy
SocksPort 0
ClientOnly 1
SafeLogging 1
Log warn stdout
AvoidDiskWrites 1
GeoIPFile /dev/null
GeoIPv6File /dev/null
__OwningControllerFD 3
DisableNetwork 1
TestingTorNetwork 1
`

func TestTorrc(t *testing.T) {
	c := Config{Dir: `/data/my "tor" #1`, Target: "/run/a b/web.sock", Network: "TestingTorNetwork 1\n"}
	if got := torrc(c); got != golden {
		t.Errorf("torrc is now\n%s", got)
	}
}
