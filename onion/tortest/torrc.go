package tortest

import (
	"fmt"
	"os"
	"time"
)

// joinLines are common to all who take part. Vanguards (lite) need more relays
// than there are, and the default scheduler costs processor time.
const joinLines = `TestingTorNetwork 1
AssumeReachable 1
PathsNeededToBuildCircuits 0.67
V3AuthNIntervalsValid 3
VanguardsLiteEnabled 0
Schedulers Vanilla
`

// nodeLines are for the processes of this package. Parsing the real country
// databases would cost each of them half a second and 60 MB.
func (n *Network) nodeLines(name string) string {
	return fmt.Sprintf(`DataDirectory "%[1]s"
PidFile "%[1]s/pid"
Nickname %[2]s
Log notice stdout
ShutdownWaitLength 0
NumCPUs 1
GeoIPFile "%[3]s"
GeoIPv6File "%[3]s"
__OwningControllerProcess %[4]d
`, n.path(name), name, n.path("empty"), os.Getpid())
}

// relayLines make a relay that lets everything out and defends against nothing.
func relayLines(port string) string {
	return fmt.Sprintf(`ORPort 127.0.0.1:%s IPv4Only
Address 127.0.0.1
SocksPort 0
ExitRelay 1
ExitPolicyRejectPrivate 0
ExitPolicy accept *:*
ServerDNSDetectHijacking 0
ServerDNSTestAddresses
ContactInfo none
DoSCircuitCreationEnabled 0
DoSConnectionEnabled 0
`, port)
}

// The authority votes every voteEvery seconds, and takes voteDelay for each of
// collecting votes and handing out the result.
const (
	voteEvery = 20
	voteDelay = 2
)

// torrc has the first vote held lead from now: the time in which relays start
// and hand in their descriptions. Without them it would be in vain, and the
// next is voteEvery later. tor holds votes at multiples of the interval since
// midnight plus an offset, and counts them by the time the result is valid from.
func (a *authority) torrc(now time.Time, lead time.Duration) string {
	offset := (now.Add(lead).Unix() + 2*voteDelay) % voteEvery
	return relayLines(fmt.Sprint(a.or)) + fmt.Sprintf(`AuthoritativeDirectory 1
V3AuthoritativeDirectory 1
DirPort 127.0.0.1:%[1]d IPv4Only
TestingV3AuthVotingStartOffset %[2]d
TestingV3AuthInitialVotingInterval %[3]d
TestingV3AuthInitialVoteDelay %[4]d
TestingV3AuthInitialDistDelay %[4]d
V3AuthVotingInterval %[3]d
V3AuthVoteDelay %[4]d
V3AuthDistDelay %[4]d
TestingDirAuthVoteExit *
TestingDirAuthVoteHSDir *
TestingDirAuthVoteGuard *
TestingMinExitFlagThreshold 0
TestingAuthDirTimeToLearnReachability 0
AuthDirMaxServersPerAddr 0
MinUptimeHidServDirectoryV2 0 minutes
`, a.dir, offset, voteEvery, voteDelay)
}
