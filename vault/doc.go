// Package vault keeps ciphertext and destroys it: ciphertext in, ciphertext
// out once (or until a time, or until its owner says so), then gone, and proof
// every hour that nothing overdue is left. While that proof is missing or stale,
// the vault is locked.
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
//	DIR/badger/  sealed chunks, most with a time to live of their own
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
//	1     1     flags: bit 0 keep (readable until expiry), bit 1 was claimed;
//	            of a request: bit 1 was answered
//	2     1     version: 1
//	3     1     kind: 0 message behind a link; inboxes: 1 inbox, 2 request,
//	            3 replies; on an inbox: 4 letter, 5 notebook, 6 alias;
//	            7 invite to open an inbox, 8 invite to make links
//	4     4     CRC-32C of the other 252 bytes
//	8     8     expiry, Unix seconds; zero: with its inbox (5, 6)
//	16    8     size of the ciphertext, bytes; zero where there is none (6, 7, 8)
//	24    8     end of the lease, Unix seconds (claimed only)
//	32    32    slot key; zero where there is no ciphertext
//	64    32    tag: SHA-256("ashpost/v1/vault/" || "tag" || reference (0, 4, 5),
//	            "inbox" || ID (1, 2, 3), "alias" || name, or "invite" || code)
//
// of a message behind a link
//
//	96    32    SHA-256 of the claim key
//	128   32    SHA-256 of the manage key
//	160   32    SHA-256 of the reader key (claimed only)
//	192   64    zero
//
// of what hangs on an inbox
//
//	96    16    family: HKDF(inbox's slot key, no salt, "ashpost/v1/vault/family")
//	112   8     serial, from 1; of two notebooks of one owner the higher counts
//	120   24    nonce
//	144   80    sealed, associated data = tag: the reference and 48 zeros, or an
//	            alias's inbox (32) and name, zeros behind it
//	224   16    owner of a notebook: HKDF(inbox's slot key, salt = SHA-256 of the
//	            owner's public key, "ashpost/v1/vault/owner"); zero otherwise
//	240   16    zero
//
// of an inbox, 96 to 111 being zero
//
//	112   8     all serials given under it lie below this one; rises by 64
//	120   136   zero
//
// and of an invite zero from 96 on. The key of the sealed field, which is
// XChaCha20-Poly1305:
//
//	4, 5  HKDF(inbox's slot key, salt = ID, "ashpost/v1/vault/child")
//	6     HKDF(inbox's slot key, no salt, "ashpost/v1/vault/alias")
//
// So an inbox's slot is the root of all that hangs on it: erase it and what hung
// there cannot be told any more, nor opened without a reference. The header says
// "ashpost slots 2"; a file of messages alone, "ashpost slots 1", becomes one when
// it is opened. A program that knows no inboxes would erase them as damage, and
// does not open such a file.
//
// A chunk is 256 KiB of ciphertext (the last one less), sealed with
// XChaCha20-Poly1305:
//
//	name    handle (16 bytes) || chunk number (4 bytes)
//	value   nonce (24 random bytes) || sealed chunk, associated data = name
//	handle  HKDF-SHA256(slot key, no salt, "ashpost/v1/vault/handle")
//	key     HKDF-SHA256(slot key, salt = reference, "ashpost/v1/vault/content")
//
// The content of an inbox is its recipients, with its ID for the salt. Chunks of
// inboxes and notebooks, which are renewed, have no time to live of their own.
//
// # Inboxes
//
// An inbox lasts 366 days from the last time its owner asked for it, one for
// replies 30 days from the last letter or notebook, a request as long as was
// said. Letters last 30 days at most and never longer than their inbox; notebooks
// and aliases as long as it. One inbox takes an eighth of the slots and a quarter
// of the quota in letters, one for replies 64 letters and 32 MiB, or a 16th of the
// quota if that is less; inboxes and requests together take a quarter of the slots.
// What goes into
// one for replies may use room that nothing else may: see [ReplyFullAt]. In memory
// an inbox costs some 150 bytes and a letter 16, beside 24 for every slot.
//
// # Guarantees
//
//   - A message exists if and only if its slot holds its key; what hangs on an
//     inbox, if and only if the inbox's slot does so too.
//   - Put and Commit return only after chunks and then slot are durable.
//   - A claim is durable before the first byte leaves. Of any number of
//     claims with different reader keys exactly one succeeds.
//   - Acknowledge and Revoke return nil only after the slot was overwritten,
//     synced and read back as zero. Nothing brings it back afterwards.
//   - DestroyInbox erases the inbox's slot first, durably, and then what hangs on
//     it. After a crash in between nothing of that opens, and the next opening
//     erases it. An inbox that expires ends in the same way.
//   - A letter can be read any number of times until it is destroyed; a reading
//     under way then ends. A request takes one letter, ever.
//   - A notebook is replaced only by who names the one that is there: of two that
//     have read the same, one succeeds. A crash meanwhile leaves one of the two. Who
//     asks for it meanwhile finds one. One that Badger lost reads as [Lost].
//   - A serial is given to one letter of an inbox, ever.
//   - Nothing can be read at or after its expiry, nor by a reader whose lease
//     has ended. Slots that are due are erased within seconds, and the hourly
//     maintenance proves it by reading the medium.
//   - A torn or damaged slot is erased: damage destroys, it never leaks.
//   - Every method checks the one lock first. While locked only erasing goes
//     on, and is answered with [ErrNotProven]. [Vault.Inbox] answers while locked
//     where it can: who may erase is asked then too, and it tells no secret.
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
//   - A copy of the disk tells how many messages, inboxes of each kind, letters,
//     notebooks, aliases and invites there are; their sizes and when they are due;
//     which letters and notebooks are in one inbox, and their order; roughly how
//     many an inbox has ever had; whether a request was answered. It tells names
//     of aliases and the IDs of their inboxes. It does not tell other IDs, public keys or references; but who
//     knows the ID of an inbox, which is no secret, finds its slot and the
//     references of its letters. What letters say is sealed by those who wrote
//     them, for those who read them, and no concern of the vault.
//   - The vault takes the caller's word for who owns an inbox, and keeps whatever
//     recipients it is given.
//   - Anybody can fill an inbox, and open many for replies: the room kept for
//     replies is kept from everything else, not from them.
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
