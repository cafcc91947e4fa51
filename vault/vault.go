package vault

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// Options bound a vault. Zero values take the defaults.
type Options struct {
	Slots      int   // messages and inboxes that fit, when the slot file is made; 65,536
	MaxMessage int64 // bytes of ciphertext; 100 MiB
	Quota      int64 // bytes of ciphertext held; 2 GiB
	Volatile   bool  // slots in locked memory: nothing survives Close
	Ballast    int64 // bytes of disk space held back; 64 MiB

	// The edges of the process, replaced by tests.
	Clock      Clock                                // the system's clocks
	FileSystem func(dir string) (FileSystem, error) // what the kernel says is mounted
	Medium     func(Medium) Medium                  // a layer over the slots; none
	Stored     func()                               // called when chunks have become durable; none
}

func (o Options) withDefaults() Options {
	if o.Slots == 0 {
		o.Slots = 1 << 16
	}
	if o.MaxMessage == 0 {
		o.MaxMessage = 100 << 20
	}
	if o.Quota == 0 {
		o.Quota = 2 << 30
	}
	if o.Ballast == 0 {
		o.Ballast = 64 << 20
	}
	if o.Clock.Wall == nil {
		o.Clock = systemClock()
	}
	if o.Clock.Synced == nil {
		o.Clock.Synced = kernelSynced
	}
	if o.FileSystem == nil {
		o.FileSystem = fileSystemOf
	}
	if o.Medium == nil {
		o.Medium = func(m Medium) Medium { return m }
	}
	if o.Stored == nil {
		o.Stored = func() {}
	}
	return o
}

// The lifetimes a sender may choose.
const (
	shortestLife = time.Minute
	longestLife  = 7 * 24 * time.Hour
	// longestLetter is that of a letter, and of a request for one.
	longestLetter = 30 * 24 * time.Hour
)

// Vault holds ciphertext until it is read or due. Make one with [Open], run
// its reaper with [Vault.Run].
type Vault struct {
	o        Options
	dir      string
	time     *timeline
	latch    *latch
	patience *patience
	uploads  *reservations
	erased   erasures
	last     lastRun
	dueAt    dueTime
	naming   sync.Mutex    // one alias changes at a time
	turn     chan struct{} // held by a maintenance, and by whatever opens or closes

	life    sync.RWMutex // held for reading by every method, for writing to change what follows
	closed  bool
	folder  *folder // nil while the disk lets nobody hold it
	system  FileSystem
	storage Storage // "" while there is no table
	memory  *memory // of a volatile vault
	table   *table  // nil when corrupt, shut, or not to be opened while the disk fails
	heap    *heap   // nil as table, but not when shut
	waiting bool    // for the disk: maintenance tries to open again
	stuck   bool    // files could not be closed: only a new process opens them

	shown atomic.Pointer[shown]
}

// shown is what of the above can be seen without life, for which calls that
// wait for the disk may keep whoever asks.
type shown struct {
	folder  *folder
	system  FileSystem
	storage Storage
	table   *table
}

// expose shows what is there now. It is called with life held for writing.
func (v *Vault) expose() { v.shown.Store(&shown{v.folder, v.system, v.storage, v.table}) }

// empty says that nothing is held that a wrong clock could destroy.
func (v *Vault) empty() bool {
	t := v.shown.Load().table
	if t == nil {
		return false
	}
	live, _ := t.usage()
	return live == 0
}

// Hear takes a lower bound of the time of day from a trustworthy witness, such
// as the signed consensus of the Tor network. It ends a lock by [CauseClock]
// when the wall clock agrees within hours.
func (v *Vault) Hear(bound time.Time) { v.time.hear(bound) }

// Close stops all work and closes the files. Uploads that were not committed
// are noise from then on. Later calls of any method find the vault locked. A
// disk that does not answer is not waited for: then the files are in use until
// the process ends.
func (v *Vault) Close() error {
	if err := v.takeTurn(); err != nil { // before life: with it nobody holds life for long
		v.latch.lock(CauseDisk)
		return err
	}
	defer v.giveTurn()
	v.life.Lock()
	defer v.life.Unlock()
	if v.closed {
		return nil
	}
	v.closed = true
	v.latch.lock(CauseStarting) // whoever still asks finds it locked
	var err error
	if v.heap != nil {
		v.leaveStrays()
		err = closeStores(v.table, v.heap)
	}
	if v.folder == nil {
		return err
	}
	if v.stuck || errors.Is(err, errStalled) { // until the process ends the folder is in use
		return errors.Join(err, v.memory.wipe())
	}
	if v.o.Volatile {
		err = errors.Join(err, v.memory.wipe(), v.folder.removeChunks())
	}
	return errors.Join(err, v.folder.close())
}

// enter begins an operation that needs the vault open. The caller calls
// leave when err is nil.
func (v *Vault) enter() (leave func(), now time.Time, err error) {
	v.life.RLock()
	if v.closed {
		v.life.RUnlock()
		return nil, now, ErrLocked
	}
	now, err = v.open()
	if err != nil {
		v.life.RUnlock()
		return nil, now, err
	}
	return v.life.RUnlock, now, nil
}

// open reads the clock and checks the lock.
func (v *Vault) open() (time.Time, error) {
	return v.now(), v.latch.check()
}

// now reads the clock. One that cannot be trusted locks; before the vault was
// opened there is nothing yet that says whether it can.
func (v *Vault) now() time.Time {
	now, bad := v.time.now()
	if bad && v.shown.Load().table != nil {
		v.latch.lock(CauseClock)
	}
	return now
}

// Limits returns what senders must keep to.
func (v *Vault) Limits() Limits {
	return Limits{
		MaxMessage: v.o.MaxMessage, MaxLetter: v.largest(kindInbox), MaxReply: v.largest(kindReply),
		Shortest: shortestLife, Longest: longestLife, LongestLetter: longestLetter,
	}
}

// Locked says whether the vault is locked, and how often it was open and then was not.
// It is for every request: [Vault.Status] asks the disk as well.
func (v *Vault) Locked() (locked bool, times uint64) {
	_, err := v.open()
	return err != nil, v.latch.closed()
}

// Status answers at once, whatever hangs: it waits neither for the disk nor for
// a call that does.
func (v *Vault) Status() Status {
	seen, now := v.shown.Load(), v.now()
	cause, lasted := v.latch.state()
	s := Status{
		Open: cause == "", Cause: cause, Now: now, Quota: v.o.Quota,
		Volatile: v.o.Volatile, Locks: v.latch.closed(), Storage: seen.storage, FileSystem: seen.system.Name,
	}
	if cause != "" {
		s.Since = now.Add(-lasted)
	}
	if age, ok := v.latch.age(); ok {
		s.Verified = now.Add(-age)
	}
	if t := seen.table; t != nil {
		s.Slots = t.n
		s.Used, s.Bytes = t.usage()
		s.Live, s.Inboxes, s.Letters = t.counts()
		s.Filled = v.filledAt(seen)
	}
	s.Destroyed, s.Took = v.last.get()
	return s
}
