// Package onion keeps a Tor onion service published in front of a unix socket,
// and dials onion services for clients. It is the only home of bine and of the
// tor executable.
//
// It guarantees:
//
//   - One address, kept in the state folder, through every restart of tor. It
//     is known before the first connection to the network is made.
//   - Tor is watched: if it stops or hangs it is killed and started again, for
//     as long as Run runs. Without a way to the network the service stays up,
//     says in words what is wrong and goes on trying.
//   - When Run returns, tor is gone. Should this process die without returning,
//     the kernel kills tor.
//   - Dialer connects to onion addresses only, resolves nothing locally and
//     shares no circuit with another dialer or another destination.
//
// It does not guarantee:
//
//   - That the service can be reached. Published means that a relay has accepted
//     the service's descriptor, not that a client came through.
//   - That the cause in State is right. Tor sees failed connections; why they
//     fail is a guess.
//   - Anything against a root user or a debugger on this machine: the address's
//     secret key is a file in the state folder.
//
// The part with Tor may be a process of its own ([Service.Report] there, [Remote]
// in the process that serves), so that the system can take the network from the
// one and the messages from the other. The bytes between them are in wire.go.
//
// Tor is started with the network off. Events are subscribed to first, on a
// connection of their own, so none is missed and none blocks a command; only
// then is the network switched on. The control socket has no cookie: it lies in
// a folder of mode 0700, where a cookie would lie too.
package onion
