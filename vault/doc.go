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
//	DIR/opening  while Badger's files are opened: a byte for each attempt
//
// A volatile vault keeps the slots in locked memory instead, memfd_secret(2)
// where the kernel has it, and everything else is the same: there is no slot
// file, the chunks are removed at start and stop, and what a killed process
// leaves of them is noise. How many slots there are is bounded by how much
// memory may be locked.
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
//   - A folder on a file system that is not known to overwrite in place is
//     refused with an [UnsuitableError]: copy-on-write, log-structured and
//     network file systems, overlays, memory, and ext4 with data=journal. A
//     volatile vault may lie on any.
//   - Nothing of a volatile vault survives Close or the end of the process.
//   - A disk that is full, read-only or failing, at start or later, locks with
//     [CauseDisk] and ends no process; the first maintenance that can write to
//     it again opens. Files of Badger's that kill whoever opens them lock with
//     [CauseCorruption] once they have done so four times in a row.
//   - A disk that does not answer hangs no request: after half a minute it locks
//     with [CauseDisk], requests are refused and erasures not proven. What hangs
//     goes on when the disk does, and no proof counts before it is through.
//     Maintenance may hang with it; [Vault.Close] does not.
//   - A maintenance that hangs, a process that was stopped and a machine that
//     slept need nobody to notice: the age of the proof is computed at every
//     operation, by the clock that counts sleep.
//   - After a failed fsync no slot is written again, and the slot file is closed
//     ([Vault.Run] does). Badger's files stay open, unused: closing them would
//     write. Only a new process, or
//     [Vault.Unlock] on a disk that takes writes, open the vault: both read
//     every slot anew, after the kernel was told to drop what it kept of them.
//
// # Non-guarantees
//
//   - Flash controllers keep old pages. Whoever reads the chips themselves
//     may find an erased slot; not of a volatile vault.
//   - Only the file system of the folder is looked at, not what it lies on:
//     a snapshot of the volume or of a virtual machine, a file system in a file
//     on btrfs and XFS on a zoned disk keep what is overwritten.
//   - Where O_DIRECT is refused, the proof reads what the kernel caches, not the
//     device; [Status] says so ([StorageCached]).
//   - Locked memory holds the slots. What passes through the process while it
//     works on one is in ordinary memory, and a machine that hibernates with
//     mlock(2) alone writes all of it to the disk.
//   - The vault cannot tell who claims: whoever proves the claim key first is
//     the reader.
//   - Badger maps its files. While the kernel keeps a thread waiting for a page
//     of theirs, Go's runtime may stand still as a whole: then nothing is given
//     out, and nothing answered either. A fault of the disk under such a page
//     ends the process.
//   - Power cuts are survived as far as the device honours a flush.
//   - Keys in memory are cleared where we hold them; copies made by libraries
//     and by the garbage collector are not, and only a volatile vault's slots
//     are in locked memory. Swap has to be off or encrypted.
//
// A Vault is safe for concurrent use.
package vault
