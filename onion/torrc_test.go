package onion

import (
	"strings"
	"testing"
)

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
__ReloadTorrcOnSIGHUP 0
TestingTorNetwork 1
`

// What bridges add, before the lines of a private network.
const goldenBridges = `UseBridges 1
ClientTransportPlugin obfs4 exec /usr/bin/obfs4proxy
Bridge 192.0.2.1:443
Bridge obfs4 192.0.2.2:443 0123456789ABCDEF0123456789ABCDEF01234567 cert=a+b/c iat-mode=0
`

func TestTorrc(t *testing.T) {
	c := Config{Dir: `/data/my "tor" #1`, Target: "/run/a b/web.sock", Network: "TestingTorNetwork 1\n"}
	if got := torrc(c); got != golden {
		t.Errorf("torrc is now\n%s", got)
	}
	for _, line := range []string{"Bridge 192.0.2.1:443", "obfs4 192.0.2.2:443 0123456789abcdef0123456789abcdef01234567 cert=a+b/c iat-mode=0"} {
		b, err := ParseBridge(line)
		if err != nil {
			t.Fatal(err)
		}
		c.route.bridges = append(c.route.bridges, b)
	}
	c.route.programs = map[string]string{"obfs4": "/usr/bin/obfs4proxy"}
	want := strings.Replace(golden, "TestingTorNetwork 1\n", goldenBridges+"TestingTorNetwork 1\n", 1)
	if got := torrc(c); got != want {
		t.Errorf("torrc with bridges is now\n%s", got)
	}
	c = Config{Dir: "/state", Target: "/state/socks.sock", client: true}
	if got := torrc(c); got != goldenClient {
		t.Errorf("torrc of a client is now\n%s", got)
	}
}

const goldenClient = `DataDirectory "/state"
ClientOnly 1
SafeLogging 1
Log warn stdout
AvoidDiskWrites 1
GeoIPFile /dev/null
GeoIPv6File /dev/null
__OwningControllerFD 3
DisableNetwork 1
__ReloadTorrcOnSIGHUP 0
SocksPort "unix:\"/state/socks.sock\" ExtendedErrors"
`
