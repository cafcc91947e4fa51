// Package seal is the end-to-end format of Ashpost: secret links, the keys
// derived from them, and the sealed messages they open; and inboxes: identities,
// letters to them, return words, notebooks. Envelopes, plain age files around a
// key that an operator keeps, are here too. FORMAT.md and INBOX.md in this folder
// are its specification, testdata/vectors.json and testdata/inbox.json its test
// vectors.
//
// Guaranteed:
//   - Whoever lacks the link learns the padded length of a message and whether
//     an extra passphrase is needed. Nothing else.
//   - Whoever lacks the link cannot change a message unnoticed: [Reader] reports
//     [io.EOF] only when every byte up to the last has been verified.
//   - Whoever lacks an inbox's keys learns for which inbox a letter is and its
//     padded length. An inbox's address certifies its keys.
//   - An answer that [LetterReader.Proves] came from somebody who was given the
//     reply key, and is for this inbox.
//   - Sealing and opening need constant memory, whatever the size of the files.
//     Opening does no work with keys before the header is within its limits.
//   - No error repeats a link, a key, a name, a word or content, and printing an
//     [Identity] does not show it.
//
// Not guaranteed:
//   - Who wrote a message: everyone who has the link can write another one, and
//     everyone who has the address a first letter.
//   - Forward secrecy: a link, or an identity, and a kept copy of the ciphertext
//     open the message.
//   - Erasure of keys from memory: age and Go make copies that cannot be reached.
//   - That a file is harmless. Names are safe for a folder, content is content.
package seal
