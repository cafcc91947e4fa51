// Package api is the wire contract of Ashpost's service and its Go client.
//
// The service holds age files it cannot open. A sender puts one in, a reader
// claims it once with a proof from the link, and it is destroyed. An inbox keeps
// such files for whoever has one of its keys.
//
// # Form
//
// Everything lives under /api/v1. JSON is UTF-8. Binary values are unpadded
// base64url in their one canonical spelling: a reference is 16 bytes (22
// characters), every key and verifier 32 bytes (43 characters). A verifier is
// the SHA-256 of the raw key. An inbox's ID is the SHA-256 of its recipients file,
// in base32 of lower case (52 characters). No time of day travels: durations are whole seconds.
// Secrets travel in "Authorization: Bearer KEY" and nowhere else. Requests with
// a body need Content-Length; chunked bodies are refused. Query strings are refused.
//
// # Routes
//
//	GET  /service                     -             200 Service; also while locked
//	POST /channel                     -             200 sealed answer; body: sealed request
//	POST /reservations                -             201 Reservation
//	PUT  /messages/{ref}              upload key    201 Receipt; body: whole age file, at most PartSize
//	PUT  /messages/{ref}/parts/{n}    upload key    204; body: exactly PartSize bytes, the last part less
//	POST /messages/{ref}/commit       upload key    201 Receipt; body: Commit
//	POST /messages/{ref}/claim        claim key     200 age file or empty, facts in headers
//	GET  /messages/{ref}/content      reader key    200 or 206 age file; one Range allowed
//	POST /messages/{ref}/acknowledge  reader key    204
//	GET  /messages/{ref}/state        manage key    200 State
//	POST /messages/{ref}/revoke       manage key    200 Revoked
//	GET  /inboxes/{inbox}             -             200 recipients file, as text/plain; Ashpost-Kind
//	PUT  /inboxes/{inbox}             see below     201 Receipt; body: recipients file, as text/plain
//	POST /inboxes/{inbox}/destroy     owner         204; the inbox and everything in it
//	GET  /inboxes/{inbox}/list/{n}    owner         200 List; serials below n, or from the newest when 0
//	GET  /inboxes/{inbox}/letters/{n} owner         200 the same with small files; see below
//	GET  /inboxes/{inbox}/messages/{ref}          owner  200 or 206 age file; one Range allowed
//	POST /inboxes/{inbox}/messages/{ref}/destroy  owner  204; also when it is not there
//	POST /inboxes/{inbox}/destroy-messages        owner  200 Destroyed; body: Selection
//	GET  /inboxes/{inbox}/notebook    owner         200 age file
//	PUT  /inboxes/{inbox}/notebook    owner         204; body: age file, at most MaxNotebook; see below
//	GET  /aliases/{name}              -             200 Named
//	POST /session                     in a channel  200 challenge; see below
//	/operator/…                       operator      see below
//
// A whole file is put with the terms in headers: Ashpost-Expires-In,
// Ashpost-Reading ("once" or "until-expiry"), Ashpost-Claim and Ashpost-Manage
// (verifiers). A file sent in parts has them in Commit. Clients put whole what
// is at most SmallSize; parts are numbered from 0 and may come in any order.
//
// A claim carries Ashpost-Reader, the verifier of a reader key drawn for this
// reading. The answer's headers are Ashpost-Size, Ashpost-Reading,
// Ashpost-Expires-In and, for a message read once, Ashpost-Lease: the seconds
// left to finish. Its body is the whole file when that is at most SmallSize,
// else empty. Content of a message readable until expiry is fetched with the
// claim key, and such a message is never acknowledged.
//
// # Inboxes
//
// A recipients file is 1 to 10 post-quantum hybrid recipients of age, one a line,
// each ended by LF, sorted bytewise, each once. It is put with Ashpost-Kind:
//
//	inbox    by an owner, as the policy allows; lives a year, and another from
//	         each time it is put again
//	request  as inbox, takes one message; lives for Ashpost-Expires-In seconds
//	reply    by anybody, of one recipient; lives 30 days from its last message
//	         or notebook
//
// Whoever asks for the file is told the kind in the same header: the owner of a
// request cannot answer, so nobody should ask them to. Nothing proves the kind.
//
// A message for an inbox is put as any other, with Ashpost-Inbox and
// Ashpost-Expires-In as its terms and no others; in parts, with "inbox" in Commit.
// The reservation may name the inbox too: then a full service has room for replies.
// With Ashpost-Size beside it, the bytes of the age file, what the inbox never takes is
// "too_large" before anything of it is sent; [Limits] has how much that is.
// Its header has one mlkem768x25519 stanza for each recipient of the inbox and no
// other stanza, else the answer is "not_age"; so has a notebook's, for its owner.
// Whose keys the stanzas are for cannot be seen. A request that has its message
// answers "conflict", a full inbox "full".
//
// A notebook is put with Ashpost-Replaces: the SHA-256 of the file that was fetched
// and changed, or "none". When another one is there by now, of another device or
// member, the answer is "replaced": fetch it, make the change in that one and put it
// again, a few times at most. The same file put again is no conflict. A notebook put
// where there is no inbox opens a reply inbox, if its owner is the only recipient.
//
// Over Tor each message costs a round trip of a second, so a list can be had with the
// files of small messages. The answer is binary, numbers are big-endian:
//
//	+------+------+-------+-------+---------+     +---------+--------+     +--------+
//	| kind | more | n (2) | count | message |  …  | message | file   |  …  | file   |
//	| (1)  | 0, 1 | <=100 | (4)   | (40)    |     | (40)    |        |     |        |
//	+------+------+-------+-------+---------+     +---------+--------+     +--------+
//	message: reference (16) | serial (8) | size (8) | expires_in (8)
//
// Kinds are numbered as above, from 1. The n messages are those of List in the same
// order. The files are those of messages of at most SmallSize, the newest first, up to
// the one with which they would be more than CarriedSize: a hundred of the smallest
// for one key fit. They are as long as their messages say, and nothing follows. A
// file of zeros was destroyed while the answer was on its way. The rest is asked for
// from the first small message on that lacks its file, or alone.
//
// The policies are in Service. Where one says "invite", Ashpost-Invite carries a
// code of the operator: for an inbox or request, which uses it up, or for each
// link that is put or committed. Without it, or where the policy is "nobody", the
// answer is "not_allowed".
//
// # Owners
//
// A session proves that the client holds an identity: POST /session, inside of a
// channel, with {"recipient":"age1pq1…"}, is answered with a challenge, and what
// is sent under the keys that come of it is the owner's. Package channel has the
// protocol. Whoever is not an owner, in a session or without one, gets "gone", with
// the same bytes as for an inbox that is not there.
//
// An alias is a name that the operator gave to an inbox: 2 to 31 characters a-z,
// 0-9 and hyphens, the first a letter. Nothing but the operator's word ties it to
// the inbox's keys.
//
// # The operator
//
// A session under the recipient that the operator configured has these, and for
// everybody else they are unknown routes:
//
//	GET  /operator/status                 200 as "ashpost status --json"
//	POST /operator/unlock                 204; body: Unlock
//	GET  /operator/aliases                200 Aliases
//	PUT  /operator/aliases/{name}         204; body: Named
//	POST /operator/aliases/{name}/remove  204
//	POST /operator/invites                201 InviteCode; body: Inviting
//	GET  /operator/clients                200 Clients
//	POST /operator/clients                201 ClientLine; body: NewClientName
//	POST /operator/clients/{name}/remove  204
//
// # The second layer
//
// The command line and the pages send every request but the one for the state
// inside of POST /channel: encrypted once more, to the key that the state names.
// Package channel has the protocol. Inside, routes and answers are these. Plain
// requests are served as well, for scripts.
//
// # Refusals
//
// A refusal is a status and a JSON body {"code":…,"message":…}. The statuses
// are in the table of this package (see [Code]). "gone" is one refusal with the
// same bytes for every cause: unknown, read, expired, revoked, a wrong proof.
// "busy" and "locked" carry Retry-After; who does not wait may lose the circuit.
// While locked every route answers "locked", but /service, /session, the operator's
// status and unlock, and the routes that destroy: these try all the same and answer
// 202 "not_proven" when the erasure could not be proved.
//
// # Repeating
//
// Over Tor an answer is easily lost after the work was done, so every request
// may be sent again: a repeated put, part or commit with the same content
// answers as the first did, the same reader may claim again, an acknowledgement
// or a revocation again answers as the first did, for a while; later it answers
// "gone". A repeated reservation leaves an idle one behind, which is dropped. An
// inbox, a notebook or an alias may be put again; invites and clients are made anew
// each time.
//
// # Limits
//
// Request headers 16 KiB, JSON bodies MaxJSON, parts PartSize, recipients files
// MaxRecipientsFile, lists MaxListed messages, and CarriedSize of
// files with them. The largest message and the lifetimes are the operator's; [Limits] tells them.
//
// # Guarantees
//
// The client follows no redirect, knows no proxy but the dialer it was given,
// reads no more of an answer than this contract allows, and refuses an answer
// that breaks it. Its errors hold no address, reference or key, and no text
// that a service could have smuggled them into. The keys of an inbox are those its
// ID names.
//
// Not guaranteed: a service can still refuse, delay, or hand out a damaged file
// (opening it will tell), and can lie about having destroyed one, about what an
// inbox holds, and about aliases. It can link who writes to whom by circuit and
// time: a client that reads its own inbox and writes to others goes through
// two circuits.
package api
