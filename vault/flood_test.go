package vault

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	mrand "math/rand/v2"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A day of a vault as full as it gets: whatever is taken is created at once by two senders, a
// part of it is claimed, acknowledged or revoked, the rest falls due, and the
// reaper sweeps and maintains as [Vault.Run] does. It never locks, nothing is
// there after the sweep that follows its time, and nothing piles up. (The
// reaper's own timers are tested by TestReaper.)
func TestFloodForADay(t *testing.T) {
	hours := 24
	if testing.Short() {
		hours = 3
	}
	const slots, size = 64, 2000
	clock := &settable{start: time.Now().Round(0)}
	dir := t.TempDir() + "/data"
	v, err := Open(dir, Options{
		Slots: slots, Quota: slots * size, FileSystem: anywhere,
		Clock: Clock{Wall: clock.wall, Boot: clock.boot, Synced: func() bool { return true }},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if err := v.Maintain(); err != nil {
		t.Fatal(err)
	}
	var f flood
	routines, full := runtime.NumGoroutine(), 0
	for next := time.Hour; clock.boot() < time.Duration(hours)*time.Hour; clock.advance(2 * time.Minute) {
		if clock.boot() >= next {
			next = clock.boot() + maintainEvery
			err = v.Maintain()
			v.dueAt.forget()
		} else {
			err = v.sweepBetween()
		}
		s := v.Status()
		if err != nil || !s.Open {
			t.Fatalf("after %v: %v %+v", clock.boot(), err, s)
		}
		if n := overdue(t, dir, s.Now); n > 0 {
			t.Fatalf("after %v: %d slots are overdue", clock.boot(), n)
		}
		if err := f.fill(v, size); !errors.Is(err, ErrFull) {
			t.Fatalf("after %v: %v", clock.boot(), err)
		}
		if s := v.Status(); s.Live*100 >= slots*FullAt && s.Bytes == int64(s.Live)*size {
			full++
		}
		if n := runtime.NumGoroutine(); n > routines+16 {
			t.Fatalf("after %v: %d goroutines, at first %d", clock.boot(), n, routines)
		}
	}
	if int(f.created.Load()) < hours*slots/2 || full < hours*25 {
		t.Fatalf("%d messages, full %d times in %d hours: the test is blind", f.created.Load(), full, hours)
	}
	t.Logf("%d messages, full %d times", f.created.Load(), full)
	clock.advance(121 * time.Minute)
	if err := v.Maintain(); err != nil {
		t.Fatal(err)
	}
	if s := v.Status(); s.Live != 0 || s.Bytes != 0 {
		t.Fatalf("something leaked: %+v", s)
	}
}

// overdue counts the slots in the file that were due at now.
func overdue(t *testing.T, dir string, now time.Time) (n int) {
	t.Helper()
	b, err := os.ReadFile(dir + "/slots")
	if err != nil {
		t.Fatal(err)
	}
	for o := headerSize; o < len(b); o += slotSize {
		end := int64(binary.BigEndian.Uint64(b[o+8:]))
		if slotState(b[o]) == slotClaimed {
			end = min(end, int64(binary.BigEndian.Uint64(b[o+24:])))
		}
		if b[o] != 0 && end <= now.Unix() {
			n++
		}
	}
	return n
}

// flood is what the senders do.
type flood struct{ created atomic.Int64 }

// fill creates messages until the vault refuses, and ends some of them.
func (f *flood) fill(v *Vault, size int) error {
	errs := make([]error, 2)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			for errs[i] == nil {
				errs[i] = f.one(v, size)
			}
		})
	}
	all.Wait()
	for _, err := range errs {
		if !errors.Is(err, ErrFull) {
			return err
		}
	}
	return ErrFull
}

func (f *flood) one(v *Vault, size int) error {
	ref, upload, err := v.Reserve()
	if err != nil {
		return err
	}
	content := make([]byte, size)
	rand.Read(content)
	claim, manage, reader := Key{1}, Key{2}, Key{3}
	terms := Terms{
		Lifetime: time.Duration(60+mrand.IntN(120*60)) * time.Second,
		Claim:    claim.Verifier(), Manage: manage.Verifier(),
	}
	if _, err := v.Put(ref, upload, content, terms); err != nil {
		return err
	}
	f.created.Add(1)
	fate := mrand.IntN(8)
	if fate < 3 {
		if _, err := v.Claim(ref, claim, reader.Verifier()); err != nil {
			return err
		}
	}
	switch fate {
	case 0:
		err = v.Acknowledge(ref, reader)
	case 1, 3:
		_, err = v.Revoke(ref, manage)
	}
	return err
}
