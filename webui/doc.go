// Package webui serves the pages and the API in front of a vault. It is the
// only home of echo, and it holds no state of its own: messages live in the
// vault, secrets in the requests that carry them. Circuits and what they have
// used are in RAM, and gone ten minutes after their last stream.
//
// A request passes, in this order:
//
//	preamble  the circuit of Tor it came through (preamble.go, crowd.go)
//	gate      fixed headers; refuses what net/http lets through (gate.go)
//	guard     panics become one fixed answer (guard.go)
//	routes    the one table of methods and paths (routes.go)
//	adapt     operator, lock, reference, bearer, limits, owner, body, then one
//	          call (adapt.go)
//	verdict   the one table from errors to answers (errors.go)
//
// # Limits
//
// There are no addresses behind an onion service, so Tor names the circuit in
// front of every stream. Each may do at once, and then so much a second:
//
//	400     20      requests; a page takes 4
//	100     1/2     reservations, inboxes opened by their owners, notebooks
//	8       1/60    mailboxes for replies, which anybody opens
//	64      1/5     openings of channels, and beginnings of sessions inside
//	512 MiB 1 MiB   of bodies; at once at least five of the largest messages
//	30      1/10    wrong proofs, and guesses at inboxes, names and invite codes
//	8       1/60    transfers below 4 KiB a second, either way
//
// Over that the answer is 429 with a wait, and its stream ends unless the answer
// lies inside a channel. A circuit that has 64 such answers (and one more each
// second) without waiting loses all its streams, and Tor closes it. Tor itself
// closes one with more than 32 streams.
//
// A fresh circuit costs seconds, so there are totals as well. Half of what is
// free in the vault may be taken at once, and half of the rest within an hour,
// of reservations never more than 1000 at once and 5 a second, of mailboxes for
// replies 200 and 1/2. The less of a total is left, the less a circuit may have drawn of it. The total of wrong
// proofs, 1000 and 50 a second, refuses only circuits that had one. Buffers go
// to the circuit that has the fewest. The preview has none of this but the
// buffers: it is this machine's.
//
// # Owners, the operator and invited people
//
// Who may see into an inbox is decided in one place (owner.go): whoever proved, by
// the session that the request came through, to have one of its keys. The operator
// is whoever proved to have the one that was configured (operator.go). What the
// operator lets everybody do is in policy.go. Nothing of it is kept: a session is
// the channel's.
//
// # Guarantees
//
//   - Nothing changes on GET or HEAD. What is not in the table of routes is
//     refused.
//   - Unknown, read, expired, revoked and wrong proof get the same bytes,
//     headers included. So do an inbox that is not there and one of others, an
//     invite code that never was and one used up, and the operator's routes and
//     unknown ones.
//   - What is stored for an inbox begins with the header of an age file for as many
//     post-quantum keys as the inbox has, and for no other.
//   - Which messages came together, or from whom, is nowhere recorded.
//   - A body is measured before it is read, and reaches the vault whole or
//     not at all. Memory for bodies, downloads, connections and circuits is
//     bounded; a client slower than the floor, and a circuit that has more than
//     others, give way when the room is short.
//   - A header has 30 seconds. A body or a download has no time in all, but a
//     floor: 4 KiB a second, after 30 seconds. A small answer has two minutes,
//     which for the largest is more than the floor asks.
//   - No flood of wrong proofs destroys, locks, or refuses a circuit that had no
//     wrong proof. One of messages takes hours to leave little room, and what is
//     left is served as long as there is any.
//   - A stream on the onion's socket that does not begin as Tor's do is closed
//     unanswered.
//   - A download is complete or its connection breaks; it is never cut short
//     silently.
//   - No answer repeats anything of the request. Dynamic answers are not
//     compressed. Every answer of a handler carries the same policy headers,
//     and neither a date nor a server name.
//   - No request, reference, key, address or circuit is logged. A panic is
//     counted and its value dropped.
//   - While the vault is locked, pages are the stopped page and the API
//     answers "locked", but for the service state and the attempts to destroy.
//
// # Non-guarantees
//
//   - Requests that net/http itself cannot parse get its plain answers (400,
//     431, 501) without the policy headers, and the connection is closed.
//   - Who the visitor is stays unknown. Somebody with many circuits is many:
//     the totals slow such a flood down, but while it lasts others wait, and the
//     large buffers, of which there are 8, may be taken again and
//     again.
//   - While the vault is locked, a record of the channel is read and opened before it
//     is refused, under the limits and charges of any other. Only what it holds says
//     whether it may pass: unlocking and destroying do. Nor can the first frame of a
//     large one be answered alone: an answer takes a number that was accepted, and
//     none is before all frames have opened.
//   - Whether there is an inbox, and its keys, learns everybody who has its address.
//   - Whose keys the stanzas of a message are for cannot be seen: only its reader
//     finds out that it is for nobody.
//   - Equal bytes do not prove equal time; the comparisons that must not leak
//     are the vault's.
//   - The pages protect against everybody but a service that serves other
//     pages.
package webui
