// Package onion keeps a Tor onion service published in front of a unix socket,
// and dials onion services for clients. It is the only home of bine and of the
// tor executable, be it inside this program or on the machine.
//
// It guarantees:
//
//   - One address, kept in the state folder, through every restart of tor. It
//     is known before the first connection to the network is made.
//   - Tor is watched: if it stops or hangs it is killed and started again, for
//     as long as Run runs. Without a way to the network the service stays up,
//     says in words what is wrong and goes on trying.
//   - When Run returns, tor is gone, with what it started. Should this process die
//     without returning, the kernel kills tor.
//   - Nobody but this process can give tor orders, and no file or port is left
//     by which they could.
//   - Every stream begins with the line "PROXY TCP6 fc00:dead:beef:4dad::X:Y ::1
//     Z 80", whose X and Y are the halves of its circuit's id (HiddenService-
//     ExportCircuitID); CloseCircuit ends a circuit by that id. Ids begin anew
//     with every tor.
//   - Once bridges are asked for (Access), nothing but a bridge is connected to:
//     without a usable line tor's network stays off. No bridge line is printed.
//   - Whoever is taken from the clients of a private service is shut out within
//     seconds, with the circuits they have.
//   - A client's key to a private service goes to tor in memory: no argument and no
//     file of this package's has it.
//   - Import never takes one address for another, and a crash in it leaves a
//     whole key or none.
//   - Dialer connects to onion addresses only, resolves nothing locally and
//     shares no circuit with another dialer or another destination.
//
// It does not guarantee:
//
//   - That the service can be reached. Published means that a relay has accepted
//     the service's descriptor, not that a client came through.
//   - That the cause in State is right. Tor sees failed connections; why they
//     fail is a guess.
//   - That bridge lines are nowhere on the disk: tor's configuration and state
//     in the state folder have them.
//   - Anything against a root user or a debugger on this machine: the address's
//     secret key is a file in the state folder.
//
// The part with Tor may be a process of its own ([Service.Report] there, [Remote]
// in the process that serves), so that the system can take the network from the
// one and the messages from the other. The bytes between them are in wire.go.
//
// Tor is started with the network off; it is switched on when events are
// subscribed to, so that none is missed. The control connection is a socket
// pair of which tor inherits one end: there is no port, no socket in a folder and
// no cookie. It is tor's life line too: tor exits when it is closed, which the
// kernel sees to, whatever becomes of this process.
//
// A build with the tag embedtor has a Tor inside, made by static/build.sh: fully
// static, so that it runs on any Linux. It runs from sealed memory, or where the
// system forbids that, from a file that only this user can read, or else the
// machine's own Tor does; State says which and why.
package onion
