package vault

import (
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

// stopping is a Medium that lets operations wait: until the channel is closed.
type stopping struct {
	Medium
	reads, writes chan struct{}
}

func (s *stopping) ReadAt(p []byte, off int64) (int, error) {
	<-s.reads
	return s.Medium.ReadAt(p, off)
}

func (s *stopping) WriteAt(p []byte, off int64) (int, error) {
	<-s.writes
	return s.Medium.WriteAt(p, off)
}

// hangingWrites lets the writes of the slots hang while act runs, and waits until
// they are through. It is for a synctest bubble.
func (s *stalled) hangingWrites(act func() error) error {
	reads, writes := make(chan struct{}), make(chan struct{})
	close(reads)
	s.table.m = &stopping{s.table.m, reads, writes}
	err := act()
	close(writes)
	synctest.Wait()
	return err
}

// A claim that was given up binds all the same when the disk goes on: from the
// next proof on the reaper knows when its lease ends.
func TestClaimWrittenLateIsErasedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStalled(t, 8, false)
		s.clock.advance(time.Minute)
		err := s.hangingWrites(func() error {
			_, err := s.Claim(s.ref, s.claim, s.reader.Verifier())
			return err
		})
		if !errors.Is(err, ErrLocked) {
			t.Fatalf("claim: %v", err)
		}
		_, sl, ok := s.table.get(s.ref.tag())
		if !ok || sl.state != slotClaimed {
			t.Fatal("the write did not come through: the test is blind")
		}
		sl.lease -= 60 // leases end with the message here: let this one end before
		i := s.table.index[s.ref.tag().short()]
		b := sl.encode()
		if _, err := s.table.m.WriteAt(b[:], offset(i)); err != nil {
			t.Fatal(err)
		}
		if err := s.Maintain(); err != nil {
			t.Fatal(err)
		}
		if next := s.table.nextDue(); next != sl.lease {
			t.Fatalf("the next is thought to be due at %d, want %d", next, sl.lease)
		}
	})
}

// The chunks of a message whose erasure was given up are deleted by the next
// maintenance, though nobody else will.
func TestErasureWrittenLateLeavesNoChunks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStalled(t, 8, false)
		err := s.hangingWrites(func() error { _, err := s.Revoke(s.ref, s.manage); return err })
		if !errors.Is(err, ErrNotProven) {
			t.Fatalf("revoke: %v", err)
		}
		if n := chunksIn(t, s.Vault); n != 1 {
			t.Fatalf("%d chunks: the test is blind", n)
		}
		if err := s.Maintain(); err != nil {
			t.Fatal(err)
		}
		if n := chunksIn(t, s.Vault); n != 0 {
			t.Fatalf("%d chunks are left", n)
		}
	})
}

// An upload that gave way while a part of it was being stored leaves nothing,
// whichever comes first, its deletion or the part.
func TestPartOfAnUploadThatGaveWay(t *testing.T) {
	s := newStalled(t, 8, false)
	ref, upload, err := s.Reserve()
	if err != nil {
		t.Fatal(err)
	}
	before, done := s.uploads.held(), make(chan error)
	s.heap.gate.Lock()
	go func() { done <- s.PutPart(ref, upload, 0, make([]byte, 100)) }()
	for s.uploads.held() == before {
		runtime.Gosched()
	}
	s.uploads.clear()
	s.heap.gate.Unlock()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if !s.heap.strays.Load() {
		t.Fatal("nobody knows of the part")
	}
	if err := s.Maintain(); err != nil || chunksIn(t, s.Vault) != 1 {
		t.Fatalf("%v, %d chunks, want that of the message", err, chunksIn(t, s.Vault))
	}
}

// A slot that is damaged when it falls due waits for maintenance, and the reaper
// does not turn in circles meanwhile.
func TestDamagedSlotThatIsDueIsNotSweptWithoutRest(t *testing.T) {
	s := newStalled(t, 8, false)
	i := s.table.index[s.ref.tag().short()]
	if _, err := s.table.m.WriteAt([]byte{9}, offset(i)); err != nil {
		t.Fatal(err)
	}
	s.clock.advance(time.Hour)
	if err := s.sweepBetween(); err != nil {
		t.Fatal(err)
	}
	if now, next := s.now().Unix(), s.dueAt.get(); next <= now {
		t.Fatalf("the next look is at %d, now is %d", next, now)
	}
	if err := s.Maintain(); err != nil || s.Status().Live != 0 {
		t.Fatalf("maintenance: %v, %d live", err, s.Status().Live)
	}
}

// Badger cannot be closed on a full disk: the operator is told before anything
// is, and the files do not pass for damaged afterwards.
func TestUnlockOnAFullDisk(t *testing.T) {
	s := newStalled(t, 8, false)
	s.latch.lock(CauseFsync)
	s.withoutRoom(t, func() {
		if err := s.Unlock(CauseFsync); !errors.Is(err, ErrFull) {
			t.Fatalf("without room: %v", err)
		}
	})
	if err := s.Unlock(CauseFsync); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Claim(s.ref, s.claim, s.reader.Verifier()); err != nil {
		t.Fatal(err)
	}
}

// That Badger cannot be opened because the disk is full destroys no message when
// the operator has something else that is damaged made anew.
func TestUnlockOfCorruptionOnAFullDisk(t *testing.T) {
	s := newStalled(t, 8, false)
	s.Close()
	v, err := Open(s.dir, s.o)
	if err != nil {
		t.Fatal(err)
	}
	s.Vault = v
	defer v.Close()
	v.latch.lock(CauseCorruption)
	s.withoutRoom(t, func() {
		if err := v.Unlock(CauseCorruption); !errors.Is(err, ErrFull) {
			t.Fatalf("without room: %v", err)
		}
	})
	if cause := v.Status().Cause; cause != CauseDisk {
		t.Fatalf("locked by %q", cause)
	}
	if err := v.Maintain(); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Claim(s.ref, s.claim, s.reader.Verifier()); err != nil {
		t.Fatal(err)
	}
}

// Close does not wait for a maintenance that hangs.
func TestCloseBesideAMaintenanceThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStalled(t, 8, false)
		s.turn <- struct{}{}
		if err := s.Close(); !errors.Is(err, ErrLocked) || s.Status().Open {
			t.Fatalf("%v, open: %v", err, s.Status().Open)
		}
		s.giveTurn()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// A disk that does not answer when the slots are read at start is no damage: the
// vault opens when it does.
func TestStartOnADiskThatDoesNotAnswer(t *testing.T) {
	s := newStalled(t, 8, false)
	s.Close()
	o := s.o
	synctest.Test(t, func(t *testing.T) {
		reads, writes := make(chan struct{}), make(chan struct{})
		close(writes)
		o.Medium = func(m Medium) Medium { return &stopping{m, reads, writes} }
		v, err := Open(s.dir, o)
		if err != nil {
			t.Fatal(err)
		}
		defer v.Close()
		if cause := v.Status().Cause; cause != CauseDisk {
			t.Fatalf("locked by %q", cause)
		}
		if err := v.Maintain(); !errors.Is(err, ErrLocked) {
			t.Fatalf("maintenance while it hangs: %v", err)
		}
		close(reads)
		synctest.Wait()
		if err := v.Maintain(); err != nil {
			t.Fatal(err)
		}
		if _, err := v.State(s.ref, s.manage); err != nil {
			t.Fatal(err)
		}
	})
}
