package vault

import (
	"errors"
	"fmt"
	"math/bits"
	"path/filepath"
	"sync"
	"time"
)

// Options bound a vault. Zero values take the defaults.
type Options struct {
	Slots      int   // messages that fit, when the slot file is made; 65,536
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
)

// Vault holds ciphertext until it is read or due. Make one with [Open], run
// its reaper with [Vault.Run].
type Vault struct {
	o        Options
	folder   *folder
	system   FileSystem
	storage  Storage // "" when corrupt
	memory   *memory // of a volatile vault
	time     *timeline
	latch    *latch
	table    *table // nil when corrupt
	heap     *heap  // nil when corrupt
	uploads  *reservations
	erased   erasures
	life     sync.RWMutex // held for reading by every method, for writing by Close and Unlock
	closed   bool
	maintain sync.Mutex // one maintenance at a time
	last     lastRun
	dueAt    dueTime
}

// Open opens the vault in dir, making it (0700) if there is none. It comes
// back locked: the first verified maintenance opens it. [ErrInUse] means that
// another process has it, an [UnsuitableError] that nothing could be destroyed
// here. A slot file or Badger that cannot be read does not fail Open: the vault
// stays locked with [CauseCorruption], so that a service can say so.
func Open(dir string, o Options) (*Vault, error) {
	if bits.UintSize < 64 {
		return nil, errNarrow
	}
	o = o.withDefaults()
	f, err := openFolder(dir)
	if err != nil {
		return nil, err
	}
	noDump(dir)
	system, err := f.suits(o)
	if err != nil {
		f.close()
		return nil, err
	}
	v := &Vault{o: o, folder: f, system: system, latch: newLatch(o.Clock.Boot)}
	v.dueAt.wake = make(chan struct{}, 1)
	v.uploads = newReservations(o.Clock.Boot, max(o.Quota/4, o.MaxMessage), v.discard)
	mark, err := f.readMark()
	if err != nil {
		v.latch.lock(CauseCorruption)
	}
	v.time = newTimeline(o.Clock, mark, v.empty)
	if err := v.openStores(); err != nil {
		f.close()
		return nil, err
	}
	return v, nil
}

// openStores opens the slots and prepares Badger. What is damaged locks.
func (v *Vault) openStores() error {
	medium, slots, err := v.openMedium()
	if errors.Is(err, errHeader) {
		v.latch.lock(CauseCorruption)
		return nil
	}
	if err != nil {
		return fmt.Errorf("opening the slots: %w", err)
	}
	t := newTable(v.o.Medium(medium), slots, v.o.Quota, v.latch)
	if _, err := t.load(); err != nil {
		t.close()
		v.latch.lock(CauseCorruption)
		return nil
	}
	// Erasing needs no working Badger: without it the slots are still swept.
	// Badger drops what has expired by the wall clock, and damaged files of its
	// may end the process: maintenance opens it, once the time is trusted and
	// nothing overdue is left.
	v.table, v.heap = t, newHeap(filepath.Join(v.folder.dir, "badger"), v.latch, v.folder.free)
	return nil
}

// empty says that nothing is held that a wrong clock could destroy.
func (v *Vault) empty() bool {
	if v.table == nil {
		return false
	}
	live, _ := v.table.usage()
	return live == 0
}

// Hear takes a lower bound of the time of day from a trustworthy witness, such
// as the signed consensus of the Tor network. It ends a lock by [CauseClock]
// when the wall clock agrees within hours.
func (v *Vault) Hear(bound time.Time) { v.time.hear(bound) }

// Close stops all work and closes the files. Uploads that were not committed
// are noise from then on. Later calls of any method find the vault locked.
func (v *Vault) Close() error {
	v.life.Lock()
	defer v.life.Unlock()
	if v.closed {
		return nil
	}
	v.closed = true
	v.latch.lock(CauseStarting) // whoever still asks finds it locked
	var err error
	if v.table != nil {
		err = errors.Join(v.table.close(), v.heap.close())
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
	now, bad := v.time.now()
	if bad {
		v.latch.lock(CauseClock)
	}
	return now, v.latch.check()
}

// Limits returns what senders must keep to.
func (v *Vault) Limits() Limits {
	return Limits{MaxMessage: v.o.MaxMessage, Shortest: shortestLife, Longest: longestLife}
}

// Status never blocks on the disk and answers while locked.
func (v *Vault) Status() Status {
	v.life.RLock()
	defer v.life.RUnlock()
	now, bad := v.time.now()
	if bad {
		v.latch.lock(CauseClock)
	}
	cause, lasted := v.latch.state()
	s := Status{
		Open: cause == "", Cause: cause, Now: now, Quota: v.o.Quota,
		Volatile: v.o.Volatile, Locks: v.latch.closed(), Storage: v.storage, FileSystem: v.system.Name,
	}
	if cause != "" {
		s.Since = now.Add(-lasted)
	}
	if age, ok := v.latch.age(); ok {
		s.Verified = now.Add(-age)
	}
	if v.table != nil {
		s.Slots = v.table.n
		s.Live, s.Bytes = v.table.usage()
	}
	s.Destroyed, s.Took = v.last.get()
	return s
}
