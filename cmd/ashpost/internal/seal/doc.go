// Package seal is the end-to-end format of Ashpost: secret links, the keys
// derived from them, and the sealed messages they open. Envelopes, plain age files
// around a key that an operator keeps, are here too. FORMAT.md in this folder
// is its specification, testdata/vectors.json its test vectors.
//
// Guaranteed:
//   - Whoever lacks the link learns the padded length of a message and whether
//     an extra passphrase is needed. Nothing else.
//   - Whoever lacks the link cannot change a message unnoticed: [Reader] reports
//     [io.EOF] only when every byte up to the last has been verified.
//   - Sealing and opening need constant memory, whatever the size of the files.
//     Opening does no work with keys before the header is within its limits.
//   - No error repeats a link, a key, a name or content.
//
// Not guaranteed:
//   - Who wrote a message: everyone who has the link can write another one.
//   - Forward secrecy: a link and a kept copy of the ciphertext open the message.
//   - Erasure of keys from memory: age and Go make copies that cannot be reached.
//   - That a file is harmless. Names are safe for a folder, content is content.
package seal
