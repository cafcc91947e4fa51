// Package channel is the second layer of encryption around the API, inside of
// Tor's: between the client and the process that holds the messages, under keys
// that only these two know. PROTOCOL.md beside this file is its specification,
// with what each byte means; testdata/vectors.json is shared with the pages.
//
// It guarantees, if the client has the service's true recipient:
//
//   - Whoever stands between the two, the part with Tor included, learns of a
//     request its size and time, and nothing of its path, keys or content.
//   - A request whose frames were changed, cut, repeated or moved to another
//     channel is refused, whatever it says; so is such an answer.
//   - Inside an owner session, [Request].Owner names a recipient only if the sender
//     holds its identity: see [Service.Challenge] and [Session].
//   - What was recorded cannot be opened later: the service's key lives in memory
//     for two hours at most if [Service.Tidy] is called, and goes with
//     [Service.Forget] when the vault locks.
//
// It does not guarantee:
//
//   - That the recipient is the service's: it comes with the service's state, and
//     the onion address is all that vouches for it. Whoever can replace that
//     answer stands in the middle.
//   - That whoever holds an identity is one person, or the one it was made by.
//   - Anything against code that the service itself serves to a browser.
//   - That sizes and times tell nothing.
//   - Anything about stored messages, which have keys of their own.
package channel
