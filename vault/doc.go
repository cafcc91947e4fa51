// Package vault keeps ciphertext and destroys it: ciphertext in, ciphertext
// out once (or until a time), then gone, and proof every hour that nothing
// overdue is left. While that proof is missing or stale, the vault is locked.
//
// # No slot, no message
//
// A small preallocated file of fixed-size slots is the only authority on
// what exists. A slot holds the random key under which the message's chunks
// are sealed; the chunks lie in Badger. Whatever Badger, the file system or a
// disk image keeps of the chunks is noise once the slot is erased, because
// their key, and even the derivation of their names, was in the slot alone.
// The reference is needed for opening too, and it exists only in the link.
//
//	DIR/slots    header (4096 bytes), then slots of 256 bytes
//	DIR/badger/  sealed chunks, each with its own time to live
//	DIR/ballast  space held back for a disk that others fill
//	DIR/mark     the latest time maintenance has seen; now never lies before it
//	DIR/lock     flock: one process on one folder
//
// A slot, integers big-endian; all zero means free:
//
//	0     1     state: 1 live, 2 claimed
//	1     1     flags: bit 0 keep (readable until expiry), bit 1 was claimed
//	2     1     version: 1
//	3     1     zero
//	4     4     CRC-32C of the other 252 bytes
//	8     8     expiry, Unix seconds
//	16    8     size of the ciphertext, bytes
//	24    8     end of the lease, Unix seconds (claimed only)
//	32    32    slot key
//	64    32    tag: SHA-256("ashpost/v1/vault/tag" || reference)
//	96    32    SHA-256 of the claim key
//	128   32    SHA-256 of the manage key
//	160   32    SHA-256 of the reader key (claimed only)
//	192   64    zero
//
// A chunk is 256 KiB of ciphertext (the last one less), sealed with
// XChaCha20-Poly1305:
//
//	name    handle (16 bytes) || chunk number (4 bytes)
//	value   nonce (24 random bytes) || sealed chunk, associated data = name
//	handle  HKDF-SHA256(slot key, no salt, "ashpost/v1/vault/handle")
//	key     HKDF-SHA256(slot key, salt = reference, "ashpost/v1/vault/content")
//
// # Guarantees
//
//   - A message exists if and only if its slot holds its key.
//   - Put and Commit return only after chunks and then slot are durable.
//   - A claim is durable before the first byte leaves. Of any number of
//     claims with different reader keys exactly one succeeds.
//   - Acknowledge and Revoke return nil only after the slot was overwritten,
//     synced and read back as zero. Nothing brings it back afterwards.
//   - Nothing can be read at or after its expiry, nor by a reader whose lease
//     has ended. Slots that are due are erased within seconds, and the hourly
//     maintenance proves it by reading the medium.
//   - A torn or damaged slot is erased: damage destroys, it never leaks.
//   - Every method checks the one lock first. While locked only erasing goes
//     on, and is answered with [ErrNotProven].
//   - After a failed fsync nothing is written again: only a new process,
//     which reads every slot from the medium, opens the vault.
//
// # Non-guarantees
//
//   - Flash controllers keep old pages. Whoever reads the chips themselves
//     may find an erased slot. Overwriting is overwriting only on file systems
//     that write in place.
//   - The vault cannot tell who claims: whoever proves the claim key first is
//     the reader.
//   - Power cuts are survived as far as the device honours a flush.
//   - Keys in memory are cleared where we hold them; copies made by libraries
//     and by the garbage collector are not.
//
// A Vault is safe for concurrent use.
package vault
