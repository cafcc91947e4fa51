// Command ashpost runs an Ashpost service, and sends and opens messages, behind links
// and in inboxes.
//
// Every command, flag and ASHPOST_ variable is in one table (type commands),
// every exit code in another (exitCodes), every rule for what is printed stands
// above type tui.
//
// Guaranteed:
//   - A command reaches an onion service through Tor and a loopback service
//     directly. It makes no other connection, and proxy variables of the
//     environment do not change that.
//   - Nothing is spent before everything that can be checked was checked: the
//     link, the extra passphrase's form, the folder to write to.
//   - Attachments appear under their names when the whole message was verified
//     and acknowledged, and replace nothing. A text alone is never on the disk.
//   - A message that was claimed but does not open is kept as an age file.
//   - A letter is encrypted only to keys that the inbox's address proves, or whose
//     name a person took the operator's word for. It is written over circuits and
//     a channel of its own, never as the owner of an inbox.
//   - Nothing that an inbox holds is destroyed by reading it.
//   - Errors hold no link, reference, key, passphrase or content.
//
// Not guaranteed: that what was on this machine's terminal, disk or memory
// leaves no trace there. An attachment is a file: remove it when done.
package main
