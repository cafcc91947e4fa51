// Package webui serves the pages and the API in front of a vault. It is the
// only home of echo, and it holds no state of its own: messages live in the
// vault, secrets in the requests that carry them.
//
// A request passes, in this order:
//
//	gate      fixed headers; refuses what net/http lets through (gate.go)
//	guard     panics become one fixed answer (guard.go)
//	routes    the one table of methods and paths (routes.go)
//	adapt     lock, reference, bearer, body limits, then one call (adapt.go)
//	verdict   the one table from errors to answers (errors.go)
//
// # Guarantees
//
//   - Nothing changes on GET or HEAD. What is not in the table of routes is
//     refused.
//   - Unknown, read, expired, revoked and wrong proof get the same bytes,
//     headers included.
//   - A body is measured before it is read, and reaches the vault whole or
//     not at all. Memory for bodies and downloads is bounded; a client slower
//     than the floor gives way when the room is short.
//   - A download is complete or its connection breaks; it is never cut short
//     silently.
//   - No answer repeats anything of the request. Dynamic answers are not
//     compressed. Every answer of a handler carries the same policy headers,
//     and neither a date nor a server name.
//   - No request, reference, key or address is logged. A panic is counted and
//     its value dropped.
//   - While the vault is locked, pages are the stopped page and the API
//     answers "locked", but for the service state and the attempts to destroy.
//
// # Non-guarantees
//
//   - Requests that net/http itself cannot parse get its plain answers (400,
//     431, 501) without the policy headers, and the connection is closed.
//   - Who the visitor is stays unknown, so limits are for all together. The
//     cap on streams of one circuit belongs to Tor.
//   - Equal bytes do not prove equal time; the comparisons that must not leak
//     are the vault's.
//   - The pages protect against everybody but a service that serves other
//     pages.
package webui
