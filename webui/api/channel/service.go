package channel

import (
	"encoding/binary"
	"net/http"
	"sync"
	"time"
)

// The bounds of what the service keeps; PROTOCOL.md, "What the service keeps".
const (
	renewAfter   = time.Hour
	idleAfter    = 15 * time.Minute
	mostChannels = 4096
	mostOpenings = 65536
	recordHead   = 1 + 1 + 16 + 8
)

// RecordSize is the size of the largest record whose request has a body of this
// many bytes.
func RecordSize(body int) int {
	return recordHead + openingSize + int(sealedSize(int64(longestHead+body)))
}

// open is one channel of a client, or one session of an owner.
type open struct {
	shared
	owner string // the session's recipient

	// guarded by Service.mu
	numbers window
	used    time.Time
}

// Service is the service's end of all channels. Its methods may be called from
// any goroutine. The zero value is not ready: see [NewService].
type Service struct {
	now func() time.Time

	mu      sync.Mutex
	current *epoch
	before  *epoch // nil at first
	open    kept
	pending kept // sessions whose owner has not answered yet
}

// NewService makes the first identity.
func NewService() (*Service, error) {
	s := &Service{now: time.Now}
	return s, s.Forget()
}

// Request is what came through a channel.
type Request struct {
	Method string
	Path   string // as on the wire, unchecked
	Header http.Header
	Body   []byte // in the memory of the record
	// Owner is the recipient whose identity the sender holds, proven by a session;
	// "" outside of one.
	Owner string

	channel *open
	number  uint64
}

// Opens says whether a record would open another channel, which takes work with
// keys and a place among the channels.
func (s *Service) Opens(record []byte) bool {
	if len(record) < recordHead || record[1] != 1 {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open.get(ID(record[2:18]), s.now()) == nil
}

// Open opens one record, in place. address is the host the client asked for.
// Every failure is [ErrRefused], and costs a number only if the record was true.
// [ErrUnknown] is the one that clients cause without a fault of theirs.
func (s *Service) Open(address string, record []byte) (*Request, error) {
	if len(record) < recordHead || record[0] != 1 || record[1] > 1 {
		return nil, ErrRefused
	}
	id, number := ID(record[2:18]), binary.BigEndian.Uint64(record[18:26])
	frames := record[recordHead:]
	var opening []byte
	if record[1] == 1 {
		if len(frames) < openingSize {
			return nil, ErrRefused
		}
		opening, frames = frames[:openingSize], frames[openingSize:]
		if idOf(opening) != id {
			return nil, ErrRefused
		}
	}
	c, fresh, err := s.find(id, address, opening)
	if err != nil {
		return nil, err
	}
	text, err := openFrames(c.client, id, number, frames)
	if err != nil {
		return nil, err
	}
	r, err := parse(text)
	if err != nil {
		return nil, err
	}
	if fresh != nil {
		if c, err = s.adopt(c, fresh); err != nil {
			return nil, err
		}
	}
	if err := s.take(c, number); err != nil {
		return nil, err
	}
	r.channel, r.number, r.Owner = c, number, c.owner
	return r, nil
}

func parse(text []byte) (*Request, error) {
	line, header, body, err := readHead(text, requestHeaders)
	if err != nil {
		return nil, err
	}
	method, path, err := target(line)
	if err != nil {
		return nil, err
	}
	return &Request{Method: method, Path: path, Header: header, Body: body}, nil
}

// find gives the channel of an id: one that is open, a session that waits for
// its first record, or one that an opening makes, with the epoch it belongs to. The latter is not kept yet.
func (s *Service) find(id ID, address string, opening []byte) (*open, *epoch, error) {
	s.mu.Lock()
	now := s.now()
	for _, k := range []*kept{&s.open, &s.pending} {
		if c := k.get(id, now); c != nil {
			s.mu.Unlock()
			return c, nil, nil
		}
	}
	if err := s.freshen(); err != nil {
		s.mu.Unlock()
		return nil, nil, err
	}
	epochs, again := s.epochs(), s.seen(id)
	s.mu.Unlock()
	if opening == nil || again {
		return nil, nil, ErrUnknown
	}
	for _, e := range epochs { // the work with keys is done outside of the lock
		k1, err := unseal(e.identity, opening)
		if err != nil {
			continue
		}
		keys, err := derive(k1, address, e.recipient, opening)
		clear(k1)
		if err != nil {
			return nil, nil, ErrRefused
		}
		return &open{shared: keys}, e, nil
	}
	return nil, nil, ErrUnknown
}

// adopt keeps a channel whose first record has opened, and gives the one that
// counts: two records with one opening may arrive together.
func (s *Service) adopt(c *open, e *epoch) (*open, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e != s.current && e != s.before { // forgotten meanwhile
		return nil, ErrRefused
	}
	now := s.now()
	if first := s.open.get(c.id, now); first != nil {
		return first, nil
	}
	if s.seen(c.id) {
		return nil, ErrRefused
	}
	e.seen[c.id] = struct{}{}
	s.open.put(c, now)
	if len(e.seen) >= mostOpenings {
		if err := s.renew(); err != nil {
			return nil, err
		}
		s.before = nil
	}
	return c, nil
}

// take accepts a request's number once, and none of a channel that ended since it
// was found.
func (s *Service) take(c *open, number uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if s.pending.get(c.id, now) == c { // a record under its keys has opened: that proves it
		s.pending.drop(c.id)
		s.open.put(c, now)
	}
	if s.open.get(c.id, now) != c {
		return ErrUnknown
	}
	if !c.numbers.accept(number) {
		return ErrRefused
	}
	s.open.use(c, now)
	return nil
}
