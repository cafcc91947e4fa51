package vault

import (
	"container/list"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"sync"
	"time"
)

// reservation is an upload under way, in RAM alone. Its slot key exists
// nowhere else until the commit: a crash turns its chunks into noise. Once
// committed it holds only the receipt, for senders whose answer was lost.
type reservation struct {
	tag    tag
	upload Verifier
	handle handle

	mu   sync.Mutex // one request at a time; guards key and done
	key  [32]byte   // zero once committed
	done *receipt

	// guarded by reservations.mu
	place  *list.Element // in uploads or receipts; nil once forgotten
	reply  bool          // made from the room that is left for replies
	parts  map[int]int64 // sizes
	bytes  int64
	used   time.Duration // Boot() of the last request
	unsure bool          // a commit failed: its slot may be written all the same
	held   bool          // being committed: must not be evicted
	kept   bool          // committed: in receipts, not in uploads
}

// receipt answers a repeated commit.
type receipt struct {
	fingerprint [sha256.Size]byte
	expires     time.Time
}

// reservations bounds what uploads under way may take. Both lists have the
// idlest in front.
type reservations struct {
	boot    func() time.Duration
	limit   int64                               // bytes of all uploads
	discard func(h handle, parts map[int]int64) // must not block; nil parts may be a slot's

	mu       sync.Mutex
	all      map[tag]*reservation
	uploads  *list.List
	receipts *list.List
	bytes    int64
}

func newReservations(boot func() time.Duration, limit int64, discard func(handle, map[int]int64)) *reservations {
	return &reservations{
		boot: boot, limit: limit, discard: discard,
		all: make(map[tag]*reservation), uploads: list.New(), receipts: list.New(),
	}
}

// add makes a reservation. Where there are too many, the idlest one without
// content gives way: a flood of empty reservations pushes out its own kind,
// not what others have uploaded.
func (rs *reservations) add(reply bool) (Reference, Key, error) {
	var ref Reference
	var upload Key
	r := &reservation{reply: reply, parts: make(map[int]int64)}
	rand.Read(ref[:])
	rand.Read(upload[:])
	rand.Read(r.key[:])
	r.tag, r.upload, r.handle = ref.tag(), upload.Verifier(), chunkHandle(&r.key)
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rs.uploads.Len() >= maxReservations && !rs.evict(empty) && !rs.evict(holding) {
		return ref, upload, ErrBusy
	}
	r.used = rs.boot()
	r.place = rs.uploads.PushBack(r)
	rs.all[r.tag] = r
	return ref, upload, nil
}

// take returns the reservation, locked for its caller, who must unlock it.
func (rs *reservations) take(ref Reference, upload Key) (*reservation, error) {
	rs.mu.Lock()
	r := rs.all[ref.tag()]
	if r == nil || !upload.matches(r.upload) {
		rs.mu.Unlock()
		return nil, ErrGone
	}
	rs.touch(r)
	rs.mu.Unlock()
	r.mu.Lock()
	return r, nil
}

// touch is called with mu held, on a reservation that was not forgotten.
func (rs *reservations) touch(r *reservation) {
	r.used = rs.boot()
	if !r.kept {
		rs.uploads.MoveToBack(r.place)
	}
}

// charge accounts for part n of size bytes before it is stored. Idler uploads
// give way to it.
func (rs *reservations) charge(r *reservation, n int, size int64) error {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if r.place == nil {
		return ErrGone
	}
	more := size - r.parts[n]
	if more < 0 {
		return ErrConflict // a shorter part would leave chunks that no slot names
	}
	if r.bytes+more > rs.limit {
		return ErrFull // nobody's giving way would help
	}
	r.held = true // not evicted by its own charge
	defer func() { r.held = false }()
	for rs.bytes+more > rs.limit {
		if !rs.evict(holding) {
			return ErrFull
		}
	}
	r.parts[n] = size
	r.bytes += more
	rs.bytes += more
	return nil
}

// uncharge forgets a part that was not stored after all.
func (rs *reservations) uncharge(r *reservation, n int) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if r.place != nil {
		r.bytes -= r.parts[n]
		rs.bytes -= r.parts[n]
		delete(r.parts, n)
	}
}

// hold keeps r from being evicted while it is committed, and returns its
// parts.
func (rs *reservations) hold(r *reservation) (map[int]int64, error) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if r.place == nil {
		return nil, ErrGone
	}
	r.held = true
	return r.parts, nil
}

// release ends hold, err being what came of the commit. A committed reservation
// keeps its receipt alone.
func (rs *reservations) release(r *reservation, err error) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	r.held = false
	if err != nil {
		r.unsure = r.unsure || errors.Is(err, ErrLocked)
		return
	}
	rs.bytes -= r.bytes
	r.bytes, r.parts, r.kept = 0, nil, true
	rs.uploads.Remove(r.place)
	r.place = rs.receipts.PushBack(r)
	if rs.receipts.Len() > maxReservations {
		rs.forget(rs.receipts.Front().Value.(*reservation))
	}
}

// empty and holding are the two kinds of uploads that can give way.
func empty(r *reservation) bool   { return r.bytes == 0 }
func holding(r *reservation) bool { return r.bytes > 0 }

// held is how many bytes the uploads under way take.
func (rs *reservations) held() int64 {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return rs.bytes
}

// evict forgets the idlest upload of a kind. It is called with mu held.
func (rs *reservations) evict(kind func(*reservation) bool) bool {
	for e := rs.uploads.Front(); e != nil; e = e.Next() {
		if r := e.Value.(*reservation); kind(r) && !r.held {
			rs.forget(r)
			return true
		}
	}
	return false
}

// forget is called with mu held.
func (rs *reservations) forget(r *reservation) {
	delete(rs.all, r.tag)
	if !r.kept {
		rs.uploads.Remove(r.place)
		if r.unsure {
			r.parts = nil
		}
		rs.discard(r.handle, r.parts)
	} else {
		rs.receipts.Remove(r.place)
	}
	r.place = nil
	rs.bytes -= r.bytes
	r.bytes = 0
}

// drop forgets r, and its parts unless they became a slot's.
func (rs *reservations) drop(r *reservation) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if r.place != nil {
		rs.forget(r)
	}
}

// forgot reports whether r is no longer an upload.
func (rs *reservations) forgot(r *reservation) bool {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return r.place == nil
}

// expire forgets what has been idle too long.
func (rs *reservations) expire() {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	for _, l := range []*list.List{rs.uploads, rs.receipts} {
		for e := l.Front(); e != nil; {
			r := e.Value.(*reservation)
			e = e.Next()
			if rs.boot()-r.used > reservationIdle && !r.held {
				rs.forget(r)
			}
		}
	}
}

// clear forgets every upload.
func (rs *reservations) clear() {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	for _, r := range rs.all {
		if !r.held {
			rs.forget(r)
		}
	}
}

// holding reports whether any upload has content.
func (rs *reservations) holding() bool {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return rs.bytes > 0
}

// handles names the chunks that uploads under way own.
func (rs *reservations) handles(each func(handle)) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	for e := rs.uploads.Front(); e != nil; e = e.Next() {
		each(e.Value.(*reservation).handle)
	}
}
