package vault

import (
	"bytes"
	"errors"
	"os"
	"sync"
	"testing"
	"time"
)

// watched is the slot file, telling of each read of it.
type watched struct {
	Medium
	mu   sync.Mutex
	read chan struct{} // closed by the next read; nil for none
}

func (w *watched) ReadAt(p []byte, off int64) (int, error) {
	n, err := w.Medium.ReadAt(p, off)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.read != nil {
		close(w.read)
		w.read = nil
	}
	return n, err
}

// next returns a channel that the next read closes.
func (w *watched) next() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.read = make(chan struct{})
	return w.read
}

// settable is a clock of which both readings begin at fixed times and move
// together.
type settable struct {
	mu     sync.Mutex
	start  time.Time
	passed time.Duration
	asked  func() // called when the wall is read; nil for nothing
}

func (c *settable) boot() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.passed
}

func (c *settable) wall() time.Time {
	c.mu.Lock()
	asked := c.asked
	c.mu.Unlock()
	if asked != nil {
		asked()
	}
	return c.start.Add(c.boot())
}

func (c *settable) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.passed += d
}

// ask has f called at each reading of the wall.
func (c *settable) ask(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = f
}

// anywhere takes the temporary folder as it is, which on many machines is memory.
func anywhere(string) (FileSystem, error) { return FileSystem{Name: "ext4"}, nil }

// stalled is a vault with one message, whose chunks a test can hold up.
type stalled struct {
	*Vault
	medium                *watched
	clock                 *settable
	ref                   Reference
	claim, manage, reader Key
	data                  []byte
}

func newStalled(t *testing.T, size int, keep bool) *stalled {
	t.Helper()
	s := &stalled{
		medium: new(watched), clock: &settable{start: time.Now().Round(0)},
		claim: Key{1}, manage: Key{2}, reader: Key{3}, data: bytes.Repeat([]byte("content "), size/8),
	}
	v, err := Open(t.TempDir()+"/data", Options{
		Slots: 16, FileSystem: anywhere,
		Clock:  Clock{Wall: s.clock.wall, Boot: s.clock.boot, Synced: func() bool { return true }},
		Medium: func(m Medium) Medium { s.medium.Medium = m; return s.medium },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	s.Vault = v
	if err := v.Maintain(); err != nil {
		t.Fatal(err)
	}
	var upload Key
	if s.ref, upload, err = v.Reserve(); err != nil {
		t.Fatal(err)
	}
	terms := Terms{Lifetime: 5 * time.Minute, Keep: keep, Claim: s.claim.Verifier(), Manage: s.manage.Verifier()}
	if _, err := v.Put(s.ref, upload, s.data, terms); err != nil {
		t.Fatal(err)
	}
	return s
}

// What ends while a call waits for the chunks, as it does while Badger is
// reopened, does not leave: the call had the right when it began, and has
// none when it would answer.
func TestNothingLeavesACallThatWaited(t *testing.T) {
	calls := []struct {
		name string
		keep bool
		call func(t *testing.T, s *stalled) func() ([]byte, error)
	}{
		{"claim", false, claiming},
		{"claim of a kept one", true, claiming},
		{"claim by the same reader again", false, claimingAgain},
		{"read", false, reading},
		{"read of a kept one", true, reading},
	}
	ends := []struct {
		name string
		end  func(t *testing.T, s *stalled)
		want error
	}{
		{"nothing happens", func(*testing.T, *stalled) {}, nil},
		{"it expires", func(_ *testing.T, s *stalled) { s.clock.advance(5 * time.Minute) }, ErrGone},
		{"it is revoked", func(t *testing.T, s *stalled) {
			if _, err := s.Revoke(s.ref, s.manage); err != nil {
				t.Fatal(err)
			}
		}, ErrGone},
		{"a lock comes", func(_ *testing.T, s *stalled) { s.latch.lock(CauseVerification) }, ErrLocked},
	}
	for _, c := range calls {
		for _, e := range ends {
			t.Run(c.name+", "+e.name, func(t *testing.T) {
				s := newStalled(t, 8000, c.keep)
				call := c.call(t, s)
				got, err := s.during(call, func() { e.end(t, s) })
				switch {
				case !errors.Is(err, e.want):
					t.Fatalf("%v, want %v", err, e.want)
				case e.want == nil && !bytes.Equal(got, s.data):
					t.Fatal("read back differs")
				case e.want != nil && len(bytes.Trim(got, "\x00")) > 0:
					t.Fatalf("%d bytes left after the end", len(got))
				}
			})
		}
	}
}

// during holds up the chunks, lets call begin and look its slot up, does what
// happens meanwhile, and lets call go on.
func (s *stalled) during(call func() ([]byte, error), meanwhile func()) (got []byte, err error) {
	begun, ended := s.medium.next(), make(chan struct{})
	s.heap.gate.Lock()
	go func() {
		defer close(ended)
		got, err = call()
	}()
	<-begun
	func() {
		defer s.heap.gate.Unlock()
		meanwhile()
	}()
	<-ended
	return got, err
}

func claiming(_ *testing.T, s *stalled) func() ([]byte, error) {
	return func() ([]byte, error) {
		c, err := s.Claim(s.ref, s.claim, s.reader.Verifier())
		return c.Content, err
	}
}

func claimingAgain(t *testing.T, s *stalled) func() ([]byte, error) {
	again := claiming(t, s)
	if _, err := again(); err != nil {
		t.Fatal(err)
	}
	return again
}

func reading(t *testing.T, s *stalled) func() ([]byte, error) {
	t.Helper()
	claimingAgain(t, s)
	right := s.reader
	if s.keepsTerms() {
		right = s.claim
	}
	c, err := s.Content(s.ref, right)
	if err != nil {
		t.Fatal(err)
	}
	return func() ([]byte, error) {
		p := make([]byte, len(s.data))
		n, err := c.ReadAt(p, 0)
		if n == 0 && err != nil && len(bytes.Trim(p, "\x00")) == 0 {
			return nil, err
		}
		return p, err
	}
}

func (s *stalled) keepsTerms() bool {
	st, err := s.State(s.ref, s.manage)
	return err == nil && st.Keep
}

// A read that got some of its chunks before it found another lost gives none
// of them once the message has ended.
func TestNothingLeavesAReadThatFailsHalfway(t *testing.T) {
	s := newStalled(t, 2*chunkSize, false)
	if _, err := s.Claim(s.ref, s.claim, s.reader.Verifier()); err != nil {
		t.Fatal(err)
	}
	c, err := s.Content(s.ref, s.reader)
	if err != nil {
		t.Fatal(err)
	}
	_, sl, _ := s.table.get(s.ref.tag())
	if err := s.heap.delete(chunkDrop{names: sl.chunks().names[1:]}); err != nil {
		t.Fatal(err)
	}
	n, p := 0, make([]byte, len(s.data))
	_, err = s.during(func() ([]byte, error) {
		var err error
		n, err = c.ReadAt(p, 0)
		return nil, err
	}, func() { s.clock.advance(5 * time.Minute) })
	if !errors.Is(err, ErrGone) {
		t.Fatalf("%v, want %v", err, ErrGone)
	}
	if n != 0 || len(bytes.Trim(p, "\x00")) > 0 {
		t.Fatalf("%d bytes left after expiry", n)
	}
}

// A part that was refused for want of room is not there: it does not count
// when committing, nor against the uploads under way, and what was stored
// before stays as it was.
func TestRefusedPartDoesNotCount(t *testing.T) {
	s := newStalled(t, 8, false)
	claim := Key{4}
	terms := Terms{Lifetime: time.Hour, Claim: claim.Verifier()}
	small, large := []byte("small"), make([]byte, 1000)
	for _, c := range []struct {
		name   string
		before []byte // stored before the refusal
	}{{"nothing was stored", nil}, {"other content was stored", small}} {
		t.Run(c.name, func(t *testing.T) {
			ref, upload, err := s.Reserve()
			if err != nil {
				t.Fatal(err)
			}
			if c.before != nil {
				if err := s.PutPart(ref, upload, 0, c.before); err != nil {
					t.Fatal(err)
				}
			}
			charged := s.uploads.bytes
			s.withoutRoom(t, func() {
				if err := s.PutPart(ref, upload, 0, large); !errors.Is(err, ErrFull) {
					t.Fatalf("part without room: %v", err)
				}
				if _, err := s.Put(ref, upload, large, terms); !errors.Is(err, ErrFull) {
					t.Fatalf("put without room: %v", err)
				}
			})
			if s.uploads.bytes != charged {
				t.Errorf("%d bytes charged, want %d", s.uploads.bytes, charged)
			}
			var missing *IncompleteError
			if _, err := s.Commit(ref, upload, 1, int64(len(large)), terms); !errors.As(err, &missing) {
				t.Fatalf("commit of the refused part: %v", err)
			}
			content := large
			if c.before != nil {
				content = c.before
			} else if err := s.PutPart(ref, upload, 0, large); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Commit(ref, upload, 1, int64(len(content)), terms); err != nil {
				t.Fatal(err)
			}
			got, err := s.Claim(ref, claim, s.reader.Verifier())
			if err != nil || !bytes.Equal(got.Content, content) {
				t.Fatalf("claim: %v, %d bytes", err, len(got.Content))
			}
		})
	}
}

// withoutRoom makes the free space that of a file system without any.
func (s *stalled) withoutRoom(t *testing.T, f func()) {
	t.Helper()
	none, err := os.Open("/proc/self/stat")
	if err != nil {
		t.Fatal(err)
	}
	real := s.folder.lock
	s.folder.lock = none
	defer func() { s.folder.lock = real; none.Close() }()
	if n, err := s.folder.free(); err != nil || n != 0 {
		t.Fatalf("%d bytes free (%v): the test is blind", n, err)
	}
	f()
}

// A part that was refused because something locked on the way is not there
// either, once the vault is open again.
func TestPartRefusedByTheLockDoesNotCount(t *testing.T) {
	s := newStalled(t, 8, false)
	ref, upload, err := s.Reserve()
	if err != nil {
		t.Fatal(err)
	}
	readings := 0
	s.clock.ask(func() {
		if readings++; readings == 2 { // the first is at the door
			s.latch.lock(CauseVerification)
		}
	})
	part := make([]byte, 1000)
	err = s.PutPart(ref, upload, 0, part)
	s.clock.ask(nil)
	if readings > 1 && !errors.Is(err, ErrLocked) {
		t.Fatalf("part amid a lock: %v", err)
	}
	stored := err == nil
	if err := s.Maintain(); err != nil {
		t.Fatal(err)
	}
	var missing *IncompleteError
	_, err = s.Commit(ref, upload, 1, int64(len(part)), Terms{Lifetime: time.Hour})
	if !stored && !errors.As(err, &missing) {
		t.Fatalf("commit of the refused part: %v", err)
	}
}
