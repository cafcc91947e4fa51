package vault_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ashpost/vault"
	"ashpost/vault/vaulttest"
)

// held is a message in the model.
type held struct {
	*vaulttest.Message
	claimed, touched bool // touched: claimed at least once
	expires, lease   time.Time
}

// due says whether the message must not exist at now.
func (h *held) due(now time.Time) bool {
	return !now.Before(h.expires) || h.claimed && !now.Before(h.lease)
}

// extend is progress of the reader: it counts when half a lease was used.
func (h *held) extend(now time.Time) {
	end := now.Add(vault.LeaseTime)
	if end.After(h.expires) {
		end = h.expires
	}
	if h.lease.IsZero() || end.Sub(h.lease) >= vault.LeaseTime/2 {
		h.lease = end
	}
}

// model is what a vault should be: a list, a clock and a lock.
type model struct {
	t        *rapid.T
	v        *vault.Vault
	o        vault.Options
	clock    *vaulttest.Clock
	root     string
	dir      string
	homes    int
	now      time.Time // never goes back
	mark     time.Time // what a new process knows of the time
	live     []*held
	ended    []*vaulttest.Message
	verified time.Time // by the monotonic clock, which here runs with now
}

// Whatever senders, readers, strangers, clocks and crashes do, in any order,
// the vault answers as a list of messages would.
func TestVaultIsItsModel(t *testing.T) {
	defer fewChecks(t, "40")()
	root := filepath.Dir(vaulttest.FastDir(t))
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp(root, "model-")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		m := &model{t: t, root: dir, clock: vaulttest.NewClock()}
		m.o = vaulttest.Options(m.clock, new(vaulttest.Layer))
		m.o.Slots, m.now = 32, m.clock.Clock().Wall()
		m.dir = m.home()
		m.open()
		defer func() { m.v.Close() }()
		t.Repeat(map[string]func(*rapid.T){
			"create": m.create, "create another": m.create, "claim": m.claim, "claim again": m.claim, "read": m.read,
			"acknowledge": m.acknowledge, "revoke": m.revoke, "the wrong key": m.wrongKey,
			"time passes": m.pass, "maintain": func(*rapid.T) { m.maintain() },
			"close": m.close, "crash": m.crash, "set back": m.setBack, "set ahead": m.setAhead, "": m.check,
		})
	})
}

// fewChecks makes rapid check less often than by default, unless the command line
// says how often.
func fewChecks(t *testing.T, checks string) (restore func()) {
	if testing.Short() {
		checks = "5"
	}
	before := flag.Lookup("rapid.checks").Value.String()
	if before != "100" {
		return func() {}
	}
	must(t, flag.Set("rapid.checks", checks))
	return func() { flag.Set("rapid.checks", before) }
}

func (m *model) home() string {
	m.homes++
	return filepath.Join(m.root, string(rune('a'+m.homes%26)), "data")
}

func (m *model) open() {
	v, err := vault.Open(m.dir, m.o)
	if err != nil {
		m.t.Fatal(err)
	}
	m.v = v
	if s := v.Status(); s.Open || s.Cause != vault.CauseStarting {
		m.t.Fatalf("open before a proof: %+v", s)
	}
	m.now = m.clock.Clock().Wall()
	if m.now.Before(m.mark) {
		m.now = m.mark
	}
	m.maintain()
}

func (m *model) maintain() {
	if err := m.v.Maintain(); err != nil {
		m.t.Fatal(err)
	}
	m.mark, m.verified = m.now, m.now
	m.sweep()
	if s := m.v.Status(); s.Live != len(m.live) || !s.Open {
		m.t.Fatalf("%d messages, open %v; want %d", s.Live, s.Open, len(m.live))
	}
}

// sweep moves what is due to what has ended.
func (m *model) sweep() {
	var live []*held
	for _, h := range m.live {
		if h.due(m.now) {
			m.ended = append(m.ended, h.Message)
		} else {
			live = append(live, h)
		}
	}
	m.live = live
}

// check holds everything against the model.
func (m *model) check(*rapid.T) {
	s := m.v.Status()
	if !s.Now.Equal(m.now) {
		m.t.Fatalf("the vault's time is %v, want %v", s.Now, m.now)
	}
	if open := m.now.Sub(m.verified) <= 75*time.Minute; s.Open != open {
		m.t.Fatalf("%+v, want open %v", s, open)
	}
	if !s.Open {
		m.maintain()
	}
	m.sweep()
	for _, h := range m.live {
		st, err := m.v.State(h.Ref, h.Manage)
		if err != nil || st.Claimed != h.touched || st.Keep != h.Terms.Keep || st.Left != h.expires.Sub(m.now) ||
			h.claimed && st.Lease != h.lease.Sub(m.now) {
			m.t.Fatalf("%+v %v, want %+v", st, err, h)
		}
	}
	for _, e := range m.ended {
		_, err := m.v.State(e.Ref, e.Manage)
		_, cerr := m.v.Claim(e.Ref, e.Claim, e.Reader.Verifier())
		m.is(err, vault.ErrGone)
		m.is(cerr, vault.ErrGone)
	}
	if n := len(m.ended); n > 20 {
		m.ended = m.ended[n-20:]
	}
}

func (m *model) is(err, target error) {
	m.t.Helper()
	if !errors.Is(err, target) {
		m.t.Fatalf("%v, want %v", err, target)
	}
}

// one picks a message that lives.
func (m *model) one(t *rapid.T) *held {
	m.sweep()
	if len(m.live) == 0 {
		t.Skip()
	}
	return rapid.SampledFrom(m.live).Draw(t, "message")
}

func (m *model) create(t *rapid.T) {
	size := rapid.SampledFrom([]int{1, 300, 300, 70 << 10, vault.SmallSize + 1}).Draw(t, "size")
	h := &held{Message: vaulttest.Draw(size)}
	h.Terms.Keep = rapid.IntRange(0, 3).Draw(t, "keep") == 0
	h.Terms.Lifetime = time.Duration(rapid.IntRange(60, 4*3600).Draw(t, "seconds")) * time.Second
	full := m.v.Status().Live*100 >= m.o.Slots*vault.FullAt
	switch err := h.Put(m.v); {
	case full:
		m.is(err, vault.ErrFull)
	case err != nil:
		t.Fatal(err)
	default:
		h.expires = m.now.Add(h.Terms.Lifetime)
		m.live = append(m.live, h)
	}
}

func (m *model) claim(t *rapid.T) {
	h := m.one(t)
	if h.claimed {
		_, err := m.v.Claim(h.Ref, h.Claim, key().Verifier())
		m.is(err, vault.ErrGone)
	}
	c, err := m.v.Claim(h.Ref, h.Claim, h.Reader.Verifier())
	if err != nil || c.Size != int64(len(h.Data)) || c.Content != nil && !bytes.Equal(c.Content, h.Data) {
		t.Fatalf("claim: %v %d", err, c.Size)
	}
	h.touched = true
	if !h.Terms.Keep {
		h.claimed = true
		h.extend(m.now)
	}
}

func (m *model) read(t *rapid.T) {
	h := m.one(t)
	right := h.Reader
	if h.Terms.Keep {
		right = h.Claim
	}
	c, err := m.v.Content(h.Ref, right)
	if !h.claimed && !h.Terms.Keep {
		m.is(err, vault.ErrGone)
		return
	}
	got := make([]byte, len(h.Data))
	if err != nil {
		t.Fatal(err)
	}
	if n, err := c.ReadAt(got, 0); err != nil || !bytes.Equal(got, h.Data) {
		t.Fatalf("read %d bytes: %v", n, err)
	}
	if h.claimed {
		h.extend(m.now)
	}
}

// end moves a message to what has ended.
func (m *model) end(h *held) {
	h.expires = m.now
	m.sweep()
}

func (m *model) acknowledge(t *rapid.T) {
	h := m.one(t)
	if !h.claimed {
		m.is(m.v.Acknowledge(h.Ref, h.Reader), vault.ErrGone)
		return
	}
	for range 2 {
		m.is(m.v.Acknowledge(h.Ref, h.Reader), nil)
	}
	m.end(h)
}

func (m *model) revoke(t *rapid.T) {
	h := m.one(t)
	if was, err := m.v.Revoke(h.Ref, h.Manage); err != nil || was != h.touched {
		t.Fatalf("revoke: %v %v", was, err)
	}
	m.end(h)
}

func (m *model) wrongKey(t *rapid.T) {
	h := m.one(t)
	_, err := m.v.Claim(h.Ref, h.Manage, h.Reader.Verifier())
	m.is(err, vault.ErrGone)
	_, err = m.v.Content(h.Ref, h.Manage)
	m.is(err, vault.ErrGone)
	_, err = m.v.Revoke(h.Ref, h.Claim)
	m.is(err, vault.ErrGone)
	m.is(m.v.Acknowledge(h.Ref, h.Claim), vault.ErrGone)
}

func (m *model) pass(t *rapid.T) {
	d := time.Duration(rapid.OneOf(rapid.IntRange(1, 700), rapid.IntRange(1, 5000)).Draw(t, "seconds")) * time.Second
	m.clock.Advance(d)
	m.now = m.now.Add(d)
	if wall := m.clock.Clock().Wall(); wall.After(m.now) {
		m.t.Fatalf("the model lost its time")
	}
}

// remember has the time persisted: a process that ends and finds the clock set
// back knows the time of its last maintenance only.
func (m *model) remember() {
	if m.clock.Clock().Wall().Before(m.now) {
		m.maintain()
	}
}

func (m *model) close(*rapid.T) {
	m.remember()
	if err := m.v.Close(); err != nil {
		m.t.Fatal(err)
	}
	m.open()
}

// crash goes on with a copy of the folder as it was while in use. Badger's
// files are taken after it closed: it deletes in the background, and a copy
// made file by file meanwhile is of no single moment, which no crash leaves.
func (m *model) crash(*rapid.T) {
	m.remember()
	to := m.home()
	if err := vaulttest.CopyFolder(m.dir, to); err != nil {
		m.t.Fatal(err)
	}
	m.v.Close()
	err := errors.Join(
		os.RemoveAll(filepath.Join(to, "badger")),
		os.CopyFS(filepath.Join(to, "badger"), os.DirFS(filepath.Join(m.dir, "badger"))),
		os.RemoveAll(m.dir),
	)
	if err != nil {
		m.t.Fatal(err)
	}
	m.dir = to
	m.open()
}

// setBack sets the wall clock back: time goes on from where it was.
func (m *model) setBack(t *rapid.T) {
	m.clock.Set(-time.Duration(rapid.IntRange(1, 86400).Draw(t, "seconds")) * time.Second)
}

// setAhead sets the wall clock ahead by more than is believed. While anything
// is held it locks, destroys nothing, and a new process with the right time
// serves.
func (m *model) setAhead(t *rapid.T) {
	m.maintain()
	if len(m.live) == 0 {
		t.Skip()
	}
	behind := m.now.Sub(m.clock.Clock().Wall())
	ahead := time.Duration(rapid.IntRange(3601, 400*86400).Draw(t, "seconds")) * time.Second
	m.clock.Set(behind + ahead)
	if s := m.v.Status(); s.Cause != vault.CauseClock || !s.Now.Equal(m.now) {
		t.Fatalf("%+v, want locked at %v", s, m.now)
	}
	_, _, err := m.v.Reserve()
	m.is(err, vault.ErrLocked)
	if m.v.Maintain() == nil || m.v.Status().Live != len(m.live) {
		t.Fatalf("maintained at a wrong time: %+v", m.v.Status())
	}
	m.clock.Set(-ahead)
	if err := m.v.Close(); err != nil {
		t.Fatal(err)
	}
	m.open()
}
