// Package api is the wire contract of Ashpost's service and its Go client.
//
// The service holds age files it cannot open. A sender puts one in, a reader
// claims it once with a proof from the link, and it is destroyed.
//
// # Form
//
// Everything lives under /api/v1. JSON is UTF-8. Binary values are unpadded
// base64url in their one canonical spelling: a reference is 16 bytes (22
// characters), every key and verifier 32 bytes (43 characters). A verifier is
// the SHA-256 of the raw key. No time of day travels: durations are whole seconds.
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
// While locked every route but /service answers "locked", except acknowledge
// and revoke, which try all the same and answer 202 "not_proven" when the
// erasure could not be proved.
//
// # Repeating
//
// Over Tor an answer is easily lost after the work was done, so every request
// may be sent again: a repeated put, part or commit with the same content
// answers as the first did, the same reader may claim again, an acknowledgement
// or a revocation again answers as the first did, for a while; later it answers
// "gone". A repeated reservation leaves an idle one behind, which is dropped.
//
// # Limits
//
// Request headers 16 KiB, JSON bodies MaxJSON, parts PartSize. The largest
// message and the lifetimes are the operator's; [Limits] tells them.
//
// # Guarantees
//
// The client follows no redirect, knows no proxy but the dialer it was given,
// reads no more of an answer than this contract allows, and refuses an answer
// that breaks it. Its errors hold no address, reference or key, and no text
// that a service could have smuggled them into.
//
// Not guaranteed: a service can still refuse, delay, or hand out a damaged file
// (opening it will tell), and can lie about having destroyed one.
package api
